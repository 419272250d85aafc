"""One at a time: a lock that the operating system lets go of when its process ends, however it ends."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wildways.connectors.clock import Clock
from wildways.model import BadInput, Conflict, Place
from wildways.model.locking import try_lock

WAIT_SECONDS = 30.0
_POLL_SECONDS = 1.0


@contextmanager
def only_one(file: Path, what: str, clock: Clock, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a lock file, waiting for whoever holds it.

    Parameters
    ----------
    what : what the other is doing, for the message

    Raises
    ------
    Conflict : somebody else still held it after `wait_seconds`
    BadInput : the lock file cannot be made
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise BadInput(
            "lock-folder",
            f"No lock file can be made: {error.strerror}.",
            hint="Set XDG_CACHE_HOME to a folder that may be written.",
            place=Place(file),
        ) from error
    try:
        waited = 0.0
        while not try_lock(handle):
            if waited >= wait_seconds:
                raise Conflict("fetch-busy", f"Another process is {what}.", hint="Wait until it is done.")
            clock.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
        yield
    finally:
        os.close(handle)


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where locks of the user lie, common to all atlases."""
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wildways"
