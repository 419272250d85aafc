"""Tables of flipper tags and bands: where animals known by their marks were marked, met again or found."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildways.model import TABLES, PositionOf, Source
from wildways.readers.contract import Reading, ReadingOptions, reader_schema
from wildways.readers.fields import load_fields, load_table, looks_like, normalise
from wildways.readers.tables.marked_animals import Mark, identify
from wildways.readers.tables.reading import read_table
from wildways.readers.tables.rows import Ledger, Refused, Row

FIELDS = "tables/flipper_tags_fields.csv"

_SEVERAL = re.compile(r"[;|,]+")


class FlipperTags:
    """Reads tables of tag and band encounters, one row an encounter: `wildways.readers.templates` has an empty one.

    An animal is who the table says, or else who bears the mark: rows that share a tag of one scheme are one animal.
    """

    name = "flipper-tags"
    version = "1"
    description = "CSV of flipper-tag and band encounters: tag, event, date, place; a template comes along"

    def claims(self, file: Path) -> bool:
        """Whether the columns are those of the template, or spelled alike."""
        return looks_like(file, FIELDS)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a table of encounters; see `Reader.read`."""
        return read_table(file, load_fields(FIELDS), source, options, _Judge())


class _Judge:
    table = "encounter"

    def __init__(self) -> None:
        self._marks: list[Mark] = []

    def record(self, row: Row) -> dict[str, Any]:
        tag, event = row.demand("tag-number"), _event(row)
        longitude, latitude = row.position("longitude", "latitude")
        start, end = row.period("date", "date-end")
        study, scheme, animal = row.study("study"), row.text("tag-scheme"), row.text("animal-id")
        if scheme is None and animal is None:
            row.note("scheme-missing", "tag-number", tag)
        record = {
            "study_id": study,
            "organism_id": animal or _name(scheme, tag),
            "taxon": row.taxon("taxon"),
            "start_utc": start,
            "end_utc": end,
            "longitude": longitude,
            "latitude": latitude,
            "uncertainty_m": row.number_in("uncertainty-m"),
            "position_of": PositionOf.MARKING_PLACE if event == "marking" else PositionOf.FINDING_PLACE,
            "place": row.text("place"),
            "mark_type": row.text("tag-type"),
            "event": event,
            "condition": row.text("condition"),
            "circumstances": row.text("circumstances"),
            "sex": row.sex("sex"),
            "age": row.text("age"),
            "verbatim": row.verbatim(*_VERBATIM),
        }
        tags = (tag, *filter(None, (part.strip() for part in _SEVERAL.split(row.text("other-tags") or ""))))
        self._marks.append(Mark(row.number, study, scheme, tags, animal))
        return record

    def finish(self, records: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        animals = identify(self._marks, ledger)
        names = [name or given for name, given in zip(animals, records["organism_id"].to_pylist(), strict=True)]
        index = records.schema.get_field_index("organism_id")
        records = records.set_column(index, records.schema.field(index), pa.array(names, pa.string()))
        return {"encounter": records, "organism": _organisms(records, self._marks, ledger)}


_VERBATIM = (
    *("tag-scheme", "tag-number", "other-tags", "animal-id", "event", "date", "date-end"),
    *("longitude", "latitude", "country", "notes"),
)


def _event(row: Row) -> str:
    text = row.demand("event")
    event = _events().get(normalise(text))
    if event is None:
        raise Refused("event-unknown", "event", text)
    return event


@cache
def _events() -> Mapping[str, str]:
    return {row["word"]: row["event"] for row in load_table("tables/flipper_tags_events.csv")}


def _name(scheme: str | None, tag: str) -> str:
    return tag if scheme is None else f"{scheme} {tag}"


def _organisms(records: pa.Table, marks: Iterable[Mark], ledger: Ledger) -> pa.Table:
    """One row an animal: its taxon, its sex and all its tags."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    columns = [records[name].to_pylist() for name in ("study_id", "organism_id", "taxon", "sex")]
    for mark, study, organism, taxon, sex in zip(marks, *columns, strict=True):
        about = found.setdefault((study, organism), {"taxon": set(), "sex": set(), "tags": set()})
        about["tags"].update(mark.tags)
        for code, name, value in (("taxon-differs", "taxon", taxon), ("sex-differs", "sex", sex)):
            known = about[name] - {"u"}
            if value not in (None, "u") and known and value not in known:
                ledger.add(code, mark.row, name, value)
            about[name].update({value} if value is not None else ())
    rows = [
        {
            "study_id": study,
            "organism_id": organism,
            "taxon": min(about["taxon"], default=None),
            "sex": _sex(about["sex"]),
            "ring_id": "; ".join(sorted(about["tags"])),
        }
        for (study, organism), about in sorted(found.items())
    ]
    return pa.Table.from_pylist(rows, reader_schema(TABLES["organism"]))


def _sex(sexes: set[str]) -> str | None:
    known = sexes - {"u"} or sexes
    return next(iter(known)) if len(known) == 1 else None
