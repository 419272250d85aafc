"""Takes source files into the workspace, one transaction a source: a file twice is nothing, a correction replaces."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from wildways.model import Atlas, BadInput, FileReport, Finding, ModuleDefinition, NotFound, Place, Progress, Source
from wildways.readers import Account, ReadAgain, Reader, Reading, ReadingOptions, list_siblings
from wildways.readers.isolation import open_worker
from wildways.store.deriving import Deriver, Locator, load_locator
from wildways.store.given import GivenFile, look_at
from wildways.store.history import Commit
from wildways.store.records import Records, StoredFile
from wildways.store.withholding import Withholding, as_settings, fingerprint
from wildways.store.workspace import Workspace
from wildways.taxonomy import taxonomy_version

Readers = Callable[[str], Reader]
"""Gives the reader of a name."""


def ingest_atlas(
    atlas: Atlas, workspace: Workspace, *, modules: Sequence[str] = (), progress: Progress | None = None
) -> list[FileReport]:
    """Ingest the sources of an atlas, one transaction each.

    The evidence of files that a source no longer has is removed, and reported with the finding ``file-gone``. What is
    stored of sources that are no longer declared stays, and is reported once a source as ``source-undeclared``.

    Parameters
    ----------
    modules : ids; empty means all

    Raises
    ------
    NotFound : there is no such module
    BadInput : a source matches no file, or one of its files cannot be read; sources before it stay ingested
    Conflict : somebody else is writing
    """
    chosen = [atlas.module(module_id) for module_id in modules] or list(atlas.modules)
    reports = []
    with _isolated_readers(workspace) as readers:
        for module in chosen:
            for source in module.sources:
                files = find_files(atlas.folder, module, source)
                reports += ingest_source(
                    workspace,
                    module.id,
                    source,
                    files,
                    folder=atlas.folder,
                    progress=progress,
                    is_all=True,
                    readers=readers,
                )
    return reports + _undeclared(atlas, workspace, modules)


def undeclared_sources(atlas: Atlas, workspace: Workspace) -> dict[tuple[str, str], int]:
    """Module and source ids that are stored but no longer declared in the atlas, with the rows kept of them."""
    declared = {(module.id, source.id) for module in atlas.modules for source in module.sources}
    files = workspace.source_files().select(["module_id", "source_id", "n_kept"]).to_pylist()
    kept: dict[tuple[str, str], int] = {}
    for file in files:
        key = file["module_id"], file["source_id"]
        if key not in declared:
            kept[key] = kept.get(key, 0) + file["n_kept"]
    return kept


def _undeclared(atlas: Atlas, workspace: Workspace, modules: Sequence[str]) -> list[FileReport]:
    reports = []
    for (module_id, source_id), n_rows in undeclared_sources(atlas, workspace).items():
        if modules and module_id not in modules:
            continue
        place = Place(f"modules/{module_id}.toml", None, f"sources.{source_id}")
        message = "The atlas no longer declares this source; what is stored of it stays."
        options = f"--module {module_id} --source {source_id} --reason …"
        hint = f"Remove it with `wildways remove {options}`, or declare it again."
        finding = Finding("source-undeclared", message, n_rows, place=place, hint=hint)
        reports.append(FileReport(str(place), "", 0, 0, (finding,)))
    return reports


def find_files(folder: Path, module: ModuleDefinition, source: Source) -> list[Path]:
    """The files a source's path or pattern matches, sorted.

    Raises
    ------
    BadInput : it matches none; names the module's file and the key
    """
    exact = folder / source.path
    matches = [exact] if exact.is_file() else sorted(Path(folder, name) for name in _matches(folder, source.path))
    files = [file for file in matches if file.is_file()]
    if not files:
        raise BadInput(
            "source-empty",
            f"“{source.path}” matches no file in {folder}.",
            hint="Check the path; it is relative to the atlas folder.",
            place=Place(f"modules/{module.id}.toml", None, f"sources.{source.id}.path"),
        )
    return files


def ingest_source(
    workspace: Workspace,
    module_id: str,
    source: Source,
    files: Sequence[Path],
    *,
    folder: Path,
    progress: Progress | None = None,
    is_all: bool = False,
    locator: Locator | None = None,
    readers: Readers | None = None,
) -> list[FileReport]:
    """Ingest the files of a source in one transaction: all of them or, on any error, none.

    A file whose content and settings are stored already changes nothing. A file whose content or settings differ from
    what was stored under its path replaces exactly that. Files that name no study belong to the one study that the
    source's other files name, if there is one. What was removed on request (`remove_evidence`) is left out.

    Parameters
    ----------
    files : absolute, or relative to `folder`
    folder : the atlas folder; reports and messages name files relative to it
    is_all : whether these are all files of the source, so that what is stored of others is removed
    locator : knows countries and seas; empty means `wildways.context.Jurisdictions`
    readers : gives the reader of a name; empty means that a limited process of its own does the reading

    Returns
    -------
    One report a file, in the order given; after them one a file that was removed.

    Raises
    ------
    BadInput : a file cannot be read as a whole; nothing is changed
    Conflict : somebody else is writing, or a file changed while it was read
    """
    if readers is None:
        with _isolated_readers(workspace) as isolated:
            return ingest_source(
                workspace,
                module_id,
                source,
                files,
                folder=folder,
                progress=progress,
                is_all=is_all,
                locator=locator,
                readers=isolated,
            )
    reader = _reader_of(source, module_id, readers)
    with ThreadPoolExecutor(1, thread_name_prefix="hash") as executor:
        try:
            paths = [folder / file for file in files]
            given = [look_at(path, folder, executor, list_siblings(source.reader, path)) for path in paths]
            task = _Task(module_id, source, reader, locator or load_locator(), given, is_all, progress)
            return _ingest_until_settled(workspace, task)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True)
class _Task:
    """A source's files to be ingested, and what with."""

    module_id: str
    source: Source
    reader: Reader
    locator: Locator
    given: list[GivenFile]
    is_all: bool
    progress: Progress | None

    @property
    def names(self) -> set[str]:
        """How the files are called."""
        return {file.name for file in self.given}


def _ingest_until_settled(workspace: Workspace, task: _Task) -> list[FileReport]:
    """Ingest in one transaction; start over, thoroughly, with each file in which broken lines come up."""
    thorough: set[str] = set()
    while True:
        commit = Commit(f"ingest {task.module_id}.{task.source.id}")
        try:
            with workspace.writing(commit) as connection:
                records = Records(connection, workspace.folder, commit, task.module_id, task.source.id)
                ingest = _Ingest(records, task, thorough, workspace.scratch_folder)
                reports = ingest.run()
                if not records.is_changed:
                    raise _NothingToDo
                commit.message += f": {_summary(reports)}"
            return reports
        except _NothingToDo:
            return reports
        except ReadAgain:
            thorough.add(ingest.current)


class _NothingToDo(Exception):
    """Rolls an empty transaction back, so that no snapshot is made."""


class _Ingest:
    """One attempt at ingesting a source's files, inside a transaction."""

    def __init__(self, records: Records, task: _Task, thorough: set[str], scratch_folder: Path) -> None:
        self._records, self._task, self._thorough = records, task, thorough
        self._removed = records.removed()
        self._options = ReadingOptions(scratch_folder=scratch_folder)
        self._total = sum(file.n_bytes for file in task.given)
        self._done = 0
        self.current = ""

    def run(self) -> list[FileReport]:
        """Ingest all files, those that name their study first; then remove what is gone."""
        given = self._task.given
        names_study = {file.name: self._open(file, None).names_study for file in given}
        reports = {
            file.name: self._ingest(file, names_study=names_study[file.name])
            for file in sorted(given, key=lambda file: not names_study[file.name])
        }
        gone = self._remove_gone() if self._task.is_all else []
        if self._records.is_changed:
            self._records.settle_links()
        return [reports[file.name] for file in given] + gone

    def _ingest(self, file: GivenFile, *, names_study: bool) -> FileReport:
        self.current = file.name
        study = None if names_study else self._records.only_study()
        settings = self._settings(study, names_study=names_study)
        self._delete_earlier(file, settings)
        stored = self._stored(file)
        if stored is None:
            report = self._store(file, settings, study)
        else:
            report = self._records.report(stored, file.name)
            if stored.path not in self._task.names:
                self._records.rename(stored, file.name)
        self._done += file.n_bytes
        self._tell(0, file.name)
        return report

    def _remove_gone(self) -> list[FileReport]:
        gone = [stored for stored in self._records.files() if stored.path not in self._task.names]
        for stored in gone:
            self._records.delete(stored)
        return [_report_gone(stored) for stored in gone]

    def _delete_earlier(self, file: GivenFile, settings: str) -> None:
        """Delete what was stored under this path with other content, and this content with other settings."""
        for stored in self._records.files():
            is_same_content = self._is_content_of(stored, file)
            is_gone = stored.path == file.name and not any(
                self._is_content_of(stored, other) for other in self._task.given
            )
            if is_gone or (is_same_content and stored.settings != settings):
                self._records.delete(stored)

    def _stored(self, file: GivenFile) -> StoredFile | None:
        return next((stored for stored in self._records.files() if self._is_content_of(stored, file)), None)

    def _is_content_of(self, stored: StoredFile, file: GivenFile) -> bool:
        """Whether a file's content is what is stored; its hash is waited for only where the sizes agree."""
        return stored.n_bytes == file.n_bytes and stored.sha256 == file.sha256

    def _store(self, file: GivenFile, settings: str, study: str | None) -> FileReport:
        number = self._records.next_number()
        deriver, withholding = Deriver(self._task.locator), Withholding(self._removed)
        with self._open(file, study) as reading:
            fixes = reading.fixes()
            batches = (deriver.derive("fix", withholding.keep("fix", batch)) for batch in fixes)
            schema = deriver.schema("fix", fixes.schema)
            self._records.add_fixes(number, schema, batches, lambda n_rows: self._tell_rows(file, n_rows))
            tables = {name: withholding.keep_table(name, table) for name, table in reading.tables().items()}
            for name, table in deriver.derive_tables(tables).items():
                self._records.add(name, number, table)
            account = withholding.account(reading.account)
        account = replace(account, findings=_placed(file, (*account.findings, *deriver.findings())))
        return self._note(number, file, settings, account)

    def _note(self, number: int, file: GivenFile, settings: str, account: Account) -> FileReport:
        stored = StoredFile(number, file.sha256, file.name, file.n_bytes, settings, account.n_rows, account.n_kept)
        file.refuse_changed()
        self._records.add_file(stored, self._task.reader.name, datetime.now(UTC), account.findings)
        return FileReport(file.name, file.sha256, account.n_rows, account.n_kept, account.findings)

    def _open(self, file: GivenFile, study: str | None) -> Reading:
        options = replace(self._options, name=file.name, study=study, is_thorough=file.name in self._thorough)
        return self._task.reader.read(file.file, self._task.source, options)

    def _settings(self, study: str | None, *, names_study: bool) -> str:
        """What the evidence depends on apart from the file."""
        task = self._task
        given = task.source.model_dump(include={"columns", "crs", "time_zone", "study", "taxon"})
        read_by = {"reader": task.reader.name, "version": task.reader.version}
        studies = {"names_study": names_study, "study_of_others": study}
        derived_by = {"taxonomy": taxonomy_version(), "jurisdictions": task.locator.version}
        return as_settings({**given, **read_by, **studies, **derived_by, "removed": fingerprint(self._removed)})

    def _tell_rows(self, file: GivenFile, n_rows: int) -> None:
        self._tell(min(file.n_bytes, n_rows * _BYTES_A_ROW), f"{file.name}: {n_rows:,} rows")

    def _tell(self, done: int, label: str) -> None:
        if self._task.progress is not None:
            self._task.progress(self._done + done, self._total, label)


_BYTES_A_ROW = 150
"""What a row takes in a usual file; only progress depends on it."""


@contextmanager
def _isolated_readers(workspace: Workspace) -> Iterator[Readers]:
    """Readers at work in a limited process, which may write below the folder of the workspace's scratch files."""
    with open_worker(scratch_folder=workspace.scratch_folder.parent) as worker:
        yield worker.reader


def _reader_of(source: Source, module_id: str, readers: Readers) -> Reader:
    try:
        return readers(source.reader)
    except NotFound as error:
        place = Place(f"modules/{module_id}.toml", None, f"sources.{source.id}.reader")
        raise BadInput(error.code, error.message, hint=error.hint, place=place) from error


def _matches(folder: Path, pattern: str) -> list[str]:
    return glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - the pattern may be absolute


def _placed(file: GivenFile, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which they are read back; those that name no file are about this one."""
    named = [
        one if one.place.file is not None else replace(one, place=replace(one.place, file=file.name))
        for one in findings
    ]
    return tuple(sorted(named, key=lambda one: (not one.refused, one.code, -one.n_rows, one.example or "")))


def _report_gone(stored: StoredFile) -> FileReport:
    message = "The source no longer has this file; its evidence was removed."
    hint = "Put the file back and ingest again, or read an earlier snapshot."
    finding = Finding("file-gone", message, stored.n_kept, place=Place(stored.path), hint=hint)
    return FileReport(stored.path, stored.sha256, 0, 0, (finding,))


def _summary(reports: Sequence[FileReport]) -> str:
    """The files that an ingest changed, in a few words."""
    changed = [report.path for report in reports if not report.already_stored]
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    return ", ".join(changed[:_NAMED]) + more


_NAMED = 3
"""Most files that the message of a snapshot names."""
