"""What the codes of the findings on Movebank data mean, in whole sentences, and what to do about them."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from wildways.model import BadInput, Finding, Place
from wildways.readers.contract import Account
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.parsing import Parser
from wildways.readers.tally import Tally

REFUSED = MappingProxyType(
    {
        "sensor-without-position": (
            "These rows come from a sensor that gives no position.",
            "They are no fixes; nothing to do.",
        ),
        "no-position": (
            "These rows have no coordinates.",
            "A tag that found no satellites leaves such rows; nothing to do.",
        ),
        "longitude-unreadable": (
            "The longitude is not a number.",
            "Write decimal degrees with a point, for example -109.98.",
        ),
        "latitude-unreadable": (
            "The latitude is not a number.",
            "Write decimal degrees with a point, for example 42.74.",
        ),
        "latitude-range": (
            "The latitude is outside -90…90.",
            "Are longitude and latitude swapped? Set columns in the module.",
        ),
        "longitude-range": (
            "The longitude is outside -180…360.",
            "Are the columns projected? Set crs in the module.",
        ),
        "position-outside-crs": (
            "The coordinates lie outside the CRS of the source.",
            "Check crs in the module, and that x and y are not swapped.",
        ),
        "time-missing": ("These rows have no time.", "Correct the source, or leave them out."),
        "time-unreadable": (
            "The time cannot be read, or lies before 1900.",
            "Write it like 2024-05-31 14:30:00.",
        ),
        "time-nonexistent": (
            "The clock was set forward over this time, so it never was.",
            "Check time_zone in the module; a tag often keeps standard time all year.",
        ),
        "time-future": ("The time lies in the future.", "Check the tag's clock and the order of day and month."),
        "no-animal": ("These rows name no animal.", "The tag was not deployed, or the deployment is not recorded."),
        "deployment-repeated": (
            "The deployment stands in the file more than once; the first row was kept.",
            "Give every deployment an id of its own.",
        ),
    }
)
"""Reasons for refusing rows: message and hint."""

REMARKED = MappingProxyType(
    {
        "longitude-wrapped": ("Longitudes above 180 were read as west, 360 less.", ""),
        "position-zero": (
            "The position is 0° N 0° E, which tags write when they know none.",
            "Mark these rows as outliers if the animal was elsewhere.",
        ),
        "time-ambiguous": (
            "The clock showed this time twice, when it was set back; the first was taken.",
            "Give times in UTC.",
        ),
        "mark-unreadable": (
            "The outlier mark is neither true nor false and counts as not given.",
            "Write true or false.",
        ),
        "study-assumed": (
            "The rows name no study; the source stands for it.",
            "Set study in the module.",
        ),
        "taxon-missing": ("The rows name no taxon.", "Set taxon in the module, or add the reference data."),
        "date-unreadable": (
            "A date of the deployment cannot be read and counts as unknown.",
            "Write it like 2024-05-31 14:30:00.",
        ),
        "sex-unreadable": ("The sex is neither m, f nor u and counts as not given.", "Write m, f or u."),
    }
)
"""Remarks on rows that were kept: message and hint."""


def make_account(
    head: CsvHead, tally: Tally, parser: Parser, fields: FieldMap, field_of: Mapping[str, str], other_field: str
) -> Account:
    """Account for every row of a file that was read to its end.

    Parameters
    ----------
    field_of : code → field of the file it is about; `other_field` where a code is not in it

    Raises
    ------
    BadInput : the file has no rows
    """
    n_rejected = len(parser.rejected_rows)
    if tally.n_parsed + n_rejected == 0:
        raise BadInput("no-rows", "The file has a header and no rows.", hint="Export it again.", place=head.place)
    codes = sorted(tally.counts)
    rows = parser.rows_of(np.array([tally.counts[code].index for code in codes], dtype=np.int64)).tolist()
    lines = parser.lines_of(rows)
    findings = [
        _finding(code, tally, Place(head.name, lines[row], fields.column(field_of.get(code, other_field))))
        for code, row in zip(codes, rows, strict=True)
    ]
    n_kept = tally.n_parsed - tally.n_refused
    return Account(tally.n_parsed + n_rejected, n_kept, (*parser.rejects(), *findings))


def _finding(code: str, tally: Tally, place: Place) -> Finding:
    count = tally.counts[code]
    message, hint = REFUSED[code] if code in REFUSED else REMARKED[code]
    return Finding(code, message, count.n_rows, code in REFUSED, place, count.example, hint or None)
