"""One file of Movebank event data: typed and judged in one pass, then streamed as fixes."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from wildways.model import TABLES, BadInput, Place, Source
from wildways.readers import movebank_sql as sql
from wildways.readers.contract import FIX_SCHEMA, Account, ReadingOptions, reader_schema
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap, load_table
from wildways.readers.movebank_findings import make_finding
from wildways.readers.parsing import Parsed, open_parser, parse
from wildways.readers.projection import define_to_degrees

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH_ROWS = 122_880
CLOCK_TOLERANCE = timedelta(days=1)
"""How far a time may lie ahead of now before it is the future."""

_STREAMED = ("reason", *(name for name in FIX_SCHEMA.names if name != "source_row"))
_REPEATED = ("study_id", "organism_id", "tag_id", "taxon", "sensor_type")
_FIELD_OF = MappingProxyType(
    {
        "sensor-without-position": "sensor-type",
        "no-position": "location-long",
        "longitude-unreadable": "location-long",
        "latitude-unreadable": "location-lat",
        "latitude-range": "location-lat",
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


class EventReading:
    """A file of event data being read; see `Reading`."""

    def __init__(self, head: CsvHead, fields: FieldMap, source: Source, options: ReadingOptions) -> None:
        self._head, self._fields, self._source, self._options = head, fields, source, options
        self._stack = ExitStack()
        self.names_study = "study-name" in fields or source.study is not None
        self._study = source.study or options.study or source.id

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            engine, scratch = open_parser(stack, self._options)
            position, clock = self._position(engine), self._clock(engine)
            query = sql.JUDGE.format(position=position, clock=clock)
            parameters = {
                "study": self._study,
                "taxon": self._source.taxon,
                "latest": self._options.now + CLOCK_TOLERANCE,
                "blind_sensors": _blind_sensors(),
            }
            self._parsed = parse(self._head, self._fields, sql.TEXT_COLUMNS, query, parameters, engine, scratch)
            self._refuse_projected()
            self.account = self._account()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order; texts that repeat are dictionaries."""
        schema = pa.schema(
            [field.with_type(_streamed_type(field)) if field.name in _REPEATED else field for field in FIX_SCHEMA]
        )
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def tables(self) -> Mapping[str, pa.Table]:
        """The studies and the animals that the kept rows name."""
        return {"study": self._query("study", sql.STUDIES), "organism": self._query("organism", sql.ORGANISMS)}

    def _position(self, engine: "DuckDBPyConnection") -> str:
        if self._source.crs is None:
            return sql.DEGREES
        define_to_degrees(engine, self._source.crs, self._head.name)
        return sql.PROJECTED

    def _clock(self, engine: "DuckDBPyConnection") -> str:
        if self._source.time_zone is None:
            return sql.UTC_CLOCK if self._fields.is_native else sql.OFFSET_CLOCK
        set_time_zone(engine, self._source.time_zone, self._head.name)
        return sql.LOCAL_CLOCK

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        index = 0
        with pq.ParquetFile(self._parsed.table, read_dictionary=list(_REPEATED)) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=list(_STREAMED)):
                rows = self._parsed.rows_of(np.arange(index, index + batch.num_rows))
                index += batch.num_rows
                numbered = batch.append_column("source_row", pa.array(rows))
                if batch["reason"].null_count < batch.num_rows:
                    numbered = numbered.filter(batch["reason"].is_null())
                yield pa.RecordBatch.from_arrays([numbered[name] for name in schema.names], schema=schema)

    def _query(self, table: str, query: str) -> pa.Table:
        result = self._parsed.engine.execute(query, {"table": str(self._parsed.table)}).to_arrow_table()
        return result.cast(reader_schema(TABLES[table]))

    def _account(self) -> Account:
        engine, table = self._parsed.engine, {"table": str(self._parsed.table)}
        is_guess = self._source.study is None and self._options.study is None
        given = {**table, "study": self._study, "is_study_a_guess": is_guess}
        refused = engine.execute(sql.REFUSALS, table).fetchall()
        remarked = engine.execute(sql.KEPT + sql.REMARKS, given).fetchall()
        self._demand_zone(refused)
        found = [row for row in refused + remarked if row[1]]
        rows = {code: int(self._parsed.rows_of(np.array([index]))[0]) for code, _, index, _ in found}
        lines = self._parsed.lines_of(rows.values())
        findings = [
            make_finding(code, n_rows, self._place(code, lines[rows[code]]), example)
            for code, n_rows, _, example in found
        ]
        findings = self._parsed.rejects() + findings
        n_refused = sum(finding.n_rows for finding in findings if finding.refused)
        return Account(self._parsed.n_rows, self._parsed.n_rows - n_refused, tuple(findings))

    def _place(self, code: str, line: int | None) -> Place:
        return Place(self._head.name, line, self._fields.column(_FIELD_OF.get(code, "timestamp")))

    def _line_of(self, index: int) -> int:
        row = int(self._parsed.rows_of(np.array([index]))[0])
        return self._parsed.lines_of([row])[row]

    def _demand_zone(self, refused: list[tuple[str, int, int, str]]) -> None:
        for code, _, index, example in refused:
            if code == "time-zone-missing":
                raise BadInput(
                    code,
                    f"{example} does not say its time zone, and the columns are not Movebank's, which would be UTC.",
                    hint='Set time_zone in the module, for example time_zone = "US/Mountain", or "UTC".',
                    place=self._place(code, self._line_of(index)),
                )

    def _refuse_projected(self) -> None:
        if self._source.crs is not None:
            return
        given = {"table": str(self._parsed.table)}
        n_rows, n_beyond, index, value, is_x = self._parsed.engine.execute(sql.BEYOND_DEGREES, given).fetchall()[0]
        if not n_beyond or n_beyond * 2 <= n_rows:
            return
        column = self._fields.column("location-long" if is_x else "location-lat")
        raise BadInput(
            "projected",
            f"{value:.10g} is outside {'-180…180' if is_x else '-90…90'}.",
            hint="Are the columns projected? Set crs in the module.",
            place=Place(self._head.name, self._line_of(index), column),
        )


def set_time_zone(engine: "DuckDBPyConnection", time_zone: str, name: str) -> None:
    """Read stamps without an offset in this zone.

    Raises
    ------
    BadInput : the zone is not known; `name` is the file, for the message
    """
    import duckdb

    try:
        engine.execute("SET TimeZone = $zone", {"zone": time_zone})
    except duckdb.Error as error:
        raise BadInput(
            "time-zone-unknown",
            f"The time zone “{time_zone}” is not known.",
            hint="Use a name of the IANA list, for example America/Denver or UTC.",
            place=Place(name, None, "time_zone"),
        ) from error


def _streamed_type(field: pa.Field) -> pa.DataType:
    return pa.dictionary(pa.int32(), field.type)


def _blind_sensors() -> list[str]:
    rows = [row for row in load_table("movebank_sensors.csv") if row["locates"] == "no"]
    return [row["id"] for row in rows] + [row["name"] for row in rows]
