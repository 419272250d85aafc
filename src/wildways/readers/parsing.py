"""Parses a CSV file through DuckDB: streams typed rows in file order and knows the lines that were rejected."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from wildways.model import BadInput, Finding, LimitReached, Place, WildwaysError
from wildways.readers.contract import ReadAgain, ReadingOptions
from wildways.readers.csvfile import CsvHead, make_plain
from wildways.readers.engine import make_scratch, open_engine
from wildways.readers.fields import FieldMap
from wildways.readers.lines import Lines, read_layout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH_ROWS = 122_880
SMALL_BYTES = 8_000_000
"""Up to this size a file is looked through for rejected lines before it is streamed."""

_READ_CSV = """read_csv(
    $file, auto_detect = false, header = true, delim = $delimiter, quote = '"', escape = '"', nullstr = ['', 'NA'],
    columns = {columns}, store_rejects = true)"""

_REJECTS = """
SELECT line, arg_min(error_message, column_idx), left(trim(any_value(csv_line), E' \\n\\r'), 80)
FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_errors)
GROUP BY line ORDER BY line"""

_STREAM_BUFFER = "64MB"
"""Wide enough for all cores to parse ahead; at the engine's default one parses alone."""


class Parser(Protocol):
    """What feeds the judging queries: rows as text in a table ``parsed``, in file order; see `CsvParser`."""

    engine: "DuckDBPyConnection"

    @property
    def rejected_rows(self) -> Lines:
        """Numbers of the rows that are not in ``parsed``, ascending."""
        ...

    def stream(self, query: str, parameters: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
        """Stream the result of a query that gives one row for each of ``parsed``, in file order."""
        ...

    def rows_of(self, indices: Lines) -> Lines:
        """Row numbers of parsed rows by their index in the stream, counting the rejected rows between them."""
        ...

    def lines_of(self, rows: Iterable[int]) -> dict[int, int]:
        """Lines on which rows start."""
        ...

    def rejects(self) -> list[Finding]:
        """The findings on the rejected rows."""
        ...


class CsvParser:
    """One CSV file, parsed by queries over a table ``parsed`` of its fields as text.

    Parameters
    ----------
    names : field → name the queries have for it; fields the file lacks are NULL
    """

    def __init__(
        self, head: CsvHead, fields: FieldMap, names: Mapping[str, str], options: ReadingOptions, stack: ExitStack
    ) -> None:
        self._scratch = make_scratch(options, stack)
        self._head, self._fields, self._names, self._options = head, fields, names, options
        self._plain = make_plain(head, self._scratch)
        self._source = _select(head, fields, names)
        self._rejected: list[tuple[int, str, str]] = []
        self.rejected_rows: Lines = np.empty(0, dtype=np.int64)
        self._is_checked = False
        self.engine = self._open_engine()
        stack.callback(lambda: self.engine.close())
        if options.is_thorough or self._plain.stat().st_size <= SMALL_BYTES:
            self._check()

    def stream(self, query: str, parameters: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
        """Stream the result of a query that gives one row for each of ``parsed``, in file order.

        Raises
        ------
        BadInput : the file is no CSV
        LimitReached : the memory limit is too small for it
        ReadAgain : lines were rejected that a first look would have found
        """
        try:
            yield from self._run(query, parameters)
        except WildwaysError:
            raise
        except _engine_errors() as error:
            if not self._is_checked and _obstacle(error) is not None:
                raise ReadAgain from error
            raise self._explain(error) from error
        if not self._is_checked and self._read_rejects():
            raise ReadAgain

    def rows_of(self, indices: Lines) -> Lines:
        """Row numbers of parsed rows by their index in the stream, counting the rejected rows between them."""
        parsed_before = self.rejected_rows - 1 - np.arange(len(self.rejected_rows))
        return indices + 1 + np.searchsorted(parsed_before, indices, side="right")

    def lines_of(self, rows: Iterable[int]) -> dict[int, int]:
        """Lines on which rows start, the header being line 1; the file is scanned up to the last of them."""
        wanted = sorted(set(rows))
        if not wanted:
            return {}
        layout = read_layout(self._plain, max_row=wanted[-1])
        return {row: layout.line_of(row) for row in wanted}

    def rejects(self) -> list[Finding]:
        """The finding on the rejected lines, if there are any."""
        if not self._rejected:
            return []
        _, message, example = self._rejected[0]
        row = int(self.rejected_rows[0])
        return [
            Finding(
                "line-rejected",
                f"These lines are not CSV like the rest of the file; the first: {message.rstrip('.')}.",
                len(self._rejected),
                refused=True,
                place=Place(self._head.name, self.lines_of([row])[row]),
                example=example or None,
                hint="Look for stray quotes, missing or extra commas, a cut-off end, or text that is not UTF-8.",
            )
        ]

    def _run(self, query: str, parameters: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
        statement = f"WITH parsed AS ({self._source}) {query}"
        given = {**parameters, "file": str(self._plain), "delimiter": self._head.delimiter}
        return iter(self.engine.execute(statement, given).to_arrow_reader(BATCH_ROWS))

    def _check(self) -> None:
        """Look through the file for rejected lines, and get the parser past what stops it."""
        met: set[str | None] = {None}
        while not self._is_checked:
            try:
                for _ in self._run("SELECT count(COLUMNS(*)) FROM parsed", {}):
                    self._is_checked = True
            except _engine_errors() as error:
                obstacle = _obstacle(error)
                if obstacle in met:
                    raise self._explain(error) from error
                met.add(obstacle)
                self._overcome(obstacle)
        self._rejected = self._read_rejects()
        ordinals = np.array([line for line, _, _ in self._rejected], dtype=np.int64)
        self.rejected_rows = read_layout(self._plain).rows_of(ordinals) if len(ordinals) else ordinals

    def _overcome(self, obstacle: str | None) -> None:
        if obstacle == "line-ends":
            self._plain = make_plain(self._head, self._scratch, unify_line_ends=True)
        else:
            self._source = _select(self._head, self._fields, self._names, all_columns=True)
        self.engine.close()
        self.engine = self._open_engine()

    def _open_engine(self) -> "DuckDBPyConnection":
        options = self._options
        engine = open_engine(
            memory_limit=options.memory_limit, threads=options.threads, spill_folder=self._scratch / "spill"
        )
        engine.execute("SET streaming_buffer_size = $size", {"size": _STREAM_BUFFER})
        return engine

    def _read_rejects(self) -> list[tuple[int, str, str]]:
        return self.engine.execute(_REJECTS).fetchall()

    def _explain(self, error: Exception) -> WildwaysError:
        first = str(error).partition("\n")[0]
        kind, _, reason = first.partition(": ")
        reason = (reason or first).rstrip(".")
        if "Out of Memory" in kind:
            message = "The memory limit is too small to read this file."
            return LimitReached("memory", message, hint="Raise the memory limit.", place=self._head.place)
        if kind.startswith("IO"):
            message = f"Intermediate files cannot be written: {reason}."
            return LimitReached("disk", message, hint="Make room on the disk.", place=self._head.place)
        message = f"The file cannot be read as CSV: {reason}."
        return BadInput("not-csv", message, hint="Export it again as CSV in UTF-8.", place=self._head.place)


def _select(head: CsvHead, fields: FieldMap, names: Mapping[str, str], *, all_columns: bool = False) -> str:
    """The query that reads the file's fields as text; columns go by number, so no name of the file is in it.

    The parser fails on broken text when it skips columns; `all_columns` makes it read them all, which takes longer.
    """
    numbered = [f"c{index}" for index in range(len(head.columns))]
    columns = ", ".join(f"{column}: 'VARCHAR'" for column in numbered)
    selected = ", ".join(
        f"c{fields.indices[field]} AS {name}" if field in fields else f"NULL::VARCHAR AS {name}"
        for field, name in names.items()
    )
    condition = f"WHERE hash({', '.join(numbered)}) IS NOT NULL" if all_columns else ""
    return f"SELECT {selected} FROM {_READ_CSV.format(columns='{' + columns + '}')} {condition}"  # noqa: S608 - our names


def _obstacle(error: Exception) -> str | None:
    """What stopped the parser, where that can be overcome."""
    if "invalid state" in str(error):
        return "line-ends"
    return "broken-text" if "INTERNAL" in str(error) else None


def _engine_errors() -> tuple[type[Exception], ...]:
    """What the engine raises, directly or through a stream of Arrow batches."""
    import duckdb

    return (duckdb.Error, pa.ArrowException, OSError)
