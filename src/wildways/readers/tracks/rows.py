"""Rows of a file that is no CSV, fed to the queries that judge Movebank event data, and the rows set aside before."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from wildways.model import BadInput, Finding, LimitReached, Place
from wildways.readers.contract import ReadingOptions
from wildways.readers.engine import enter_engine
from wildways.readers.fields import FieldMap
from wildways.readers.findings import Message
from wildways.readers.lines import Lines

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_A_BATCH = 65_536


@dataclass
class Aside:
    """Rows set aside for one reason: how many, and what is known of the first."""

    n_rows: int
    row: int
    line: int | None
    field: str | None
    example: str | None


@dataclass
class SetAside:
    """Rows that a format refuses before they are judged.

    Parameters
    ----------
    reasons : code → what it means
    remarks : findings on the file that refuse nothing
    """

    reasons: Mapping[str, Message]
    remarks: list[Finding] = field(default_factory=list)
    counts: dict[str, Aside] = field(default_factory=dict)
    _rows: "array[int]" = field(default_factory=lambda: array("q"))

    def add(
        self,
        code: str,
        row: int,
        *,
        n_rows: int = 1,
        line: int | None = None,
        field: str | None = None,
        example: str | None = None,
    ) -> None:
        """Set aside a row, or `n_rows` of them from it on; rows come in ascending order."""
        self.skip(row, n_rows)
        self.count(code, row, n_rows=n_rows, line=line, field=field, example=example)

    def skip(self, row: int, n_rows: int = 1) -> None:
        """Keep rows from being judged, without refusing them."""
        self._rows.extend(range(row, row + n_rows))

    def count(
        self,
        code: str,
        row: int,
        *,
        n_rows: int = 1,
        line: int | None = None,
        field: str | None = None,
        example: str | None = None,
    ) -> None:
        """Refuse rows that were skipped."""
        if code in self.counts:
            self.counts[code].n_rows += n_rows
        else:
            self.counts[code] = Aside(n_rows, row, line, field, example)

    @property
    def rows(self) -> Lines:
        """Numbers of the rows, ascending."""
        return np.array(self._rows, dtype=np.int64)

    def findings(self, name: str, lines_of: Mapping[int, int]) -> list[Finding]:
        """One refusing finding a reason; `lines_of` tells the line of a row where none was given."""
        return [
            self.reasons[code].finding(
                code, aside.n_rows, Place(name, aside.line or lines_of.get(aside.row), aside.field), aside.example
            )
            for code, aside in sorted(self.counts.items())
        ]


class RowSource(Protocol):
    """A file that yields rows of text.

    Attributes
    ----------
    file, name : the file, and how messages name it
    columns : names of its columns
    defaults : field → column that holds it, unless the source says otherwise
    is_utc : whether the format says that stamps without an offset are UTC
    crs : CRS of the coordinates as the file says; None where it says nothing
    hints : code → what to do about it in this format, where that differs
    set_aside : rows refused before they are judged
    """

    @property
    def file(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def defaults(self) -> Mapping[str, str]: ...
    @property
    def is_utc(self) -> bool: ...
    @property
    def crs(self) -> str | None: ...
    @property
    def hints(self) -> Mapping[str, str]: ...
    @property
    def set_aside(self) -> SetAside: ...

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns, by index, as texts; a few ten thousand rows at a time, in file order."""
        ...

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which rows start; a file without lines counts as a table with a header on line 1."""
        ...


class RowParser:
    """Feeds the rows of a source to queries over a table ``parsed``; see `parsing.Parser`."""

    def __init__(
        self,
        rows: RowSource,
        fields: FieldMap,
        names: Mapping[str, str],
        options: ReadingOptions,
        stack: ExitStack,
    ) -> None:
        self._source, self._fields, self._names = rows, fields, names
        self.engine: DuckDBPyConnection = enter_engine(options, stack)

    @property
    def rejected_rows(self) -> Lines:
        """Numbers of the rows that were set aside so far."""
        return self._source.set_aside.rows

    def stream(self, query: str, parameters: Mapping[str, object]) -> Iterator[pa.RecordBatch]:
        """Stream the result of a query that gives one row for each of ``parsed``, in file order.

        Raises
        ------
        BadInput : the file cannot be read, or has no rows
        LimitReached : it holds more than may be read
        """
        import duckdb

        statement = f"WITH parsed AS (SELECT * FROM given) {query}"  # noqa: S608 - our own query
        is_empty = True
        try:
            for given in self._given():
                is_empty = False
                self.engine.register("given", given)
                yield from self.engine.execute(statement, parameters).to_arrow_table().to_batches()
        except duckdb.OutOfMemoryException as error:
            message = "The memory limit is too small to read this file."
            place = Place(self._source.name)
            raise LimitReached("memory", message, hint="Raise the memory limit.", place=place) from error
        if is_empty and not len(self.rejected_rows):
            raise BadInput(
                "no-rows", "The file holds no positions.", hint="Export it again.", place=Place(self._source.name)
            )

    def rows_of(self, indices: Lines) -> Lines:
        """Row numbers of judged rows by their index in the stream, counting the rows set aside between them."""
        aside = self.rejected_rows
        return indices + 1 + np.searchsorted(aside - 1 - np.arange(len(aside)), indices, side="right")

    def lines_of(self, rows: Iterable[int]) -> dict[int, int]:
        """Lines on which rows start."""
        wanted = sorted(set(rows))
        return self._source.lines_of(wanted) if wanted else {}

    def rejects(self) -> list[Finding]:
        """The findings on the rows that were set aside."""
        aside = self._source.set_aside
        unplaced = [count.row for count in aside.counts.values() if count.line is None]
        return aside.findings(self._source.name, self.lines_of(unplaced))

    def _given(self) -> Iterator[pa.Table]:
        wanted = sorted(set(self._fields.indices.values()))
        for columns in self._source.batches(wanted):
            by_index = dict(zip(wanted, columns, strict=True))
            n_rows = len(columns[0])
            if not n_rows:
                continue
            empty = pa.nulls(n_rows, pa.string())
            given = {
                name: by_index[self._fields.indices[field]] if field in self._fields else empty
                for field, name in self._names.items()
            }
            yield pa.table(given)
