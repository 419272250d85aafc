"""Several pieces of long work at a time, each in a thread that mostly waits; all end soon after one fails."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from wildways.model import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")


class Stopped(Exception):
    """Ends work that is not wanted any more."""


class _Told:
    """Progress of several threads told one at a time; raises `Stopped` in them once the work is to end."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._telling = progress, Lock()
        self.is_stopped = False

    def __call__(self, done: int, total: int, label: str) -> None:
        with self._telling:
            if self.is_stopped:
                raise Stopped
            self._progress(done, total, label)


def at_a_time(
    most: int, work: Callable[[Item, Progress], Result], items: Iterable[Item], progress: Progress
) -> list[Result]:
    """The work on every item, in order, at most so many at a time; with one, in this very thread.

    Where one fails, the others are stopped when they next tell their progress, and its error is raised.
    """
    if most == 1:
        return [work(item, progress) for item in items]
    told = _Told(progress)
    with ThreadPoolExecutor(most, thread_name_prefix="at-a-time") as threads:
        try:
            return list(threads.map(lambda item: work(item, told), items))
        except BaseException:
            told.is_stopped = True
            raise
