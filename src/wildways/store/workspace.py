"""The private workspace: all evidence in a DuckLake, Parquet files beside a SQLite catalogue."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from wildways.model import TABLES, BadInput, Conflict, Corrupt, NotFound
from wildways.store import queries
from wildways.store.history import Commit, Snapshot, read_history
from wildways.store.lake import CATALOGUE, LOCK, REMEDY, TEMPORARY, connect, explained
from wildways.store.lock import WAIT_SECONDS, writer_lock
from wildways.store.purging import Purged, purge_history, scrub_catalogue
from wildways.store.schema import SCHEMA_VERSION, create_tables, migrate, read_version, version_since

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_REMOVE_ORPHANS = "CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)"


class Workspace:
    """All evidence of an atlas. Many processes may read it at once, one may write; every change is one snapshot.

    Open it with `Workspace.open`, use it as a context manager, and do not share it between threads.
    """

    def __init__(self, folder: Path, *, memory_limit: str, threads: int | None, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self._memory_limit, self._threads = memory_limit, threads
        self._stack = ExitStack()
        self._connect()

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        memory_limit: str = "2GB",
        threads: int | None = None,
        read_only: bool = False,
    ) -> Self:
        """Open a workspace. Where it may be written, it is made if missing, and brought to the current schema if older.

        Columns that came with a later schema and are derived from the files are empty until the next ingest, which
        reads the files anew. Snapshots from before a change of the schema can no longer be read.

        Parameters
        ----------
        memory_limit : what queries may use before they spill into the workspace
        threads : empty means one a core

        Raises
        ------
        NotFound : there is none and `read_only` is set, or a DuckDB extension is missing
        Corrupt : the catalogue is damaged or evidence files are missing or cut
        Conflict : another process is just making it; its schema is newer than this version of Wildways; or it is
            older and `read_only` is set
        """
        folder = Path(folder).absolute()
        if not (folder / CATALOGUE).exists():
            if read_only:
                message = f"{folder} holds no evidence yet."
                raise NotFound("workspace-missing", message, hint="Run `wildways ingest` first.")
            _create(folder)
        with ExitStack() as stack:
            workspace = cls(folder, memory_limit=memory_limit, threads=threads, read_only=read_only)
            stack.callback(workspace.close)
            workspace._bring_up_to_date()
            workspace._check()
            stack.pop_all()
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
        with explained(self.folder):
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

    def source_files(
        self, module_id: str | None = None, source_ids: Sequence[str] = (), *, snapshot: int | None = None
    ) -> pa.Table:
        """The files that were ingested; empty arguments mean all, an empty snapshot now."""
        return self._table("source_file", module_id, source_ids, snapshot)

    def findings(
        self, module_id: str | None = None, source_ids: Sequence[str] = (), *, snapshot: int | None = None
    ) -> pa.Table:
        """What was found while reading the files; empty arguments mean all, an empty snapshot now."""
        return self._table("finding", module_id, source_ids, snapshot)

    def counts(self, *, snapshot: int | None = None) -> dict[str, int]:
        """Rows of each evidence table."""
        counted = self._read(queries.COUNTS, {}, snapshot)
        return dict(zip(counted[0].to_pylist(), counted[1].to_pylist(), strict=True))

    def history(self) -> list[Snapshot]:
        """The snapshots there are, the first one first: when each was made, by whom, and what it changed."""
        with explained(self.folder):
            return read_history(self._connection)

    def purge(self, *, before: datetime, wait_seconds: float = WAIT_SECONDS) -> Purged:
        """Forget the snapshots made before an instant, and delete for good what only they held.

        The current evidence stays as it is, whatever the instant. Rows that were removed from it are cut out of the
        files they shared with others. Reading as of a snapshot that is gone is answered with ``snapshot-unknown``;
        products and releases that name it keep its number and their own data.

        Parameters
        ----------
        before : aware

        Raises
        ------
        BadInput : the instant has no time zone
        Conflict : somebody else is writing, or the workspace was opened to read only
        """
        if before.tzinfo is None:
            raise BadInput(
                "instant-naive", f"{before} does not say its time zone.", hint="Give it one, UTC for example."
            )
        with self._locked(wait_seconds):
            purged = purge_history(self._connection, self.folder, before)
            self.close()
            try:
                scrub_catalogue(self.folder)
            finally:
                self._connect()
        return purged

    @contextmanager
    def writing(
        self, commit: Commit | None = None, *, wait_seconds: float = WAIT_SECONDS
    ) -> Iterator["DuckDBPyConnection"]:
        """Hold the writer's lock and a transaction on the schema ``lake``: all of it or, on any error, nothing.

        Parameters
        ----------
        commit : what the history says of it

        Raises
        ------
        Conflict : somebody else is writing, or the workspace was opened to read only
        """
        with self._locked(wait_seconds):
            self._connection.execute("BEGIN TRANSACTION")
            try:
                yield self._connection
                if commit is not None:
                    commit.describe(self._connection)
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
        wanted = self._readable(snapshot)
        with explained(self.folder):
            return self._connection.execute(query, {**given, "snapshot": wanted}).to_arrow_table()

    def _readable(self, snapshot: int | None) -> int:
        """The snapshot to read; the current one where none is asked for."""
        current = self.snapshot()
        if snapshot is None or snapshot == current:
            return current
        with explained(self.folder):
            kept = [row[0] for row in self._connection.execute(queries.SNAPSHOTS).fetchall()]
            since = version_since(self._connection)
        if snapshot in kept and snapshot >= since:
            return snapshot
        message, hint = f"There is no snapshot {snapshot}.", f"The latest is {current}."
        if snapshot in kept and snapshot > 0:
            message = f"Snapshot {snapshot} was made before snapshot {since} changed the schema; it cannot be read now."
        elif 0 < snapshot < current:
            message = f"Snapshot {snapshot} was purged."
        raise NotFound("snapshot-unknown", message, hint=hint)

    def _connect(self) -> None:
        with ExitStack() as stack:
            self._connection = connect(
                self.folder, CATALOGUE, stack, self._memory_limit, self._threads, read_only=self.read_only
            )
            self._stack = stack.pop_all()

    def _bring_up_to_date(self) -> None:
        """Migrate an older schema, in one transaction; refuse a newer one."""
        version = self._version()
        if version > SCHEMA_VERSION:
            message = f"The evidence in {self.folder} has schema {version}; this Wildways knows up to {SCHEMA_VERSION}."
            raise Conflict("workspace-newer", message, hint="Install the newer Wildways that wrote it.")
        if version == SCHEMA_VERSION:
            return
        if self.read_only:
            message = f"The evidence in {self.folder} has schema {version}; this Wildways reads {SCHEMA_VERSION}."
            raise Conflict(
                "workspace-older", message, hint="Run `wildways ingest`: it brings the workspace up to date."
            )
        commit = Commit(f"bring the schema from version {version} to {SCHEMA_VERSION}")
        with self.writing(commit) as connection:
            version = self._version()
            if version < SCHEMA_VERSION:
                migrate(connection, version)

    def _version(self) -> int:
        with explained(self.folder):
            version = read_version(self._connection)
        if version is None:
            raise Corrupt("workspace-damaged", f"The catalogue in {self.folder} has no evidence tables.", hint=REMEDY)
        return version

    def _check(self) -> None:
        """Find out whether all files of the evidence are there and whole in length."""
        with explained(self.folder):
            files = self._connection.execute(queries.FILES).fetchall()
        for data, data_bytes, deleted, deleted_bytes in files:
            for file, n_bytes in ((data, data_bytes), (deleted, deleted_bytes)):
                if file is not None and (not Path(file).is_file() or Path(file).stat().st_size != n_bytes):
                    message = f"The evidence file {Path(file).relative_to(self.folder)} is missing or cut."
                    raise Corrupt("evidence-missing", message, hint=REMEDY)

    @contextmanager
    def _locked(self, wait_seconds: float) -> Iterator[None]:
        if self.read_only:
            message = f"{self.folder} was opened to read only."
            raise Conflict("workspace-read-only", message, hint="Open it for writing.")
        with writer_lock(self.folder / LOCK, wait_seconds=wait_seconds), explained(self.folder):
            self._tidy()
            yield

    def _rollback(self) -> None:
        """Undo the transaction, unless the engine has done so by itself, and remove the files that it has written."""
        import duckdb

        for undo in ("ROLLBACK", _REMOVE_ORPHANS):
            with suppress(duckdb.Error):
                self._connection.execute(undo)

    def _tidy(self) -> None:
        """Remove what writers that were killed have left: intermediate files, and evidence nobody committed."""
        shutil.rmtree(self.scratch_folder, ignore_errors=True)
        self.scratch_folder.mkdir(parents=True)
        self._connection.execute(_REMOVE_ORPHANS)


def _create(folder: Path) -> None:
    """Make the catalogue aside and move it into place when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    new = f"new-{CATALOGUE}"
    with writer_lock(folder / LOCK):
        if (folder / CATALOGUE).exists():
            return
        for stale in folder.glob(f"{new}*"):
            stale.unlink()
        with ExitStack() as stack, explained(folder):
            connection = connect(folder, new, stack, "1GB", 1, read_only=False)
            connection.execute("BEGIN TRANSACTION")
            create_tables(connection)
            Commit("make the workspace").describe(connection)
            connection.execute("COMMIT")
            connection.execute("CALL lake.set_option('parquet_version', '2')")
        (folder / new).replace(folder / CATALOGUE)
