"""A file of drawn shapes being read: geometries made sound and placed, classes kept with their scheme."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import shapely

from wildways.model import BadInput, EvidenceClass, Finding, LimitReached, Place, Source
from wildways.readers.contract import Account, ReadingOptions
from wildways.readers.drawn.files import Layer, ShapeFile
from wildways.readers.drawn.shapes import SEGMENT_M, Placing, place_shape
from wildways.readers.fields import load_fields, normalise
from wildways.readers.findings import load_messages
from wildways.readers.periods import read_season
from wildways.readers.projection import open_crs, open_transformer
from wildways.readers.reading import BaseReading, is_study_a_guess, study_of
from wildways.readers.records import make_studies, make_table
from wildways.readers.tables.rows import FINDINGS, Ledger, Refused, Row, Setting
from wildways.readers.zones import open_zone

FIELDS = "drawn/fields.csv"
MAX_SHAPES = 500_000
MAX_SHAPE_BYTES = 500_000_000
"""Most that the shapes of one file may take together, as they are stored."""

UNSPECIFIED = "unspecified"
"""Type of shapes that do not say what they are."""

_VERBATIM = ("type", "start", "end", "evidence", "uncertainty-m")


@dataclass(frozen=True)
class Columns:
    """Where the fields of drawn shapes are: columns of the file, or constants of the source.

    Parameters
    ----------
    mapped : field → column
    constants : field → value for all shapes
    all : every column of the file
    """

    mapped: Mapping[str, str]
    constants: Mapping[str, str]
    all: tuple[str, ...]

    def __contains__(self, field: str) -> bool:
        return field in self.mapped or field in self.constants

    def unread(self) -> list[str]:
        """Columns often used for fields that nothing fills, each with its field: ``contour → class``."""
        spelled = {normalise(column): column for column in self.all if column not in self.mapped.values()}
        empty = [field for field in load_fields(FIELDS) if field.name not in self]
        return [f"{spelled[name]} → {field.name}" for field in empty for name in field.often if name in spelled]


class DrawnReading(BaseReading):
    """A file of shapes being read; see `Reading`. It holds no fixes; all is read on entering."""

    def __init__(self, shapes: ShapeFile, columns: Columns, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, options, names_study="study" in columns)
        self._shapes, self._columns = shapes, columns
        self._ledger, self._n_rows, self._n_bytes = Ledger(), 0, 0
        self._ids: set[tuple[str, str]] = set()

    def _open(self, stack: ExitStack) -> None:
        setting = self._setting()
        placings = [self._placing(layer) for layer in self._shapes.layers]
        chunks = [make_table("drawn", ())]
        for layer, placing in zip(self._shapes.layers, placings, strict=True):
            chunks += [make_table("drawn", kept) for kept in self._records(layer, placing, setting)]
        records = pa.concat_tables(chunks)
        self._refuse_whole()
        self._tables = {"drawn": records, "study": make_studies(records["study_id"].to_pylist())}
        self.account = Account(self._n_rows, records.num_rows, self._findings())

    def _setting(self) -> Setting:
        source, options = self._source, self._options
        return Setting(
            source,
            study=study_of(source, options),
            is_study_a_guess=is_study_a_guess(source, options),
            zone=open_zone(source.time_zone, self._shapes.name),
            latest=options.latest,
            names=self._columns.mapped,
        )

    def _placing(self, layer: Layer) -> Placing:
        """How a layer's coordinates become degrees: by the CRS of the source or else of the file."""
        name = self._source.crs or layer.crs
        if name is None:
            raise BadInput(
                "crs-missing",
                "The file does not say the CRS of its coordinates.",
                hint='Set crs in the module, for example crs = "EPSG:4326" or "EPSG:32612".',
                place=self._shapes.place,
            )
        crs = open_crs(name, self._shapes.name)
        if self._source.crs is not None and layer.crs is not None and open_crs(layer.crs, self._shapes.name) != crs:
            self._ledger.add("crs-overridden", 1, "geometry", layer.crs)
        if crs.equals("EPSG:4326", ignore_axis_order=True):
            return Placing()
        metres = None if crs.is_geographic else SEGMENT_M / crs.axis_info[0].unit_conversion_factor
        return Placing(open_transformer(crs, self._shapes.name), metres)

    def _records(self, layer: Layer, placing: Placing, setting: Setting) -> Iterator[list[dict[str, Any]]]:
        here = {field: column for field, column in self._columns.mapped.items() if column in layer.columns}
        for batch in self._shapes.batches(layer, sorted(set(here.values()))):
            kept = []
            for geometry, is_given, values in zip(*batch, strict=True):
                self._n_rows += 1
                texts = {field: _text(values[column]) for field, column in here.items()} | dict(self._columns.constants)
                record = self._record(geometry, placing, Row(self._n_rows, texts, setting), is_given=is_given)
                kept += [] if record is None else [record]
            self._refuse_large()
            yield kept

    def _record(self, geometry: Any, placing: Placing, row: Row, *, is_given: bool) -> dict[str, Any] | None:
        try:
            if geometry is None and is_given:
                raise Refused("geometry-unreadable", "geometry")
            shape, notes = place_shape(geometry, placing)
            record = self._described(row)
        except Refused as refused:
            example = ": ".join(filter(None, (f"feature {row.number}", refused.example)))
            row.enter(self._ledger, Refused(refused.code, refused.field, example))
            return None
        for code in notes:
            row.note(code, "geometry", f"feature {row.number}")
        row.enter(self._ledger, None)
        wkb = shapely.to_wkb(shape, byte_order=1)
        self._n_bytes += len(wkb)
        return {**record, "geometry_wkb": wkb}

    def _described(self, row: Row) -> dict[str, Any]:
        """The record of a shape but for its geometry."""
        start, end = row.period("start", "end", read=read_season)
        kind, use_class, scheme = row.text("type"), row.text("class"), row.text("scheme")
        if kind is None:
            row.note("type-missing", "type", f"feature {row.number}")
        if use_class is not None and scheme is None:
            row.note("class-scheme-missing", "class", use_class)
        citation = row.citation("citation")
        if citation is None:
            row.note("citation-missing", "citation", f"feature {row.number}")
        study = row.study("study")
        return {
            "source_row": row.number,
            "study_id": study,
            "drawn_id": self._id(row, study),
            "name": row.text("name"),
            "drawn_type": UNSPECIFIED if kind is None else normalise(kind),
            "taxon": row.taxon("taxon"),
            "start_utc": start,
            "end_utc": end,
            "evidence_class": row.evidence_class("evidence", EvidenceClass.EXPERT),
            "use_class": use_class,
            "class_scheme": scheme,
            "uncertainty_m": row.number_in("uncertainty-m"),
            "citation": citation,
            "verbatim": row.verbatim(*_VERBATIM),
        }

    def _id(self, row: Row, study: str) -> str:
        given = row.text("id")
        if given is None:
            row.note("id-missing", "id", f"feature {row.number}")
        elif (study, given) in self._ids:
            row.note("id-repeated", "id", given)
        else:
            self._ids.add((study, given))
            return given
        return f"{given or '/'.join(PurePath(self._shapes.name).parts[-2:])} #{row.number}"

    def _refuse_large(self) -> None:
        if self._n_rows > MAX_SHAPES or self._n_bytes > MAX_SHAPE_BYTES:
            raise LimitReached(
                "shapes",
                f"The file has more than {MAX_SHAPES:,} shapes or {MAX_SHAPE_BYTES // 1_000_000:,} MB of them.",
                hint="Split it into several files, or simplify the outlines.",
                place=self._shapes.place,
            )

    def _refuse_whole(self) -> None:
        """Refuse the file if it is empty, or if most of its coordinates cannot be degrees."""
        if self._n_rows == 0:
            raise BadInput("no-rows", "The file has no features.", hint="Export it again.", place=self._shapes.place)
        count = self._ledger.counts.get("projected")
        if count is not None and count.n_rows * 2 > self._n_rows:
            message = load_messages(FINDINGS)["projected"]
            place = Place(self._shapes.name, None, "geometry")
            raise BadInput("projected", f"{count.example}: {message.text}", hint=message.hint, place=place)

    def _findings(self) -> tuple[Finding, ...]:
        unread = self._columns.unread()
        if unread:
            self._ledger.add("columns-unread", 1, "columns", "; ".join(unread))
            self._ledger.counts["columns-unread"].n_rows = self._n_rows
        return tuple(self._finding(code) for code in sorted(self._ledger.counts))

    def _finding(self, code: str) -> Finding:
        count = self._ledger.counts[code]
        place = Place(self._shapes.name, None, self._columns.mapped.get(count.field, count.field))
        return load_messages(FINDINGS)[code].finding(code, count.n_rows, place, count.example)


def _text(value: Any) -> str | None:
    """A value of a feature as text; numbers without needless digits."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return None if value != value else f"{value:.12g}"
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)
