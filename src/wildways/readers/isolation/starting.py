"""Starts a reading process and ends it, on every system."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Any, cast

_COMMAND = (sys.executable, "-P", "-m", "wildways.readers.isolation.worker")
_PIPE_BYTES = 1 << 20
"""A megabyte is what Linux gives to everybody; a pipe holds 64 kB otherwise."""

_PAUSE_S = 0.002


@dataclass(frozen=True)
class Process:
    """A reading process and its two streams."""

    popen: "subprocess.Popen[bytes]"
    requests: FileIO
    answers: FileIO

    @property
    def pid(self) -> int:
        """Its id; that of its group as well, where the system has groups of processes."""
        return self.popen.pid


def start(folder: Path) -> Process:
    """Start a process whose temporary files lie in a folder; keys pressed in the terminal do not reach it."""
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    popen = subprocess.Popen(
        _COMMAND,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **places},
        **_own_group(),
    )
    process = Process(popen, cast("FileIO", popen.stdin), cast("FileIO", popen.stdout))
    _widen(popen.stdout)
    return process


def await_end(process: Process, seconds: float) -> None:
    """Give a process so many seconds to end; it keeps its id, and that of its group, until it is waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _has_ended(process):
        time.sleep(_PAUSE_S)


def _has_ended(process: Process) -> bool:
    if not hasattr(os, "waitid"):
        return process.popen.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill(process: Process) -> None:
    """End it and what it started; nothing happens if it has been waited for."""
    if process.popen.returncode is not None:
        return
    if sys.platform == "win32":
        process.popen.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.popen.kill()


def identify(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of the same path; nothing where there is none."""
    try:
        about = folder.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}


def _widen(stream: IO[bytes] | None) -> None:
    """Let a pipe hold more, where the system can, so that neither side waits for the other so often."""
    if sys.platform == "linux" and stream is not None:
        import fcntl

        try:
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            return
