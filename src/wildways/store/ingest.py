"""Takes source files into the workspace, one transaction a source: a file twice is nothing, a correction replaces."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from wildways.model import Atlas, BadInput, FileReport, ModuleDefinition, NotFound, Place, Progress, Source
from wildways.readers import ReadAgain, Reader, Reading, ReadingOptions, get_reader
from wildways.store.given import GivenFile, look_at
from wildways.store.records import Records, StoredFile
from wildways.store.workspace import Workspace


def ingest_atlas(
    atlas: Atlas, workspace: Workspace, *, modules: Sequence[str] = (), progress: Progress | None = None
) -> list[FileReport]:
    """Ingest the sources of an atlas, one transaction each.

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
    for module in chosen:
        for source in module.sources:
            files = find_files(atlas.folder, module, source)
            reports += ingest_source(workspace, module.id, source, files, folder=atlas.folder, progress=progress)
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
) -> list[FileReport]:
    """Ingest the files of a source in one transaction: all of them or, on any error, none.

    A file whose content and settings are stored already changes nothing. A file whose content or settings differ from
    what was stored under its path replaces exactly that. Files that name no study belong to the one study that the
    source's other files name, if there is one.

    Parameters
    ----------
    files : absolute, or relative to `folder`
    folder : the atlas folder; reports and messages name files relative to it

    Returns
    -------
    One report a file, in the order given.

    Raises
    ------
    BadInput : a file cannot be read as a whole; nothing is changed
    Conflict : somebody else is writing, or a file changed while it was read
    """
    reader = _reader_of(source, module_id)
    with ThreadPoolExecutor(1, thread_name_prefix="hash") as executor:
        try:
            given = [look_at(folder / file, folder, executor) for file in files]
            return _ingest_until_settled(workspace, module_id, reader, source, given, progress)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


def _ingest_until_settled(
    workspace: Workspace,
    module_id: str,
    reader: Reader,
    source: Source,
    given: list[GivenFile],
    progress: Progress | None,
) -> list[FileReport]:
    """Ingest in one transaction; start over, thoroughly, with each file in which broken lines come up."""
    thorough: set[str] = set()
    while True:
        try:
            with workspace.writing() as connection:
                records = Records(connection, module_id, source.id)
                ingest = _Ingest(workspace, records, reader, source, given, thorough, progress)
                reports = ingest.run()
                if not records.is_changed:
                    raise _NothingToDo
            return reports
        except _NothingToDo:
            return reports
        except ReadAgain:
            thorough.add(ingest.current)


class _NothingToDo(Exception):
    """Rolls an empty transaction back, so that no snapshot is made."""


class _Ingest:
    """One attempt at ingesting a source's files, inside a transaction."""

    def __init__(
        self,
        workspace: Workspace,
        records: Records,
        reader: Reader,
        source: Source,
        given: list[GivenFile],
        thorough: set[str],
        progress: Progress | None,
    ) -> None:
        self._records, self._reader, self._source, self._given = records, reader, source, given
        self._thorough, self._progress = thorough, progress
        self._options = ReadingOptions(scratch_folder=workspace.scratch_folder)
        self._total = sum(file.n_bytes for file in given)
        self._done = 0
        self.current = ""

    def run(self) -> list[FileReport]:
        """Ingest all files, those that name their study first."""
        names_study = {file.name: self._open(file, None).names_study for file in self._given}
        reports = {
            file.name: self._ingest(file, names_study=names_study[file.name])
            for file in sorted(self._given, key=lambda file: not names_study[file.name])
        }
        return [reports[file.name] for file in self._given]

    def _ingest(self, file: GivenFile, *, names_study: bool) -> FileReport:
        self.current = file.name
        study = None if names_study else self._records.only_study()
        settings = _settings(self._reader, self._source, study, names_study=names_study)
        self._delete_earlier(file, settings)
        stored = self._stored(file)
        if stored is None:
            report = self._store(file, settings, study)
        else:
            report = self._records.report(stored, file.name)
            if stored.path not in {other.name for other in self._given}:
                self._records.rename(stored, file.name)
        self._done += file.n_bytes
        self._tell(0, file.name)
        return report

    def _delete_earlier(self, file: GivenFile, settings: str) -> None:
        """Delete what was stored under this path with other content, and this content with other settings."""
        for stored in self._records.files():
            is_same_content = self._is_content_of(stored, file)
            is_gone = stored.path == file.name and not any(self._is_content_of(stored, other) for other in self._given)
            if is_gone or (is_same_content and stored.settings != settings):
                self._records.delete(stored)

    def _stored(self, file: GivenFile) -> StoredFile | None:
        return next((stored for stored in self._records.files() if self._is_content_of(stored, file)), None)

    def _is_content_of(self, stored: StoredFile, file: GivenFile) -> bool:
        """Whether a file's content is what is stored; its hash is waited for only where the sizes agree."""
        return stored.n_bytes == file.n_bytes and stored.sha256 == file.sha256

    def _store(self, file: GivenFile, settings: str, study: str | None) -> FileReport:
        number = self._records.next_number()
        with self._open(file, study) as reading:
            self._records.add_fixes(number, reading.fixes(), lambda n_rows: self._tell_rows(file, n_rows))
            for name, table in reading.tables().items():
                self._records.add(name, number, table)
            account = reading.account
        stored = StoredFile(number, file.sha256, file.name, file.n_bytes, settings, account.n_rows, account.n_kept)
        file.refuse_changed()
        self._records.add_file(stored, self._reader.name, datetime.now(UTC), account.findings)
        return FileReport(file.name, file.sha256, account.n_rows, account.n_kept, account.findings)

    def _open(self, file: GivenFile, study: str | None) -> Reading:
        options = replace(self._options, name=file.name, study=study, is_thorough=file.name in self._thorough)
        return self._reader.read(file.file, self._source, options)

    def _tell_rows(self, file: GivenFile, n_rows: int) -> None:
        self._tell(min(file.n_bytes, n_rows * _BYTES_A_ROW), f"{file.name}: {n_rows:,} rows")

    def _tell(self, done: int, label: str) -> None:
        if self._progress is not None:
            self._progress(self._done + done, self._total, label)


_BYTES_A_ROW = 150
"""What a row takes in a usual file; only progress depends on it."""


def _reader_of(source: Source, module_id: str) -> Reader:
    try:
        return get_reader(source.reader)
    except NotFound as error:
        place = Place(f"modules/{module_id}.toml", None, f"sources.{source.id}.reader")
        raise BadInput(error.code, error.message, hint=error.hint, place=place) from error


def _matches(folder: Path, pattern: str) -> list[str]:
    return glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - the pattern may be absolute


def _settings(reader: Reader, source: Source, study: str | None, *, names_study: bool) -> str:
    """What a reading depends on apart from the file, as JSON."""
    given = source.model_dump(include={"columns", "crs", "time_zone", "study", "taxon"})
    about = {"reader": reader.name, "version": reader.version, "names_study": names_study, "study_of_others": study}
    return json.dumps(given | about, sort_keys=True, ensure_ascii=False)
