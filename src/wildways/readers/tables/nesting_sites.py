"""Tables of nesting sites: beaches and colonies, and how many nests, crawls or females were counted in a season."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from wildways.model import EvidenceClass, Source
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import peek_head
from wildways.readers.fields import has_fields, load_fields, load_table, normalise
from wildways.readers.periods import read_season
from wildways.readers.tables.reading import read_table
from wildways.readers.tables.rows import Ledger, Refused, Row
from wildways.readers.tables.sites import note_moved, note_repeated

FIELDS = "tables/nesting_sites_fields.csv"

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<sign>[<>≤≥]?=?)\s*(?P<low>{_NUMBER})(?:\s*(?:[-–—]|to)\s*(?P<high>{_NUMBER}))?", re.ASCII)
_PRESENT = frozenset({"x", "present", "unquantified", "not-counted"})


class NestingSites:
    """Reads tables of nesting counts, one row a species, site and season: `wildways.readers.templates` has one.

    References
    ----------
    SWOT Scientific Advisory Board (2011), The State of the World's Sea Turtles: minimum data standards for nesting
    beach monitoring, version 1.0: counts belong to a beach, a species, a season, a kind of count and an effort.
    """

    name = "nesting-sites"
    version = "1"
    description = "CSV of nesting sites with counts by species and season (SWOT-like); a template comes along"

    def claims(self, file: Path) -> bool:
        """Whether the columns are those of the template, or spelled alike."""
        head = peek_head(file)
        if head is None or not has_fields(head, load_fields(FIELDS)):
            return False
        columns = {normalise(column) for column in head.columns}
        counts = {name for field in load_fields(FIELDS) if field.name in _COUNTS for name in field.names}
        return bool(columns & counts)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a table of nesting sites; see `Reader.read`."""
        return read_table(file, load_fields(FIELDS), source, options, _Judge())


class _Judge:
    table = "site"

    def record(self, row: Row) -> dict[str, Any]:
        beach = row.demand("beach")
        longitude, latitude = row.position("longitude", "latitude")
        start, end = _season(row)
        low, high = _counts(row)
        is_counted = low is not None or high is not None
        return {
            "study_id": row.study("study"),
            "site_id": row.text("site-id") or ", ".join(filter(None, (beach, row.text("country")))),
            "name": beach,
            "site_type": normalise(row.text("site-type") or "nesting-beach"),
            "taxon": row.taxon("taxon"),
            "start_utc": start,
            "end_utc": end,
            "longitude": longitude,
            "latitude": latitude,
            "uncertainty_m": row.number_in("uncertainty-m"),
            "evidence_class": row.evidence_class("evidence-class", EvidenceClass.COUNT if is_counted else None),
            "count_low": low,
            "count_high": high,
            "count_of": _counted(row, is_counted=is_counted),
            "monitoring_effort": row.text("monitoring-effort"),
            "citation": row.citation("citation"),
            "verbatim": row.verbatim(*_VERBATIM),
        }

    def finish(self, records: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        note_moved(records, ledger)
        note_repeated(records, ledger)
        return {"site": records}


_COUNTS = ("count", "count-low", "count-high")
_VERBATIM = (
    *("country", "season", "season-start", "season-end", *_COUNTS),
    *("count-of", "longitude", "latitude", "notes"),
)
_BOUNDS = MappingProxyType({">": "low", "≥": "low", ">=": "low", "<": "high", "≤": "high", "<=": "high"})


def _season(row: Row) -> tuple[Any, Any]:
    if row.text("season") is not None:
        return row.period("season", read=read_season)
    return row.period("season-start", "season-end", read=read_season)


def _counts(row: Row) -> tuple[float | None, float | None]:
    """Least and greatest count; both where one number is given, one where it is a bound, none where unquantified."""
    low, high = (_count(row, field) for field in ("count-low", "count-high"))
    if low is None and high is None:
        return _count_range(row)
    least = low[0] if low is not None else None
    most = high[1] if high is not None else None
    if least is not None and most is not None and least > most:
        raise Refused("count-order", "count-low", f"{row.text('count-low')} > {row.text('count-high')}")
    return least, most


def _count_range(row: Row) -> tuple[float | None, float | None]:
    return _count(row, "count") or (None, None)


def _count(row: Row, field: str) -> tuple[float | None, float | None] | None:
    text = row.text(field)
    if text is None:
        return None
    if normalise(text) in _PRESENT:
        row.note("count-unquantified", field, text)
        return None, None
    match = _RANGE.fullmatch(text.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", text) else text)
    if match is None:
        raise Refused("count-unreadable", field, text)
    low = float(match["low"])
    high = low if match["high"] is None else float(match["high"])
    if high < low:
        raise Refused("count-order", field, text)
    match _BOUNDS.get(match["sign"]):
        case "low":
            return low, None
        case "high":
            return None, high
    return low, high


def _counted(row: Row, *, is_counted: bool) -> str | None:
    text = row.text("count-of")
    if text is None:
        if is_counted:
            row.note("count-of-missing", "count-of")
        return None
    word = _words().get(normalise(text))
    if word is None:
        row.note("count-of-unknown", "count-of", text)
    return word or text


@cache
def _words() -> Mapping[str, str]:
    return {row["word"]: row["count_of"] for row in load_table("tables/nesting_sites_counts.csv")}
