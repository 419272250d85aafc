"""The connection to a workspace's DuckLake, hardened, and its errors turned into ours."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wildways.model import Conflict, Corrupt, LimitReached, WildwaysError
from wildways.readers import open_engine, quote
from wildways.store.extensions import load_extension

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CATALOGUE = "catalogue.sqlite"
EVIDENCE = "evidence"
LOCK = "writer.lock"
TEMPORARY = "temporary"
REMEDY = "Restore the workspace from a backup, or delete it and ingest again; your source files are not touched."

_BUSY_MILLISECONDS = 10_000


def connect(
    folder: Path, catalogue: str, stack: ExitStack, memory_limit: str, threads: int | None, *, read_only: bool
) -> "DuckDBPyConnection":
    """Connect to the lake of a workspace, as the schema ``lake``; it closes with the stack.

    Raises
    ------
    Corrupt : the catalogue is damaged
    Conflict : another process is writing to it
    """
    _refuse_other_files(folder / catalogue)
    spill = folder / TEMPORARY / f"spill-{uuid.uuid4().hex}"
    connection = open_engine(memory_limit=memory_limit, threads=threads, spill_folder=spill)
    stack.callback(connection.close)
    for extension in ("sqlite_scanner", "ducklake"):
        load_extension(connection, extension)
    mode = "READ_ONLY" if read_only else "META_JOURNAL_MODE 'WAL'"
    with explained(folder):
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            f"ATTACH {quote('ducklake:sqlite:' + str(folder / catalogue))} AS lake ("
            f"DATA_PATH {quote(str(folder / EVIDENCE) + os.sep)}, OVERRIDE_DATA_PATH true, "
            f"DATA_INLINING_ROW_LIMIT 0, META_BUSY_TIMEOUT {_BUSY_MILLISECONDS}, {mode})"
        )
        connection.execute("SET lock_configuration = true")
    return connection


def table_folder(folder: Path, table: str) -> Path:
    """Where a workspace keeps the Parquet files of a table."""
    return folder / EVIDENCE / "main" / table


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn errors of the engine and of the disk into ours."""
    import duckdb

    try:
        yield
    except WildwaysError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full(folder) from error
        raise
    except duckdb.OutOfMemoryException as error:
        message = "The memory limit is too small for this query."
        raise LimitReached("memory", message, hint="Open the workspace with a higher memory limit.") from error
    except duckdb.Error as error:
        if "database is locked" in str(error):
            message = f"Another process is writing to {folder}."
            raise Conflict("workspace-busy", message, hint="Wait until it is done and try again.") from error
        if "No space left" in str(error):
            raise _disk_full(folder) from error
        message = f"The evidence in {folder} cannot be read or written: {str(error).splitlines()[0]}"
        raise Corrupt("workspace-damaged", message, hint=REMEDY) from error


def _disk_full(folder: Path) -> LimitReached:
    return LimitReached("disk", f"The disk of {folder} is full.", hint="Make room and try again; nothing was changed.")


def _refuse_other_files(catalogue: Path) -> None:
    if not catalogue.exists():
        return
    with catalogue.open("rb") as stream:
        if not stream.read(16).startswith(b"SQLite format 3\0"):
            raise Corrupt("catalogue-damaged", f"{catalogue} is not a SQLite database.", hint=REMEDY)
