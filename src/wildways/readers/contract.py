"""What a reader is: it claims files, reads one into evidence tables, and accounts for every row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import pyarrow as pa

from wildways.model import DERIVED_COLUMNS, TABLES, Finding, Source, Table

PROVENANCE = ("module_id", "source_id", "source_file_id")
"""Columns of the evidence tables that say where a record came from; the store adds them."""


def reader_schema(table: Table) -> pa.Schema:
    """Schema of what a reader yields for an evidence table: all of its columns but those that the store adds."""
    added = {*PROVENANCE, *DERIVED_COLUMNS}
    return pa.schema([column for column in table.schema if column.name not in added])


FIX_SCHEMA = reader_schema(TABLES["fix"])

CLOCK_TOLERANCE = timedelta(days=1)
"""How far a time may lie ahead of now before it is the future."""


@dataclass(frozen=True)
class Account:
    """What became of the rows of a file. ``n_rows == n_kept + the rows of the refusing findings``, always."""

    n_rows: int
    n_kept: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class ReadingOptions:
    """How to read, apart from what the source says.

    Parameters
    ----------
    name : how messages name the file; empty means its path
    study : study of rows that name none, where the source does not say either
    now : instant that tells the future from the past (aware)
    scratch_folder : where intermediate files may lie until the reading is closed; empty means the system's folder
    memory_limit : memory the parser may use before it spills to the scratch folder, for example ``"1GB"``
    threads : threads the parser may use; empty means one a core
    is_thorough : whether to look through the file for broken lines before streaming it, which costs a second pass
    """

    name: str | None = None
    study: str | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    scratch_folder: Path | None = None
    memory_limit: str = "1GB"
    threads: int | None = None
    is_thorough: bool = False

    @property
    def latest(self) -> datetime:
        """The latest instant that is not the future, clocks being what they are."""
        return self.now + CLOCK_TOLERANCE


class ReadAgain(Exception):
    """What was streamed is void: broken lines came up. Start over with `ReadingOptions.is_thorough`.

    Lines that a parser skips shift the numbers of the rows after them, and a parser that runs ahead on all cores
    learns of them only at the end. Files are sound as a rule, so the single pass comes first.
    """


class Reading(Protocol):
    """One file being read: a context manager that yields the evidence and, after it, the account."""

    @property
    def names_study(self) -> bool:
        """Whether the file or its source names the study; known before the reading is entered."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order, columns as in `FIX_SCHEMA`; texts may come as dictionaries.

        Raises
        ------
        BadInput : while streaming: the file cannot be used as a whole
        ReadAgain : while streaming: start over, thoroughly
        """
        ...

    def tables(self) -> Mapping[str, pa.Table]:
        """The small tables by name (``study``, ``organism``, ``deployment``), schemas by `reader_schema`.

        Complete once the fixes were consumed; a table may be left out.
        """
        ...

    @property
    def account(self) -> Account:
        """What became of the rows; complete once the fixes were consumed."""
        ...


@runtime_checkable
class Reader(Protocol):
    """Reads files of one format. Third parties offer theirs under the entry point group ``wildways.readers``.

    A reader that reads other files beside the named one says so by a method ``siblings``; see `ReadsSiblings`.
    """

    name: str
    version: str
    description: str

    def claims(self, file: Path) -> bool:
        """Whether the file looks like this reader's format; looks at its beginning only and never raises."""
        ...

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a file as its source says.

        Raises
        ------
        BadInput : the file cannot be read at all, here or on entering the reading; names file, field and remedy
        """
        ...


def no_fixes(batches: Iterable[pa.RecordBatch] = ()) -> pa.RecordBatchReader:
    """A stream of fixes without any, for files that hold other evidence."""
    return pa.RecordBatchReader.from_batches(FIX_SCHEMA, batches)
