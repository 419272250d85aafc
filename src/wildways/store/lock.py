"""One writer at a time: a lock that the operating system lets go of when its process ends, however it ends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wildways.model import Conflict
from wildways.model.locking import try_lock

WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05


@contextmanager
def writer_lock(file: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of a workspace.

    Raises
    ------
    Conflict : somebody else still held it after `wait_seconds`
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        while not try_lock(handle):
            if time.monotonic() > deadline:
                raise Conflict(
                    "workspace-busy",
                    f"Another process is writing to {file.parent}.",
                    hint="Wait until it is done and try again.",
                )
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(handle)
