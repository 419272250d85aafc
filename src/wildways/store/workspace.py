"""The private workspace: all evidence in a DuckLake, Parquet files beside a SQLite catalogue."""

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from wildways.model import TABLES, Conflict, Corrupt, LimitReached, NotFound, Table, WildwaysError
from wildways.readers import open_engine, quote, quote_name, reader_schema
from wildways.store import queries
from wildways.store.extensions import load_extension
from wildways.store.lock import WAIT_SECONDS, writer_lock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CATALOGUE = "catalogue.sqlite"
EVIDENCE = "evidence"
LOCK = "writer.lock"
TEMPORARY = "temporary"

_REMEDY = "Restore the workspace from a backup, or delete it and ingest again; your source files are not touched."
_BUSY_MILLISECONDS = 10_000
_TYPES = MappingProxyType(
    {
        "string": "VARCHAR",
        "binary": "BLOB",
        "double": "DOUBLE",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "bool": "BOOLEAN",
        "date32[day]": "DATE",
        "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
    }
)
"""Arrow type of a declared column → type it is stored as."""


class Workspace:
    """All evidence of an atlas. Many processes may read it at once, one may write; every ingest is one snapshot.

    Open it with `Workspace.open`, use it as a context manager, and do not share it between threads.
    """

    def __init__(self, folder: Path, connection: "DuckDBPyConnection", stack: ExitStack, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self._connection = connection
        self._stack = stack

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        memory_limit: str = "2GB",
        threads: int | None = None,
        read_only: bool = False,
    ) -> Self:
        """Open a workspace, made where it is missing and may be written.

        Parameters
        ----------
        memory_limit : what queries may use before they spill into the workspace
        threads : empty means one a core

        Raises
        ------
        NotFound : there is none and `read_only` is set, or a DuckDB extension is missing
        Corrupt : the catalogue is damaged or evidence files are missing or cut
        Conflict : another process is just making it
        """
        folder = Path(folder).absolute()
        if not (folder / CATALOGUE).exists():
            if read_only:
                message = f"{folder} holds no evidence yet."
                raise NotFound("workspace-missing", message, hint="Run `wildways ingest` first.")
            _create(folder)
        with ExitStack() as stack:
            connection = _connect(folder, CATALOGUE, stack, memory_limit, threads, read_only=read_only)
            workspace = cls(folder, connection, stack, read_only=read_only)
            workspace._check()
            workspace._stack = stack.pop_all()
        return workspace

    def close(self) -> None:
        """Let go of the files."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def snapshot(self) -> int:
        """Id of the current snapshot; it grows with every change."""
        with _explained(self.folder):
            (snapshot,) = self._connection.execute("SELECT id FROM lake.current_snapshot()").fetchall()[0]
        return int(snapshot)

    def fixes(
        self,
        *,
        module_id: str,
        source_ids: Sequence[str] = (),
        taxon: str | None = None,
        organism_ids: Sequence[str] = (),
        snapshot: int | None = None,
    ) -> pa.Table:
        """Fixes of a module, schema of the table ``fix``; the taxon comes from the animal where the fix has none.

        Parameters
        ----------
        source_ids, organism_ids : empty means all
        taxon : scientific name as in the sources; empty means all
        snapshot : as of this snapshot; empty means now

        Returns
        -------
        Sorted by ``study_id, organism_id, time_utc, source_row``. Outlier marks are as in the source; nothing is
        filtered by them.

        Raises
        ------
        NotFound : there is no such snapshot
        """
        given = {
            "module_id": module_id,
            "source_ids": list(source_ids),
            "taxon": taxon,
            "organism_ids": list(organism_ids),
        }
        return self._read(queries.FIXES, given, snapshot).cast(TABLES["fix"].schema)

    def table(self, name: str, *, snapshot: int | None = None) -> pa.Table:
        """An evidence table with its declared schema, in a fixed order; studies, animals and deployments once each.

        Raises
        ------
        NotFound : there is no such table or snapshot
        """
        return self._table(name, None, (), snapshot)

    def source_files(self, module_id: str | None = None, source_ids: Sequence[str] = ()) -> pa.Table:
        """The files that were ingested; empty arguments mean all."""
        return self._table("source_file", module_id, source_ids)

    def findings(self, module_id: str | None = None, source_ids: Sequence[str] = ()) -> pa.Table:
        """What was found while reading the files; empty arguments mean all."""
        return self._table("finding", module_id, source_ids)

    def counts(self) -> dict[str, int]:
        """Rows of each evidence table."""
        counted = self._read(queries.COUNTS, {}, None)
        return dict(zip(counted[0].to_pylist(), counted[1].to_pylist(), strict=True))

    @contextmanager
    def writing(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator["DuckDBPyConnection"]:
        """Hold the writer's lock and a transaction on the schema ``lake``: all of it or, on any error, nothing.

        Raises
        ------
        Conflict : somebody else is writing, or the workspace was opened to read only
        """
        if self.read_only:
            message = f"{self.folder} was opened to read only."
            raise Conflict("workspace-read-only", message, hint="Open it for writing.")
        with writer_lock(self.folder / LOCK, wait_seconds=wait_seconds), _explained(self.folder):
            self._tidy()
            self._connection.execute("BEGIN TRANSACTION")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise

    @property
    def scratch_folder(self) -> Path:
        """Where a writer may leave intermediate files; emptied when the next one starts."""
        return self.folder / TEMPORARY / "writer"

    def _table(
        self, name: str, module_id: str | None, source_ids: Sequence[str], snapshot: int | None = None
    ) -> pa.Table:
        if name not in TABLES:
            message = f"There is no evidence table “{name}”."
            raise NotFound("table-unknown", message, hint=f"There are: {', '.join(TABLES)}.")
        given = {"module_id": module_id, "source_ids": list(source_ids)}
        return self._read(queries.READ[name], given, snapshot).cast(TABLES[name].schema)

    def _read(self, query: str, given: Mapping[str, object], snapshot: int | None) -> pa.Table:
        current = self.snapshot()
        wanted = current if snapshot is None else snapshot
        if not 0 < wanted <= current:
            message = f"There is no snapshot {wanted}."
            raise NotFound("snapshot-unknown", message, hint=f"The latest is {current}.")
        with _explained(self.folder):
            return self._connection.execute(query, {**given, "snapshot": wanted}).to_arrow_table()

    def _check(self) -> None:
        """Find out whether all files of the evidence are there and whole in length."""
        with _explained(self.folder):
            files = self._connection.execute(queries.FILES).fetchall()
        for data, data_bytes, deleted, deleted_bytes in files:
            for file, n_bytes in ((data, data_bytes), (deleted, deleted_bytes)):
                if file is not None and (not Path(file).is_file() or Path(file).stat().st_size != n_bytes):
                    message = f"The evidence file {Path(file).relative_to(self.folder)} is missing or cut."
                    raise Corrupt("evidence-missing", message, hint=_REMEDY)

    def _rollback(self) -> None:
        import duckdb

        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:  # the engine has rolled back by itself
            return

    def _tidy(self) -> None:
        """Remove what writers that were killed have left: intermediate files, and evidence nobody committed."""
        shutil.rmtree(self.scratch_folder, ignore_errors=True)
        self.scratch_folder.mkdir(parents=True)
        self._connection.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")


def _create(folder: Path) -> None:
    """Make the catalogue aside and move it into place when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    new = f"new-{CATALOGUE}"
    with writer_lock(folder / LOCK):
        if (folder / CATALOGUE).exists():
            return
        for stale in folder.glob(f"{new}*"):
            stale.unlink()
        with ExitStack() as stack, _explained(folder):
            connection = _connect(folder, new, stack, "1GB", 1, read_only=False)
            connection.execute("BEGIN TRANSACTION")
            for name, table in TABLES.items():
                connection.execute(_create_statement(name, table))
            connection.execute("COMMIT")
            connection.execute("CALL lake.set_option('parquet_version', '2')")
        (folder / new).replace(folder / CATALOGUE)


def _create_statement(name: str, table: Table) -> str:
    """A table as it is stored: for module, source and SHA-256 it has the number of the file; see `queries`."""
    schema = table.schema if name == "source_file" else reader_schema(table)
    columns = ", ".join(
        f"{quote_name(field.name)} {_TYPES[str(field.type)]}{'' if field.nullable else ' NOT NULL'}" for field in schema
    )
    return f"CREATE TABLE lake.{quote_name(name)} (file_no BIGINT NOT NULL, {columns})"


def _connect(
    folder: Path, catalogue: str, stack: ExitStack, memory_limit: str, threads: int | None, *, read_only: bool
) -> "DuckDBPyConnection":
    _refuse_other_files(folder / catalogue)
    spill = folder / TEMPORARY / f"spill-{uuid.uuid4().hex}"
    connection = open_engine(memory_limit=memory_limit, threads=threads, spill_folder=spill)
    stack.callback(connection.close)
    for extension in ("sqlite_scanner", "ducklake"):
        load_extension(connection, extension)
    mode = "READ_ONLY" if read_only else "META_JOURNAL_MODE 'WAL'"
    with _explained(folder):
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            f"ATTACH {quote('ducklake:sqlite:' + str(folder / catalogue))} AS lake ("
            f"DATA_PATH {quote(str(folder / EVIDENCE) + os.sep)}, OVERRIDE_DATA_PATH true, "
            f"DATA_INLINING_ROW_LIMIT 0, META_BUSY_TIMEOUT {_BUSY_MILLISECONDS}, {mode})"
        )
        connection.execute("SET lock_configuration = true")
    return connection


def _refuse_other_files(catalogue: Path) -> None:
    if not catalogue.exists():
        return
    with catalogue.open("rb") as stream:
        if not stream.read(16).startswith(b"SQLite format 3\0"):
            raise Corrupt("catalogue-damaged", f"{catalogue} is not a SQLite database.", hint=_REMEDY)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn errors of the engine into ours."""
    import duckdb

    try:
        yield
    except WildwaysError:
        raise
    except duckdb.OutOfMemoryException as error:
        message = "The memory limit is too small for this query."
        raise LimitReached("memory", message, hint="Open the workspace with a higher memory limit.") from error
    except duckdb.Error as error:
        if "database is locked" in str(error):
            message = f"Another process is writing to {folder}."
            raise Conflict("workspace-busy", message, hint="Wait until it is done and try again.") from error
        if "No space left" in str(error):
            message = f"The disk of {folder} is full."
            raise LimitReached("disk", message, hint="Make room and try again; nothing was changed.") from error
        message = f"The evidence in {folder} cannot be read or written: {str(error).splitlines()[0]}"
        raise Corrupt("workspace-damaged", message, hint=_REMEDY) from error
