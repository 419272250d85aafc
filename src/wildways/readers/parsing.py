"""Parses a CSV file once, through DuckDB, into a typed Parquet file in row order, and keeps what was rejected."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from wildways.model import BadInput, Finding, LimitReached, Place
from wildways.readers.contract import ReadingOptions
from wildways.readers.csvfile import CsvHead, make_plain
from wildways.readers.engine import open_engine
from wildways.readers.fields import FieldMap
from wildways.readers.lines import Layout, Lines, read_layout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READ_CSV = """read_csv(
    $file, auto_detect = false, header = true, delim = $delimiter, quote = '"', escape = '"', nullstr = ['', 'NA'],
    columns = {columns}, store_rejects = true)"""

_WRITE = "COPY ({query}) TO $target (FORMAT parquet, COMPRESSION lz4_raw)"

_REJECTS = """
SELECT line, arg_min(error_message, column_idx), left(trim(any_value(csv_line), E' \\n\\r'), 80)
FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_errors)
GROUP BY line ORDER BY line"""


@dataclass(frozen=True)
class Parsed:
    """A parsed CSV file.

    Parameters
    ----------
    engine : the connection that parsed it
    table : typed rows in file order, Parquet
    n_rows : rows in the file: parsed and rejected
    rejected_rows : numbers of the rows the parser rejected, ascending; the first row after the header is 1
    """

    engine: "DuckDBPyConnection"
    head: CsvHead
    plain: Path
    table: Path
    n_rows: int
    rejected_rows: Lines
    rejection: str = ""
    rejected_example: str = ""

    def rows_of(self, indices: Lines) -> Lines:
        """Row numbers of parsed rows by their index in `table`, counting the rejected rows between them."""
        parsed_before = self.rejected_rows - 1 - np.arange(len(self.rejected_rows))
        return indices + 1 + np.searchsorted(parsed_before, indices, side="right")

    def lines_of(self, rows: Iterable[int]) -> dict[int, int]:
        """Lines on which rows start, the header being line 1; the file is scanned up to the last of them."""
        wanted = sorted(set(rows))
        layout = read_layout(self.plain, max_row=wanted[-1]) if wanted else None
        return {row: layout.line_of(row) for row in wanted} if layout else {}

    def rejects(self) -> list[Finding]:
        """The finding on the rejected rows, if there are any."""
        if not len(self.rejected_rows):
            return []
        row = int(self.rejected_rows[0])
        return [
            Finding(
                "line-rejected",
                f"These lines are not CSV like the rest of the file; the first: {self.rejection.rstrip('.')}.",
                len(self.rejected_rows),
                refused=True,
                place=Place(self.head.name, self.lines_of([row])[row]),
                example=self.rejected_example or None,
                hint="Look for stray quotes, missing or extra commas, a cut-off end, or text that is not UTF-8.",
            )
        ]


def parse(
    head: CsvHead,
    fields: FieldMap,
    names: Mapping[str, str],
    query: str,
    parameters: Mapping[str, object],
    engine: "DuckDBPyConnection",
    scratch_folder: Path,
) -> Parsed:
    """Parse a CSV file with a query over its columns as text.

    Parameters
    ----------
    names : field → name the query has for it; fields the file lacks are NULL
    query : SQL over a table ``parsed`` of those names; written to Parquet, one row out for each row in, in order

    Raises
    ------
    BadInput : it is no CSV, or has no rows
    LimitReached : the memory limit is too small for it
    """
    plain, table = make_plain(head, scratch_folder), scratch_folder / "rows.parquet"
    selected = ", ".join(f"{_column(fields, field)} AS {name}" for field, name in names.items())
    columns = ", ".join(f"c{index}: 'VARCHAR'" for index in range(len(head.columns)))
    source = f"SELECT {selected} FROM {_READ_CSV.format(columns='{' + columns + '}')}"
    statement = _WRITE.format(query=f"WITH parsed AS ({source}) {query}")
    given = {**parameters, "delimiter": head.delimiter, "target": str(table)}
    n_parsed = _run(engine, statement, {**given, "file": str(plain)}, head)
    if n_parsed is None:
        plain = make_plain(head, scratch_folder, unify_line_ends=True)
        n_parsed = _run(engine, statement, {**given, "file": str(plain)}, head)
    if n_parsed is None:
        raise _not_csv(head, "its quotes or line ends are broken")
    rejects = engine.execute(_REJECTS).fetchall()
    if n_parsed + len(rejects) == 0:
        raise BadInput("no-rows", "The file has a header and no rows.", hint="Export it again.", place=head.place)
    ordinals = np.array([line for line, _, _ in rejects], dtype=np.int64)
    layout = read_layout(plain) if rejects else Layout(ordinals, ordinals)
    _, message, example = rejects[0] if rejects else (0, "", "")
    return Parsed(
        engine, head, plain, table, n_parsed + len(rejects), layout.rows_of(ordinals), message or "", example or ""
    )


def open_parser(stack: ExitStack, options: ReadingOptions) -> tuple["DuckDBPyConnection", Path]:
    """Open an engine and a scratch folder of its own, both closed with the stack."""
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="reading-", dir=options.scratch_folder)))
    engine = open_engine(memory_limit=options.memory_limit, threads=options.threads, spill_folder=scratch / "spill")
    stack.callback(engine.close)
    return engine, scratch


def _column(fields: FieldMap, field: str) -> str:
    return f"c{fields.indices[field]}" if field in fields else "NULL::VARCHAR"


def _run(engine: "DuckDBPyConnection", statement: str, parameters: dict[str, object], head: CsvHead) -> int | None:
    """Run the statement; rows written, or nothing where line ends of several kinds stop the parser."""
    import duckdb

    try:
        (n_rows,) = engine.execute(statement, parameters).fetchall()[0]
    except duckdb.OutOfMemoryException as error:
        message = "The memory limit is too small to read this file."
        raise LimitReached("memory", message, hint="Raise the memory limit.", place=head.place) from error
    except duckdb.IOException as error:
        message = f"Intermediate files cannot be written: {_reason(error)}."
        raise LimitReached("disk", message, hint="Make room on the disk.", place=head.place) from error
    except duckdb.Error as error:
        if "invalid state" in str(error):
            return None
        raise _not_csv(head, _reason(error)) from error
    return int(n_rows)


def _not_csv(head: CsvHead, reason: str) -> BadInput:
    message = f"The file cannot be read as CSV: {reason}."
    return BadInput("not-csv", message, hint="Export it again as CSV in UTF-8.", place=head.place)


def _reason(error: Exception) -> str:
    first = str(error).partition("\n")[0]
    return (first.partition(": ")[2] or first).rstrip(".")
