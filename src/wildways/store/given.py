"""A file given for ingest: how it is called, and what it holds, hashed in the background while it is read."""

import hashlib
import os
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from wildways.model import BadInput, Conflict, Place


@dataclass(frozen=True)
class GivenFile:
    """A file as it was when the ingest began.

    Parameters
    ----------
    name : relative to the atlas folder where the file lies inside it, else absolute
    modified_ns : when it was last touched
    """

    file: Path
    name: str
    n_bytes: int
    modified_ns: int
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
        about = self.file.stat()
        if (about.st_size, about.st_mtime_ns) != (self.n_bytes, self.modified_ns):
            message = f"{self.name} changed while it was read."
            raise Conflict("file-changed", message, hint="Ingest again when nobody writes to it.")


def look_at(file: Path, folder: Path, executor: Executor) -> GivenFile:
    """Note a file's size and start hashing it.

    Raises
    ------
    BadInput : there is no such file
    """
    name = name_of(file, folder)
    if not file.is_file():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=Place(name))
    about = file.stat()
    return GivenFile(file, name, about.st_size, about.st_mtime_ns, executor.submit(sha256_of, file))


def name_of(file: Path, folder: Path) -> str:
    """The file relative to the atlas folder where it lies inside, else its absolute path; with forward slashes."""
    path = Path(os.path.normpath(file.absolute()))
    root = Path(os.path.normpath(folder.absolute()))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
