"""A small CSV table of records being read: parsed as text, judged row by row, kept whole."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import pyarrow as pa

from wildways.model import TABLES, BadInput, Finding, LimitReached, Place, Source
from wildways.readers.contract import Account, ReadingOptions, no_fixes, reader_schema
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.parsing import CsvParser
from wildways.readers.periods import open_zone
from wildways.readers.table_messages import load_messages
from wildways.readers.table_rows import CLOCK_TOLERANCE, Count, Ledger, Refused, Row, Setting
from wildways.readers.transforming import open_crs, open_transformer

MAX_ROWS = 500_000
"""Most rows of a table that is kept whole; sites, links and marks are far fewer, positions belong elsewhere."""

_CHUNK = 4_096


class Judge(Protocol):
    """What makes records of one evidence table out of rows; made anew for every file."""

    table: str

    def record(self, row: Row) -> dict[str, Any]:
        """The record of a row, columns as in the table's `reader_schema`; raises `Refused` where it cannot be kept."""
        ...

    def finish(self, records: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        """All tables of the file; may change the records and remark on them, and may not drop any."""
        ...


@dataclass(frozen=True)
class TableFile:
    """A table, where its fields are, and how to read it."""

    head: CsvHead
    fields: FieldMap
    source: Source
    options: ReadingOptions

    def setting(self) -> Setting:
        """What holds for every row.

        Raises
        ------
        BadInput : the CRS or the time zone of the source is not known
        """
        source, options, name = self.source, self.options, self.head.name
        crs = None if source.crs is None else open_crs(source.crs, name)
        return Setting(
            source,
            study=source.study or options.study or source.id,
            is_study_a_guess=source.study is None and options.study is None,
            zone=open_zone(source.time_zone, name),
            is_zone_known=source.time_zone is not None or self.fields.is_native,
            transformer=None if crs is None else open_transformer(crs, name),
            latest=options.now + CLOCK_TOLERANCE,
            names={field: self.fields.column(field) for field in self.fields.indices},
        )


class TableReading:
    """A table of records being read; see `Reading`. It holds no fixes; all is read on entering."""

    def __init__(self, file: TableFile, judge: Judge) -> None:
        self._file, self._judge = file, judge
        self._ledger, self._tables, self._n_parsed = Ledger(), dict[str, pa.Table](), 0
        self.names_study = "study" in file.fields or file.source.study is not None
        self.account = Account(0, 0)

    def __enter__(self) -> Self:
        file = self._file
        setting = file.setting()
        names = {field: f"v{index}" for index, field in enumerate(file.fields.indices)}
        with ExitStack() as stack:
            parser = CsvParser(file.head, file.fields, names, replace(file.options, is_thorough=True), stack)
            schema = reader_schema(TABLES[self._judge.table])
            chunks = [pa.Table.from_pylist(kept, schema) for kept in self._records(parser, list(names), setting)]
            records = pa.concat_tables([schema.empty_table(), *chunks])
            self._refuse_whole(parser)
            self._tables = {**self._judge.finish(records, self._ledger), "study": studies_of(records)}
            self.account = self._account(parser, records.num_rows)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tables = {}

    def fixes(self) -> pa.RecordBatchReader:
        """No fixes."""
        return no_fixes()

    def tables(self) -> Mapping[str, pa.Table]:
        """The records, what they tell of animals, and the studies they belong to."""
        return self._tables

    def _records(self, parser: CsvParser, names: list[str], setting: Setting) -> Iterator[list[dict[str, Any]]]:
        for batch in parser.stream("SELECT * FROM parsed", {}):
            numbers = parser.rows_of(np.arange(batch.num_rows) + self._n_parsed)
            self._n_parsed += batch.num_rows
            self._refuse_long()
            for start in range(0, batch.num_rows, _CHUNK):
                columns = [column.to_pylist() for column in batch.slice(start, _CHUNK).columns]
                rows = zip(numbers[start : start + _CHUNK].tolist(), zip(*columns, strict=True), strict=True)
                found = (self._record(Row(n, dict(zip(names, row, strict=True)), setting)) for n, row in rows)
                yield [record for record in found if record is not None]

    def _record(self, row: Row) -> dict[str, Any] | None:
        try:
            record = {"source_row": row.number, **self._judge.record(row)}
        except Refused as refused:
            row.enter(self._ledger, refused)
            return None
        row.enter(self._ledger, None)
        return record

    def _refuse_long(self) -> None:
        if self._n_parsed > MAX_ROWS:
            raise LimitReached(
                "rows",
                f"The table has more than {MAX_ROWS:,} rows.",
                hint="Split it into several files.",
                place=self._file.head.place,
            )

    def _refuse_whole(self, parser: CsvParser) -> None:
        """Refuse the file where it lacks a setting: a time zone, or the CRS of most of its coordinates."""
        counts = self._ledger.counts
        n_placed = self._n_parsed - (counts["position-missing"].n_rows if "position-missing" in counts else 0)
        for code, share in (("time-zone-missing", 0.0), ("projected", 0.5)):
            if code in counts and counts[code].n_rows > share * n_placed:
                count, (_, message, hint) = counts[code], load_messages()[code]
                place = self._place(count, parser.lines_of([count.row]))
                raise BadInput(code, f"{count.example}: {message}", hint=hint, place=place)

    def _account(self, parser: CsvParser, n_kept: int) -> Account:
        n_rows = self._n_parsed + len(parser.rejected_rows)
        if n_rows == 0:
            message = "The file has a header and no rows."
            raise BadInput("no-rows", message, hint="Export it again.", place=self._file.head.place)
        lines = parser.lines_of(count.row for count in self._ledger.counts.values())
        findings = [self._finding(code, lines) for code in sorted(self._ledger.counts)]
        return Account(n_rows, n_kept, (*parser.rejects(), *findings))

    def _finding(self, code: str, lines: Mapping[int, int]) -> Finding:
        count, (is_refusal, message, hint) = self._ledger.counts[code], load_messages()[code]
        return Finding(code, message, count.n_rows, is_refusal, self._place(count, lines), count.example, hint or None)

    def _place(self, count: Count, lines: Mapping[int, int]) -> Place:
        return Place(self._file.head.name, lines[count.row], self._file.fields.column(count.field))


def studies_of(records: pa.Table) -> pa.Table:
    """The studies that records belong to, each once."""
    studies = sorted(set(records["study_id"].to_pylist()))
    rows = [{"study_id": study, "name": study} for study in studies]
    return pa.Table.from_pylist(rows, reader_schema(TABLES["study"]))
