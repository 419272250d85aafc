"""A small CSV table of records being read: parsed as text, judged row by row, kept whole."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from wildways.model import BadInput, Finding, LimitReached, Place, Source
from wildways.readers.contract import Account, ReadingOptions
from wildways.readers.csvfile import CsvHead, read_head
from wildways.readers.fields import Field, FieldMap, map_fields, split_constants
from wildways.readers.findings import load_messages
from wildways.readers.parsing import CsvParser
from wildways.readers.projection import open_crs, open_transformer
from wildways.readers.reading import BaseReading, is_study_a_guess, study_of
from wildways.readers.records import make_studies, make_table
from wildways.readers.tables.rows import FINDINGS, Count, Ledger, Refused, Row, Setting
from wildways.readers.zones import open_zone

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
    constants: Mapping[str, str]

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
            study=study_of(source, options),
            is_study_a_guess=is_study_a_guess(source, options),
            zone=open_zone(source.time_zone, name),
            is_zone_known=source.time_zone is not None or self.fields.is_native,
            transformer=None if crs is None else open_transformer(crs, name),
            latest=options.latest,
            names={field: self.fields.column(field) for field in self.fields.indices},
            constants=self.constants,
        )


def read_table(
    file: Path, fields: tuple[Field, ...], source: Source, options: ReadingOptions | None, judge: Judge
) -> "TableReading":
    """Prepare to read a table of these fields; errors as in `Reader.read`."""
    options = options or ReadingOptions()
    head = read_head(file, options.name)
    constants, named = split_constants(fields, source, head.name)
    found = map_fields(head, fields, named, constants=constants)
    return TableReading(TableFile(head, found, source, options, constants), judge)


class TableReading(BaseReading):
    """A table of records being read; see `Reading`. It holds no fixes; all is read on entering."""

    def __init__(self, file: TableFile, judge: Judge) -> None:
        super().__init__(
            file.source,
            replace(file.options, is_thorough=True),
            names_study="study" in file.fields or "study" in file.constants,
        )
        self._file, self._judge = file, judge
        self._ledger, self._n_parsed = Ledger(), 0

    def _open(self, stack: ExitStack) -> None:
        file = self._file
        setting = file.setting()
        names = {field: f"v{index}" for index, field in enumerate(file.fields.indices)}
        parser = CsvParser(file.head, file.fields, names, self._options, stack)
        chunks = [make_table(self._judge.table, kept) for kept in self._records(parser, list(names), setting)]
        records = pa.concat_tables([make_table(self._judge.table, ()), *chunks])
        self._refuse_whole(parser)
        studies = make_studies(records["study_id"].to_pylist())
        self._tables = {**self._judge.finish(records, self._ledger), "study": studies}
        self.account = self._account(parser, records.num_rows)

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
                count, message = counts[code], load_messages(FINDINGS)[code]
                place = self._place(count, parser.lines_of([count.row]))
                raise BadInput(code, f"{count.example}: {message.text}", hint=message.hint, place=place)

    def _account(self, parser: CsvParser, n_kept: int) -> Account:
        n_rows = self._n_parsed + len(parser.rejected_rows)
        if n_rows == 0:
            message = "The file has a header and no rows."
            raise BadInput("no-rows", message, hint="Export it again.", place=self._file.head.place)
        lines = parser.lines_of(count.row for count in self._ledger.counts.values())
        findings = [self._finding(code, lines) for code in sorted(self._ledger.counts)]
        return Account(n_rows, n_kept, (*parser.rejects(), *findings))

    def _finding(self, code: str, lines: Mapping[int, int]) -> Finding:
        count = self._ledger.counts[code]
        return load_messages(FINDINGS)[code].finding(code, count.n_rows, self._place(count, lines), count.example)

    def _place(self, count: Count, lines: Mapping[int, int]) -> Place:
        return Place(self._file.head.name, lines[count.row], self._file.fields.column(count.field))
