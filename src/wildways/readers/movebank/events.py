"""One file of Movebank event data: typed, judged and counted in a single pass, streamed as fixes."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.model import BadInput, Place, Source
from wildways.readers.accounts import make_account
from wildways.readers.contract import FIX_SCHEMA, ReadingOptions
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap, load_table
from wildways.readers.findings import load_messages
from wildways.readers.movebank import sql
from wildways.readers.parsing import CsvParser, Parser
from wildways.readers.projection import define_to_degrees
from wildways.readers.reading import BaseReading, is_study_a_guess, study_of
from wildways.readers.records import make_animals
from wildways.readers.tally import Tally
from wildways.readers.zones import set_time_zone

REMARKS = ("longitude-wrapped", "position-zero", "time-ambiguous", "mark-unreadable", "study-assumed", "taxon-missing")
"""Remarks on kept rows, by bit of the column ``remarks``, the lowest first."""

HALF_TURN = 180.0
BEYOND_DEGREES = 360
"""Coordinates larger than this are not degrees."""

FINDINGS = "movebank/findings.csv"

_FEW = 1_000_000
_REPEATED = ("study_id", "organism_id", "tag_id", "taxon", "sensor_type")
_STREAM_SCHEMA = pa.schema(
    [
        column.with_type(pa.dictionary(pa.int32(), pa.string())) if column.name in _REPEATED else column
        for column in FIX_SCHEMA
    ]
)
_FIELD_OF = MappingProxyType(
    {
        "sensor-without-position": "sensor-type",
        "latitude-unreadable": "location-lat",
        "latitude-range": "location-lat",
        "no-position": "location-long",
        "longitude-unreadable": "location-long",
        "longitude-range": "location-long",
        "longitude-wrapped": "location-long",
        "position-outside-crs": "location-long",
        "position-zero": "location-long",
        "no-animal": "individual-local-identifier",
        "mark-unreadable": "visible",
        "study-assumed": "study-name",
        "taxon-missing": "individual-taxon-canonical-name",
    }
)
_UNPLACED = ("sensor-without-position", "no-position", "longitude-unreadable", "latitude-unreadable")


class EventReading(BaseReading):
    """A file of event data being read; see `Reading`."""

    def __init__(self, head: CsvHead, fields: FieldMap, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, options, names_study="study-name" in fields)
        self._head, self._fields = head, fields
        self._tally = Tally(REMARKS)
        self._study, self._is_study_a_guess = study_of(source, options), is_study_a_guess(source, options)
        self._organisms: dict[tuple[str, str], str | None] = {}
        self._beyond: tuple[int, int, float, bool] | None = None

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order; texts that repeat come as dictionaries."""
        return pa.RecordBatchReader.from_batches(_STREAM_SCHEMA, self._batches())

    def tables(self) -> Mapping[str, pa.Table]:
        """The studies and the animals that the kept rows name."""
        return make_animals(self._organisms)

    def _open(self, stack: ExitStack) -> None:
        self._parser = self._open_parser(stack)
        self._query = sql.judging_query(self._fields.indices, position=self._position(), clock=self._clock())

    def _open_parser(self, stack: ExitStack) -> Parser:
        """Parse the file as CSV; readings of other formats put their own parser here."""
        return CsvParser(self._head, self._fields, sql.TEXT_COLUMNS, self._options, stack)

    def _position(self) -> str:
        if self._source.crs is None:
            return sql.DEGREES
        define_to_degrees(self._parser.engine, self._source.crs, self._head.name)
        return sql.PROJECTED

    def _clock(self) -> str:
        if self._source.time_zone is None:
            return sql.UTC_CLOCK if self._fields.is_native else sql.OFFSET_CLOCK
        set_time_zone(self._parser.engine, self._source.time_zone, self._head.name)
        return sql.LOCAL_CLOCK

    def _batches(self) -> Iterator[pa.RecordBatch]:
        parameters = {
            "taxon": self._source.taxon,
            "latest": self._options.latest,
            "blind_sensors": _blind_sensors(),
        }
        for judged in self._parser.stream(self._query, parameters):
            batch = self._remarked(judged)
            rows = self._parser.rows_of(np.arange(batch.num_rows) + self._tally.n_parsed)
            self._note_beyond(batch)
            kept_all = self._tally.add(batch)
            self._demand_zone()
            self._refuse_projected(least=100_000)
            batch = batch.append_column("source_row", pa.array(rows))
            yield self._fixes_of(batch if kept_all else batch.filter(batch["reason"].is_null()))
        self._refuse_projected(least=1)
        messages = load_messages(FINDINGS)
        self.account = make_account(
            self._head,
            self._tally,
            self._parser,
            self._fields,
            messages,
            field_of=_FIELD_OF,
            other_field="timestamp",
        )

    def _remarked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows with the study they belong to, a longitude to the west of 180 degrees, and what is remarked on."""
        longitude, latitude = (batch[name].to_numpy(zero_copy_only=False) for name in ("longitude", "latitude"))
        is_missing = {name: np.asarray(batch[name].is_null()) for name in ("reason", "example", "study_id", "taxon")}
        is_kept = is_missing["reason"]
        found = {
            "longitude-wrapped": longitude > HALF_TURN,
            "position-zero": (longitude == 0) & (latitude == 0),
            "time-ambiguous": np.asarray(batch["is_ambiguous"]),
            "mark-unreadable": ~is_missing["example"],
            "study-assumed": is_missing["study_id"] & self._is_study_a_guess,
            "taxon-missing": is_missing["taxon"],
        }
        remarks = np.zeros(batch.num_rows, np.uint8)
        for bit, code in enumerate(REMARKS):
            remarks |= (found[code] & is_kept).astype(np.uint8) << np.uint8(bit)
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        if is_missing["study_id"].any():
            columns["study_id"] = columns["study_id"].fill_null(self._study)
        if (wrapped := found["longitude-wrapped"] & is_kept).any():
            columns["longitude"] = pa.array(np.where(wrapped, longitude - 2 * HALF_TURN, longitude))
        return pa.RecordBatch.from_pydict({**columns, "remarks": pa.array(remarks)})

    def _fixes_of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        fixes = pa.RecordBatch.from_arrays([_column(batch, column) for column in _STREAM_SCHEMA], schema=_STREAM_SCHEMA)
        self._note_organisms(fixes["study_id"], fixes["organism_id"], fixes["taxon"])
        return fixes

    def _note_organisms(self, studies: pa.Array, organisms: pa.Array, taxa: pa.Array) -> None:
        parts = [part.indices.fill_null(len(part.dictionary)).to_numpy() for part in (studies, organisms, taxa)]
        sizes = [len(part.dictionary) + 1 for part in (studies, organisms, taxa)]
        combined = _distinct(np.ravel_multi_index(parts, sizes), int(np.prod(sizes)))
        for study, organism, taxon in zip(*np.unravel_index(combined, sizes), strict=True):
            key = (studies.dictionary[study].as_py(), organisms.dictionary[organism].as_py())
            given = taxa.dictionary[taxon].as_py() if taxon < len(taxa.dictionary) else None
            self._organisms[key] = min(filter(None, (self._organisms.get(key), given)), default=None)

    def _note_beyond(self, batch: pa.RecordBatch) -> None:
        """Count the positions that cannot be degrees, and remember the first."""
        if self._source.crs is not None or batch["reason"].null_count == batch.num_rows:
            return
        longitude, latitude = (np.abs(batch[name].to_numpy(zero_copy_only=False)) for name in ("longitude", "latitude"))
        is_x = np.isfinite(longitude) & (longitude > BEYOND_DEGREES)
        is_beyond = (is_x | (latitude > BEYOND_DEGREES)) & np.isfinite(longitude) & np.isfinite(latitude)
        rows = np.flatnonzero(is_beyond)
        if not len(rows):
            return
        first = int(rows[0])
        value = batch["longitude" if is_x[first] else "latitude"][first].as_py()
        known = self._beyond or (0, self._tally.n_parsed + first, value, bool(is_x[first]))
        self._beyond = (known[0] + len(rows), *known[1:])

    def _refuse_projected(self, *, least: int) -> None:
        """Refuse the file once most of at least so many positions cannot be degrees."""
        if self._beyond is None:
            return
        n_beyond, index, value, is_x = self._beyond
        counts = self._tally.counts
        n_placed = self._tally.n_parsed - sum(counts[code].n_rows for code in _UNPLACED if code in counts)
        if n_placed >= least and n_beyond * 2 > n_placed:
            raise BadInput(
                "projected",
                f"{value:.10g} is outside {'-180…180' if is_x else '-90…90'}.",
                hint="Are the columns projected? Set crs in the module.",
                place=self._place(index, "location-long" if is_x else "location-lat"),
            )

    def _demand_zone(self) -> None:
        count = self._tally.counts.get("time-zone-missing")
        if count is not None:
            raise BadInput(
                "time-zone-missing",
                f"{count.example} does not say its time zone, and only Movebank's own columns are known to be UTC.",
                hint='Set time_zone in the module, for example time_zone = "US/Mountain" or "UTC".',
                place=self._place(count.index, "timestamp"),
            )

    def _place(self, index: int, field: str) -> Place:
        row = int(self._parser.rows_of(np.array([index]))[0])
        return Place(self._head.name, self._parser.lines_of([row])[row], self._fields.column(field))


def _column(batch: pa.RecordBatch, column: pa.Field) -> pa.Array:
    """A column of the stream; empty where the file has no field for it."""
    if column.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, column.type)
    values = batch[column.name]
    return values.dictionary_encode() if pa.types.is_dictionary(column.type) else values


def _distinct(values: NDArray[np.intp], n_possible: int) -> NDArray[np.intp]:
    """Distinct values, all below `n_possible`, without sorting where few are possible."""
    return np.flatnonzero(np.bincount(values)) if n_possible <= _FEW else np.unique(values)


def _blind_sensors() -> list[str]:
    rows = [row for row in load_table("movebank/sensors.csv") if row["locates"] == "no"]
    return [row["id"] for row in rows] + [row["name"] for row in rows]
