"""The writer's lock excludes, waits, and goes with its process."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from wildways.model import Conflict
from wildways.store.lock import writer_lock

HOLD = """
import sys, time
from pathlib import Path
from wildways.store.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_refused_after_its_wait(tmp_path: Path) -> None:
    with writer_lock(tmp_path / "lock"):
        start = time.monotonic()
        with pytest.raises(Conflict) as caught, writer_lock(tmp_path / "lock", wait_seconds=0.2):
            pass
    assert caught.value.code == "workspace-busy"
    assert 0.2 <= time.monotonic() - start < 5


def test_a_second_writer_gets_in_when_the_first_is_done(tmp_path: Path) -> None:
    entered = threading.Event()

    def wait() -> None:
        with writer_lock(tmp_path / "lock", wait_seconds=10):
            entered.set()

    with writer_lock(tmp_path / "lock"):
        thread = threading.Thread(target=wait)
        thread.start()
        assert not entered.wait(0.2)
    thread.join(10)
    assert entered.is_set()


def test_a_killed_writer_leaves_no_lock_behind(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Conflict), writer_lock(lock, wait_seconds=0.1):
            pass
        process.kill()
    with writer_lock(lock, wait_seconds=1):
        pass
