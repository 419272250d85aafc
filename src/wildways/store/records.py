"""The records of one source inside a transaction: add a file's evidence, find it, delete it."""
# ruff: noqa: S608 - what is put together are names of ours; values are bound

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from wildways.model import DERIVED_COLUMNS, EVIDENCE_TABLES, TABLES, FileReport, Finding, Place
from wildways.readers import quote_name, reader_schema
from wildways.store.history import Commit
from wildways.store.lake import table_folder
from wildways.store.links import places_of_links
from wildways.store.parquet_files import write_parquet
from wildways.store.schema import FILE_TABLES
from wildways.store.withholding import Scope

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_INCOMING = "incoming"

_FILES = """
SELECT file_no, source_file_id, path, bytes, settings, n_rows, n_kept FROM lake.source_file
WHERE module_id = $module_id AND source_id = $source_id ORDER BY path"""
_NEXT = "SELECT coalesce(max(file_no), 0) + 1 FROM lake.source_file"
_STUDIES = "SELECT DISTINCT study_id FROM lake.study WHERE list_contains($numbers, file_no)"
_REMOVED = """
SELECT study_id, organism_id FROM lake.removal WHERE module_id = $module_id AND source_id = $source_id"""
_FINDINGS = """
SELECT code, message, n_rows, refused, first_line, field, example, hint FROM lake.finding
WHERE file_no = $file_no ORDER BY refused DESC, code, n_rows DESC, example"""
_OF_SOURCE = """file_no IN (
    SELECT file_no FROM lake.source_file WHERE module_id = $module_id AND source_id = $source_id)"""
_LINKS = f"SELECT * FROM lake.link WHERE {_OF_SOURCE} ORDER BY file_no, source_row, link_id"
_DELETE_LINKS = "DELETE FROM lake.link WHERE list_contains($numbers, file_no)"
_SITES = f"""
SELECT study_id, site_id, country, countries, sea_area FROM lake.site WHERE {_OF_SOURCE}
ORDER BY file_no, source_row"""
_FILLED = "SELECT table_name FROM ducklake_table_info('lake') WHERE file_count > 0"
_ADD_FIXES = "CALL ducklake_add_data_files('lake', 'fix', $file, allow_missing => true)"
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

    def __init__(
        self, connection: "DuckDBPyConnection", folder: Path, commit: Commit, module_id: str, source_id: str
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._commit = commit
        self._source = {"module_id": module_id, "source_id": source_id}
        self._filled = {str(table) for (table,) in connection.execute(_FILLED).fetchall()}
        """Tables that may have rows; the engine is slow to find out that a table has none."""
        self.is_changed = False

    def files(self) -> list[StoredFile]:
        """The files stored, by path."""
        return [StoredFile(*row) for row in self._connection.execute(_FILES, self._source).fetchall()]

    def next_number(self) -> int:
        """A number for a new file."""
        return int(self._connection.execute(_NEXT).fetchall()[0][0])

    def only_study(self) -> str | None:
        """The one study that the source's files name, removed or not; nothing where they name none or several."""
        naming = [file.number for file in self.files() if json.loads(file.settings)["names_study"]]
        studies = {study for (study,) in self._connection.execute(_STUDIES, {"numbers": naming}).fetchall()}
        studies |= {scope.study_id for scope in self.removed() if scope.study_id is not None}
        return str(*studies) if len(studies) == 1 else None

    def removed(self) -> list[Scope]:
        """What was removed of the source on request."""
        if "removal" not in self._filled:
            return []
        return [Scope(*row) for row in self._connection.execute(_REMOVED, self._source).fetchall()]

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
        for table in sorted(self._filled.intersection(FILE_TABLES)):
            statement = f"DELETE FROM lake.{quote_name(table)} WHERE file_no = $file_no"
            ((n_rows,),) = self._connection.execute(statement, {"file_no": file.number}).fetchall()
            self._commit.count(table, n_removed=n_rows)
        self.is_changed = True

    def add_fixes(
        self, number: int, schema: pa.Schema, batches: Iterable[pa.RecordBatch], told: Callable[[int], None]
    ) -> None:
        """Add a stream of fixes of a file; `told` hears how many rows have gone by.

        Raises whatever the stream raises.
        """
        watched = _counted(batches, told)
        for file, n_rows in write_parquet(table_folder(self._folder, "fix"), "fix", number, schema, watched):
            self._connection.execute(_ADD_FIXES, {"file": str(file)})
            self._filled.add("fix")
            self._commit.count("fix", n_added=n_rows)
            self.is_changed = True

    def add(self, table: str, number: int, rows: pa.Table) -> None:
        """Add rows of one of the small tables."""
        if table not in EVIDENCE_TABLES:
            raise KeyError(table)
        if rows.num_rows:
            self._insert(table, number, rows)

    def settle_links(self) -> None:
        """Bring the places of the source's links up to date with its sites, which other files may have."""
        if "link" not in self._filled:
            return
        links = self._connection.execute(_LINKS, self._source).to_arrow_table()
        if not links.num_rows:
            return
        sites = self._connection.execute(_SITES, self._source).to_arrow_table()
        settled = links
        for name, places in zip(DERIVED_COLUMNS[1:], places_of_links(links, sites), strict=True):
            settled = settled.set_column(settled.schema.get_field_index(name), name, places)
        if settled.equals(links):
            return
        numbers = links["file_no"].unique().to_pylist()
        self._connection.execute(_DELETE_LINKS, {"numbers": numbers})
        self._connection.register(_INCOMING, settled)
        try:
            self._connection.execute(f"INSERT INTO lake.link BY NAME FROM {_INCOMING}")
        finally:
            self._connection.unregister(_INCOMING)
        self.is_changed = True

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
            ((n_rows,),) = self._connection.execute(statement, {"file_no": number}).fetchall()
        finally:
            self._connection.unregister(_INCOMING)
        self._filled.add(table)
        self._commit.count(table, n_added=n_rows)
        self.is_changed = True


def _counted(batches: Iterable[pa.RecordBatch], told: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
    """Batches as they go by, with `told` hearing how many rows have."""
    n_rows = 0
    for batch in batches:
        n_rows += batch.num_rows
        told(n_rows)
        yield batch
