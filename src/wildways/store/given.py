"""A file given for ingest: how it is called, and what it holds, hashed in the background while it is read.

A file of several parts (a shapefile's table beside its shapes, the files of an unpacked package) is what all of them
hold: its hash and its size are those of the set, so that a change in any part is noticed.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from wildways.model import BadInput, Conflict, Place
from wildways.readers.opening import check_name


@dataclass(frozen=True)
class GivenFile:
    """A file as it was when the ingest began.

    Parameters
    ----------
    name : relative to the atlas folder where the file lies inside it, else absolute
    n_bytes : of the file and its other parts
    """

    file: Path
    name: str
    n_bytes: int
    _seen: "_Seen"
    _sha256: Future[str]

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes; waits for it.

        Raises
        ------
        BadInput : the file cannot be read
        """
        try:
            return self._sha256.result()
        except OSError as error:
            message = f"The file cannot be read: {error.strerror or error}."
            raise BadInput("file-unreadable", message, place=Place(self.name)) from error

    def refuse_changed(self) -> None:
        """Make sure that what was read is what was hashed.

        Raises
        ------
        Conflict : the file changed in the meantime
        """
        if _look(part for part, _, _ in self._seen) != self._seen:
            message = f"{self.name} changed while it was read."
            raise Conflict("file-changed", message, hint="Ingest again when nobody writes to it.")


def look_at(file: Path, folder: Path, executor: Executor, siblings: Sequence[Path] = ()) -> GivenFile:
    """Note a file's size and start hashing it.

    Parameters
    ----------
    siblings : other files that it is read with

    Raises
    ------
    BadInput : there is no such file, or its name is not text
    """
    name = name_of(file, folder)
    check_name(name)
    if not file.is_file():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=Place(name))
    seen = _look([file, *siblings])
    n_bytes = sum(max(size, 0) for _, size, _ in seen)
    hashed = executor.submit(sha256_of_set, file, siblings) if siblings else executor.submit(sha256_of, file)
    return GivenFile(file, name, n_bytes, seen, hashed)


def name_of(file: Path, folder: Path) -> str:
    """The file relative to the atlas folder where it lies inside, else its absolute path; with forward slashes."""
    path = Path(os.path.normpath(file.absolute()))
    root = Path(os.path.normpath(folder.absolute()))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_set(file: Path, siblings: Sequence[Path]) -> str:
    """SHA-256 over the names, seen from the file's folder, and the hashes of a file and its other parts."""
    lines = [f"{os.path.relpath(part, file.parent)}\0{sha256_of(part)}\n" for part in sorted({file, *siblings})]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


_Seen = list[tuple[Path, int, int]]
"""Files with their sizes and when they were last touched; −1 for those that are gone."""


def _look(files: Iterable[Path]) -> _Seen:
    return [(file, *_size_and_time(file)) for file in files]


def _size_and_time(file: Path) -> tuple[int, int]:
    try:
        about = file.stat()
    except FileNotFoundError:
        return -1, -1
    return about.st_size, about.st_mtime_ns
