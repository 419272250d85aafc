"""Opening a file that is no CSV, with our errors."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from wildways.model import BadInput, LimitReached, Place
from wildways.readers.csvfile import is_text

MAX_BYTES = 2 << 30
"""Size a document or an archive's members may have."""
MAX_MEMBERS = 50
MAX_RATIO = 100
"""Times its packed size that a member of an archive may grow to."""

_HEAD = 1 << 16
_BLOCK = 1 << 20
_SMALL = 1 << 16
_ZIP = b"PK\x03\x04"
_NESTED = (".zip", ".kmz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IS_ENCRYPTED = 1
_ZIP_ERRORS: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)


def first_bytes(file: Path) -> bytes:
    """The first 64 kB of a file; nothing where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError:
        return b""


def check_name(name: str) -> None:
    """Make sure that the name of a file, or its path, is text.

    Raises
    ------
    BadInput : it has bytes that are no UTF-8
    """
    if not is_text(name):
        message = "The name of the file or of its folder is not text in UTF-8."
        raise BadInput("file-name", message, hint="Rename it.", place=Place(ascii(name)))


def check_file(file: Path, name: str) -> None:
    """Make sure that a file is there, and not too large.

    Raises
    ------
    BadInput : it is missing, no file, or empty
    LimitReached : it has more than 2 GB
    """
    place = Place(name)
    if not file.exists():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=place)
    if not file.is_file():
        raise BadInput("file-kind", "This is not a file.", hint="Name a file.", place=place)
    size = file.stat().st_size
    if not size:
        raise BadInput("file-empty", "The file is empty.", hint="Export it again.", place=place)
    if size > MAX_BYTES:
        raise LimitReached("file-size", f"The file has {size:,} bytes.", hint="Split it below 2 GB.", place=place)


@contextmanager
def open_file(file: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file to read bytes; errors as in `check_file`."""
    check_file(file, name)
    try:
        stream = file.open("rb")
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise BadInput("file-unreadable", message, hint="May it be read by you?", place=Place(name)) from error
    with stream:
        yield stream


def is_zip(file: Path) -> bool:
    """Whether a file starts like a ZIP archive."""
    return first_bytes(file).startswith(_ZIP)


def list_members(file: Path, name: str, *, max_members: int = MAX_MEMBERS) -> list[str]:
    """Names of the members of a ZIP archive that are files, after its caps were checked.

    Raises
    ------
    BadInput : it is damaged, encrypted, or holds an archive
    LimitReached : it has too many members, or grows without measure
    """
    with _opened(file, name) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
    place = Place(name)
    if len(members) > max_members:
        message = f"The archive has {len(members)} members; at most {max_members}."
        raise LimitReached("archive-members", message, hint="Pack only what is to be read.", place=place)
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_BYTES or unpacked > max(packed, _SMALL) * MAX_RATIO:
        raise _expansion(place)
    for member in members:
        _check_member(member, place)
    return [member.filename for member in members]


def unpack(file: Path, name: str, copies: dict[str, Path], *, max_members: int = MAX_MEMBERS) -> None:
    """Unpack members of a ZIP archive into files of the caller's naming; a member's name is never a path.

    Raises
    ------
    BadInput : as in `list_members`
    LimitReached : as in `list_members`, or a member grows beyond what the archive declares
    """
    list_members(file, name, max_members=max_members)
    with _opened(file, name) as archive:
        for member, copy in copies.items():
            info = archive.getinfo(member)
            with archive.open(info) as source, copy.open("wb") as target:
                _copy(source, target, info.file_size, Place(name))


@contextmanager
def open_member(file: Path, name: str, member: str, *, max_members: int = MAX_MEMBERS) -> Iterator[IO[bytes]]:
    """Open a member of a ZIP archive to read bytes, no more of them than the archive declares.

    Raises
    ------
    BadInput : as in `list_members`, also while it is read
    LimitReached : as in `list_members`
    """
    list_members(file, name, max_members=max_members)
    with _opened(file, name) as archive, archive.open(member) as stream:
        yield stream


def base_name(member: str) -> str:
    """The last part of a member's name."""
    return PurePosixPath(member.replace("\\", "/")).name


def _copy(source: IO[bytes], target: BinaryIO, size: int, place: Place) -> None:
    n_bytes = 0
    while block := source.read(_BLOCK):
        n_bytes += len(block)
        if n_bytes > size:
            raise _expansion(place)
        target.write(block)


def _check_member(member: zipfile.ZipInfo, place: Place) -> None:
    shown = member.filename[:80]
    if member.flag_bits & _IS_ENCRYPTED or member.compress_type not in _METHODS:
        message = f"“{shown}” is encrypted, or packed in an unusual way."
        raise BadInput("archive-method", message, hint="Pack it as an ordinary ZIP archive.", place=place)
    if member.filename.lower().endswith(_NESTED):
        raise BadInput("archive-nested", f"“{shown}” is an archive itself.", hint="Unpack it first.", place=place)


def _expansion(place: Place) -> LimitReached:
    message = f"Unpacked, the archive grows to more than {MAX_RATIO} times its size, or more than 2 GB."
    return LimitReached("expansion", message, hint="Unpack it yourself and look.", place=place)


@contextmanager
def _opened(file: Path, name: str) -> Iterator[zipfile.ZipFile]:
    check_file(file, name)
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except _ZIP_ERRORS as error:
        message = f"The archive is damaged: {str(error).rstrip('.') or type(error).__name__}."
        raise BadInput("archive-damaged", message, hint="Copy it again.", place=Place(name)) from error
