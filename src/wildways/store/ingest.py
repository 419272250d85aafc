"""Takes source files into the workspace, one transaction a source: a file twice is nothing, a correction replaces."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from glob import glob
from pathlib import Path
from typing import Protocol

from wildways.model import Atlas, BadInput, Conflict, FileReport, ModuleDefinition, NotFound, Place, Source
from wildways.readers import ReadAgain, Reader, Reading, ReadingOptions, get_reader
from wildways.store.records import Records, StoredFile, sha256_of
from wildways.store.workspace import Workspace


class Progress(Protocol):
    """Told how far an ingest is: bytes done, bytes in all, and what is being read."""

    def __call__(self, done: int, total: int, label: str) -> None: ...


@dataclass(frozen=True)
class _Given:
    """A file given for ingest: where it is, how it is called, what it holds, and when it was last touched."""

    file: Path
    name: str
    sha256: str
    n_bytes: int
    modified_ns: int


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
    given = [_given(folder / file, folder) for file in files]
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
        given: list[_Given],
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

    def _ingest(self, file: _Given, *, names_study: bool) -> FileReport:
        self.current = file.name
        study = None if names_study else self._records.only_study()
        settings = _settings(self._reader, self._source, study, names_study=names_study)
        self._replace_earlier(file, settings)
        stored = self._records.find(file.sha256)
        if stored is None:
            report = self._store(file, settings, study)
        else:
            report = self._records.report(stored, file.name)
            if stored.path not in {other.name for other in self._given}:
                self._records.rename(stored, file.name)
        self._done += file.n_bytes
        self._tell(0, file.name)
        return report

    def _replace_earlier(self, file: _Given, settings: str) -> None:
        """Delete what was stored under this path with other content, and this content with other settings."""
        given = {other.sha256 for other in self._given}
        for stored in self._records.files():
            is_outdated = stored.path == file.name and stored.sha256 not in given
            if is_outdated or (stored.sha256 == file.sha256 and stored.settings != settings):
                self._records.delete(stored)

    def _store(self, file: _Given, settings: str, study: str | None) -> FileReport:
        with self._open(file, study) as reading:
            self._records.add_fixes(file.sha256, reading.fixes(), lambda n_rows: self._tell_rows(file, n_rows))
            for name, table in reading.tables().items():
                self._records.add(name, file.sha256, table)
            account = reading.account
        _refuse_changed(file)
        stored = StoredFile(file.sha256, file.name, settings, account.n_rows, account.n_kept)
        self._records.add_file(stored, file.n_bytes, self._reader.name, datetime.now(UTC), account.findings)
        return FileReport(file.name, file.sha256, account.n_rows, account.n_kept, account.findings)

    def _open(self, file: _Given, study: str | None) -> Reading:
        options = replace(self._options, name=file.name, study=study, is_thorough=file.name in self._thorough)
        return self._reader.read(file.file, self._source, options)

    def _tell_rows(self, file: _Given, n_rows: int) -> None:
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


def _given(file: Path, folder: Path) -> _Given:
    name = _name_of(file, folder)
    if not file.is_file():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=Place(name))
    about = file.stat()
    try:
        return _Given(file, name, sha256_of(file), about.st_size, about.st_mtime_ns)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise BadInput("file-unreadable", message, place=Place(name)) from error


def _name_of(file: Path, folder: Path) -> str:
    """The file relative to the atlas folder where it lies inside, else its absolute path."""
    path = Path(os.path.normpath(file.absolute()))
    root = Path(os.path.normpath(folder.absolute()))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _matches(folder: Path, pattern: str) -> list[str]:
    return glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - the pattern may be absolute


def _settings(reader: Reader, source: Source, study: str | None, *, names_study: bool) -> str:
    """What a reading depends on apart from the file, as JSON."""
    given = source.model_dump(include={"columns", "crs", "time_zone", "study", "taxon"})
    about = {"reader": reader.name, "version": reader.version, "names_study": names_study, "study_of_others": study}
    return json.dumps(given | about, sort_keys=True, ensure_ascii=False)


def _refuse_changed(file: _Given) -> None:
    about = file.file.stat()
    if (about.st_size, about.st_mtime_ns) != (file.n_bytes, file.modified_ns):
        raise Conflict(
            "file-changed", f"{file.name} changed while it was read.", hint="Ingest again when nobody writes to it."
        )
