"""Erasure: forgets old snapshots and deletes the files, and the pages of the catalogue, that only they needed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wildways.store.history import Commit
from wildways.store.lake import CATALOGUE, EVIDENCE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HAS_CUT_ROWS = "SELECT count(*) FROM __ducklake_metadata_lake.ducklake_delete_file WHERE end_snapshot IS NULL"
_REWRITE = "CALL ducklake_rewrite_data_files('lake', delete_threshold => 0)"
_EXPIRE = "SELECT count(*) FROM ducklake_expire_snapshots('lake', older_than => $before)"
_CLEAN = "CALL ducklake_cleanup_old_files('lake', cleanup_all => true)"
_SCRUB_SECONDS = 600
_SCRUB = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=300, isolation_level=None)
for bound in ("min_value", "max_value"):
    connection.execute(f'''
        UPDATE ducklake_table_column_stats AS whole SET {bound} = NULL WHERE {bound} IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM ducklake_file_column_stats AS part
            WHERE part.table_id = whole.table_id AND part.column_id = whole.column_id
                AND part.{bound} = whole.{bound})''')
connection.execute("VACUUM")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
connection.close()
"""


@dataclass(frozen=True)
class Purged:
    """What was forgotten: snapshots, files of evidence, and their bytes."""

    n_snapshots: int
    n_files: int
    n_bytes: int


def purge_history(connection: "DuckDBPyConnection", folder: Path, before: datetime) -> Purged:
    """Forget the snapshots of a workspace older than an instant, under the caller's lock; see `Workspace.purge`."""
    files = _evidence(folder)
    if connection.execute(_HAS_CUT_ROWS).fetchall()[0][0]:
        with _transaction(connection):
            connection.execute(_REWRITE)
            Commit("cut removed rows out of the evidence files").describe(connection)
    n_snapshots = int(connection.execute(_EXPIRE, {"before": before}).fetchall()[0][0])
    connection.execute(_CLEAN)
    gone = files.keys() - _evidence(folder).keys()
    return Purged(n_snapshots, len(gone), sum(files[file] for file in gone))


def scrub_catalogue(folder: Path) -> None:
    """Erase from the catalogue of a workspace the extremes of columns that no file has any more, and its free pages.

    In a process of its own, because two copies of SQLite in one undo each other's locks. Nobody in this process may
    have the catalogue open, and what others remember of the extremes they may write back.
    """
    command = [sys.executable, "-I", "-c", _SCRUB, str(folder / CATALOGUE)]
    subprocess.run(command, check=True, timeout=_SCRUB_SECONDS, capture_output=True)


def _evidence(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_size for file in (folder / EVIDENCE).rglob("*.parquet")}


@contextmanager
def _transaction(connection: "DuckDBPyConnection") -> Iterator[None]:
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
