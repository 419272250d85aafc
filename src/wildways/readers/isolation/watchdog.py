"""Calls for help when something takes too long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_LOOKS = 8
"""So many times within the time allowed it looks; the call comes late by as much at most."""

_LONGEST_S = 1.0


class Watchdog:
    """Watches one thing after another from a thread of its own, which costs those that are in time next to nothing.

    Parameters
    ----------
    call : called once, from that thread, when something takes too long; nothing is watched after it
    least_seconds : the shortest time that will be allowed
    """

    def __init__(self, call: Callable[[], None], least_seconds: float) -> None:
        self._call = call
        self._pause = min(_LONGEST_S, least_seconds / _LOOKS)
        self._deadline = float("inf")
        self._is_over = Event()
        self.has_called = False
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Allow so many seconds for what is done in here."""
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = float("inf")

    def stop(self) -> None:
        """Watch no more."""
        self._is_over.set()

    def _watch(self) -> None:
        while not self._is_over.wait(self._pause):
            if time.monotonic() > self._deadline:
                self.has_called = True
                self._call()
                return
