"""What kind of meeting a EURING record tells of, by the rules of a table: the first that fits decides."""

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.model import PositionOf
from wildways.readers.euring.fields import Codes, Mask, as_keys
from wildways.readers.euring.layout import Records
from wildways.readers.fields import load_table

_CODED = ("primary_identification_method", "metal_ring_information", "other_marks", "condition", "circumstances")


def find_events(records: Records) -> tuple[pa.StringArray, pa.StringArray]:
    """Tell marking, recapture, resighting and recovery apart, and what the position is of.

    The rules are in ``data/euring_events.csv``, in order: dead birds are recoveries; a mark put on, without days
    elapsed since, is a marking; birds identified without being caught are resightings; birds in the hand and released
    again are recaptures; all else is a recovery. A marking has its position at the marking place, all others at the
    finding place.
    """
    rules = load_table("euring/events.csv")
    columns = {name: _codes(records, name) for name in _CODED}
    is_elapsed = _is_elapsed(records.field("derived_data_elapsed_time"))
    fits = [_fits(rule, columns, is_elapsed) for rule in rules]
    rule_of = np.argmax(fits, axis=0)
    names = pa.array([rule["event"] for rule in rules], pa.string())
    places = pa.array([_place_of(rule["event"]) for rule in rules], pa.string())
    return names.take(pa.array(rule_of)), places.take(pa.array(rule_of))


def _codes(records: Records, name: str) -> Codes:
    return records.field("other_marks_information")[:, 1:] if name == "other_marks" else records.field(name)


def _fits(rule: dict[str, str], columns: dict[str, Codes], is_elapsed: Mask) -> Mask:
    fits = np.ones(len(is_elapsed), dtype=bool)
    for name, codes in columns.items():
        if rule[name]:
            fits &= _is_among(codes, rule[name])
    return fits & (is_elapsed == (rule["elapsed"] == "yes")) if rule["elapsed"] else fits


def _is_among(codes: Codes, wanted: str) -> Mask:
    among: Mask = _members(wanted)[as_keys(codes)]
    return among


@cache
def _members(wanted: str) -> NDArray[np.bool_]:
    codes = wanted.split()
    members = np.zeros(256 ** len(codes[0]), dtype=bool)
    members[[int.from_bytes(code.encode()) for code in codes]] = True
    return members


def _is_elapsed(codes: Codes) -> Mask:
    """Whether days since the marking are given and more than none."""
    elapsed = np.zeros(len(codes), dtype=bool)
    for column in codes.T:
        elapsed |= (column > ord("0")) & (column <= ord("9"))
    return elapsed


def _place_of(event: str) -> PositionOf:
    return PositionOf.MARKING_PLACE if event == "marking" else PositionOf.FINDING_PLACE
