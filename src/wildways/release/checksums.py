"""Checksums of a release: SHA-256 of every file, in the format of ``sha256sum``."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from wildways.model import Corrupt, NotFound, Place, Progress, silent

CHECKSUMS_FILE = "checksums.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)\n")


def hash_file(file: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def list_files(folder: Path) -> list[str]:
    """Every file below `folder` but the checksums, relative, with forward slashes, sorted."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(name for path in found if (name := path.relative_to(folder).as_posix()) != CHECKSUMS_FILE)


def write_checksums(folder: Path, known: Mapping[str, str]) -> None:
    """Write the checksums of every file in `folder`; those in `known` are not computed again."""
    lines = [f"{known.get(name) or hash_file(folder / name)}  {name}\n" for name in list_files(folder)]
    (folder / CHECKSUMS_FILE).write_text("".join(lines), encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """Relative path → SHA-256 of a release.

    Raises
    ------
    NotFound : the folder has no checksums, so it is not a release
    Corrupt : a line is not as it was written
    """
    file = folder / CHECKSUMS_FILE
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise NotFound("release-missing", f"{folder} is not a release: it has no {CHECKSUMS_FILE}.") from error
    except UnicodeDecodeError as error:
        raise _damaged(file, "The list of checksums is damaged.") from error
    checksums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in checksums:
            raise _damaged(file, "The list of checksums is damaged.", line=number)
        checksums[match[2]] = match[1]
    return checksums


def verify_release(folder: Path, *, hash_below_bytes: int | None = None, progress: Progress = silent) -> None:
    """Prove that a release is what was written: no file missing, added or changed in a single bit.

    Parameters
    ----------
    hash_below_bytes : files of this size and more are only checked to be there; None hashes all

    Raises
    ------
    NotFound : the folder is not a release
    Corrupt : names the first file that is missing, added or changed, and how many more there are
    """
    checksums = read_checksums(folder)
    present = set(list_files(folder))
    _refuse(folder, sorted(checksums.keys() - present), "is missing")
    _refuse(folder, sorted(present - checksums.keys()), "does not belong to the release")
    for done, (name, expected) in enumerate(checksums.items()):
        progress(done, len(checksums), name)
        file = folder / name
        if file.is_symlink() or not file.is_file():
            _refuse(folder, [name], "is not a plain file")
        if (hash_below_bytes is None or file.stat().st_size < hash_below_bytes) and hash_file(file) != expected:
            _refuse(folder, [name], "is not as it was written")
    progress(len(checksums), len(checksums), "verified")


def _refuse(folder: Path, names: list[str], what: str) -> None:
    if names:
        more = (
            f" So {'is 1 more file' if len(names) == 2 else f'are {len(names) - 1} more files'}."
            if len(names) > 1
            else ""
        )
        raise _damaged(folder / names[0], f"This file of a release {what}.{more}")


def _damaged(file: Path, message: str, *, line: int | None = None) -> Corrupt:
    return Corrupt(
        "release-damaged", message, hint="Restore the release from a copy, or write a new one.", place=Place(file, line)
    )
