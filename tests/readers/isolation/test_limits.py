"""How much a reading may use."""

import os
import time
from threading import Event

import pytest

from wildways.readers.isolation import Limits
from wildways.readers.isolation.endings import crashed
from wildways.readers.isolation.watchdog import Watchdog

A_CORE = 64 << 20


@pytest.mark.parametrize(
    ("memory_limit", "n_bytes"),
    [("1GB", 10**9), ("1.5 GiB", 3 << 29), ("500mb", 500 * 10**6), ("2TB", 2 * 10**12), ("80%", 0), ("much", 0)],
)
def test_memory_is_that_of_the_parser_and_some_more(memory_limit: str, n_bytes: int) -> None:
    limits = Limits(memory_bytes=1000)
    assert limits.memory_of(memory_limit) == n_bytes + 1000 + A_CORE * (os.cpu_count() or 1)


def test_time_grows_with_the_file() -> None:
    limits = Limits(cpu_seconds=10, cpu_bytes_per_second=100, silent_seconds=20, silent_bytes_per_second=1000)
    assert (limits.cpu_of(0), limits.cpu_of(5000)) == (10, 60)
    assert (limits.silence_of(0), limits.silence_of(5000)) == (20, 25)


def test_a_watchdog_calls_once_something_takes_too_long_and_not_before() -> None:
    called = Event()
    watchdog = Watchdog(called.set, 0.2)
    for _ in range(10):
        with watchdog.within(5):
            time.sleep(0.01)
    time.sleep(0.3)
    assert not watchdog.has_called
    with watchdog.within(0.2):
        assert called.wait(5)
    assert watchdog.has_called


@pytest.mark.parametrize(("code", "part"), [(-6, "SIGABRT"), (-1000, "signal 1000"), (3, "exit code 3"), (0, "code 0")])
def test_an_end_is_said_in_words(code: int, part: str) -> None:
    assert part in crashed("reader", "file", code).message
