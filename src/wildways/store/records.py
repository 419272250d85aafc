"""The records of one source inside a transaction: add a file's evidence, find it, delete it."""
# ruff: noqa: S608 - what is put together are names of ours; values are bound

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from wildways.model import EVIDENCE_TABLES, TABLES, FileReport, Finding, Place
from wildways.readers import quote_name, reader_schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_INCOMING = "incoming"

_FILES = """
SELECT file_no, source_file_id, path, bytes, settings, n_rows, n_kept FROM lake.source_file
WHERE module_id = $module_id AND source_id = $source_id ORDER BY path"""
_NEXT = "SELECT coalesce(max(file_no), 0) + 1 FROM lake.source_file"
_STUDIES = "SELECT DISTINCT study_id FROM lake.study WHERE list_contains($numbers, file_no)"
_FINDINGS = """
SELECT code, message, n_rows, refused, first_line, field, example, hint FROM lake.finding
WHERE file_no = $file_no ORDER BY refused DESC, code"""
_RENAME = "UPDATE lake.source_file SET path = $path WHERE file_no = $file_no"


@dataclass(frozen=True)
class StoredFile:
    """A file whose evidence is stored; `number` names it inside the lake."""

    number: int
    sha256: str
    path: str
    n_bytes: int
    settings: str
    n_rows: int
    n_kept: int


class Records:
    """What is stored of one source, seen and changed inside a transaction."""

    def __init__(self, connection: "DuckDBPyConnection", module_id: str, source_id: str) -> None:
        self._connection = connection
        self._source = {"module_id": module_id, "source_id": source_id}
        self.is_changed = False

    def files(self) -> list[StoredFile]:
        """The files stored, by path."""
        return [StoredFile(*row) for row in self._connection.execute(_FILES, self._source).fetchall()]

    def next_number(self) -> int:
        """A number for a new file."""
        return int(self._connection.execute(_NEXT).fetchall()[0][0])

    def only_study(self) -> str | None:
        """The one study that the source's files name; nothing where they name none or several."""
        naming = [file.number for file in self.files() if json.loads(file.settings)["names_study"]]
        studies = self._connection.execute(_STUDIES, {"numbers": naming}).fetchall()
        return str(studies[0][0]) if len(studies) == 1 else None

    def report(self, file: StoredFile, path: str) -> FileReport:
        """The report that was given when the file was ingested."""
        rows = self._connection.execute(_FINDINGS, {"file_no": file.number}).fetchall()
        findings = tuple(
            Finding(code, message, n_rows, refused, Place(path, line, field), example, hint)
            for code, message, n_rows, refused, line, field, example, hint in rows
        )
        return FileReport(path, file.sha256, file.n_rows, file.n_kept, findings, already_stored=True)

    def rename(self, file: StoredFile, path: str) -> None:
        """Note that a file was moved."""
        self._connection.execute(_RENAME, {"file_no": file.number, "path": path})
        self.is_changed = True

    def delete(self, file: StoredFile) -> None:
        """Delete a file and everything that came from it."""
        for table in TABLES:
            statement = f"DELETE FROM lake.{quote_name(table)} WHERE file_no = $file_no"
            self._connection.execute(statement, {"file_no": file.number})
        self.is_changed = True

    def add_fixes(self, number: int, fixes: pa.RecordBatchReader, told: Callable[[int], None]) -> None:
        """Add a stream of fixes of a file; `told` hears how many rows have gone by.

        Raises whatever the stream raises.
        """
        import duckdb

        watched = _Watched(fixes, told)
        try:
            self._insert("fix", number, pa.RecordBatchReader.from_batches(fixes.schema, watched.batches()))
        except (duckdb.Error, pa.ArrowException) as error:
            if watched.error is not None:
                raise watched.error from None
            raise error

    def add(self, table: str, number: int, rows: pa.Table) -> None:
        """Add rows of one of the small tables."""
        if table not in EVIDENCE_TABLES:
            raise KeyError(table)
        if rows.num_rows:
            self._insert(table, number, rows)

    def add_file(self, file: StoredFile, reader: str, ingested_utc: datetime, findings: Sequence[Finding]) -> None:
        """Add the file's own record and its findings."""
        record = {
            **self._source,
            "source_file_id": file.sha256,
            "path": file.path,
            "bytes": file.n_bytes,
            "reader": reader,
            "settings": file.settings,
            "ingested_utc": ingested_utc,
            "n_rows": file.n_rows,
            "n_kept": file.n_kept,
        }
        found = [
            {
                "code": finding.code,
                "refused": finding.refused,
                "n_rows": finding.n_rows,
                "field": finding.place.field,
                "first_line": finding.place.line,
                "example": finding.example,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in findings
        ]
        self._insert("source_file", file.number, pa.Table.from_pylist([record], TABLES["source_file"].schema))
        if found:
            self._insert("finding", file.number, pa.Table.from_pylist(found, reader_schema(TABLES["finding"])))

    def _insert(self, table: str, number: int, rows: pa.Table | pa.RecordBatchReader) -> None:
        columns = ", ".join(quote_name(name) for name in rows.schema.names)
        statement = (
            f"INSERT INTO lake.{quote_name(table)} (file_no, {columns}) SELECT $file_no, {columns} FROM {_INCOMING}"
        )
        self._connection.register(_INCOMING, rows)
        try:
            self._connection.execute(statement, {"file_no": number})
        finally:
            self._connection.unregister(_INCOMING)
        self.is_changed = True


class _Watched:
    """Batches on their way into the engine, which hides what a stream raises: it is kept here."""

    def __init__(self, batches: pa.RecordBatchReader, told: Callable[[int], None]) -> None:
        self._source, self._told = batches, told
        self.error: BaseException | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        n_rows = 0
        try:
            for batch in self._source:
                n_rows += batch.num_rows
                self._told(n_rows)
                yield batch
        except Exception as error:
            self.error = error
            raise
