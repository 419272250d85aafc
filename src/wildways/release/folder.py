"""The folder of a release: its name, and how it appears all at once or not at all."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path

from wildways.model import BadInput, Conflict, Place

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNFINISHED = ".unfinished-"


@contextmanager
def new_release(releases: Path, name: str | None, today: date) -> Iterator[Path]:
    """A folder to write a release into, which becomes ``releases/NAME`` when the block ends without an error.

    Until then it is hidden beside the others, and it is removed if the block fails; what a killed process left is
    removed by the next release. Everything is on disk before the name appears. Files of a release are read-only.

    Parameters
    ----------
    name : None means the day, `2026-11-23`, then `2026-11-23.2` …

    Raises
    ------
    BadInput : the name cannot be a folder's name or would be hidden
    Conflict : there is a release of that name, or another process is writing one
    """
    releases.mkdir(parents=True, exist_ok=True)
    with _lock(releases):
        for left in releases.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        final = releases / (_free_name(releases, today) if name is None else _checked(name))
        if final.exists():
            raise Conflict(
                "release-exists",
                f"There is a release “{final.name}” already, and releases never change.",
                hint="Choose another name.",
                place=Place(final),
            )
        unfinished = releases / f"{_UNFINISHED}{final.name}"
        unfinished.mkdir()
        try:
            yield unfinished
            _settle(unfinished)
            unfinished.rename(final)
            _sync(releases)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise


def release_name(folder: Path) -> str:
    """The name a folder given by :func:`new_release` will have."""
    return folder.name.removeprefix(_UNFINISHED)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadInput(
            "release-name",
            f"A release cannot be called “{name}”.",
            hint="Use letters, digits, dots, hyphens and underscores, beginning with a letter or digit, at most 64.",
        )
    return name


def _free_name(releases: Path, today: date) -> str:
    names = (today.isoformat() if number == 1 else f"{today.isoformat()}.{number}" for number in count(1))
    return next(name for name in names if not (releases / name).exists())


@contextmanager
def _lock(releases: Path) -> Iterator[None]:
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                "release-in-progress",
                "Another release of this atlas is being written.",
                hint="Wait for it to end.",
                place=Place(releases),
            ) from error
        yield


def _settle(folder: Path) -> None:
    """Make every file read-only and have all of it on disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            path.chmod(0o444)
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
