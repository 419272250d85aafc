"""Several pieces of long work at a time, each in a thread that mostly waits; all end soon after one fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from wildways.model import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")


class Stopped(Exception):
    """Ends work that is not wanted any more."""


class _Together:
    """The progress of all pieces at work as one; raises `Stopped` in them once they are to end."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._telling = progress, Lock()
        self._at_work: dict[int, tuple[int, int, str]] = {}
        self.is_stopped = False

    def tell(self, number: int, done: int, total: int, label: str) -> None:
        with self._telling:
            if self.is_stopped:
                raise Stopped
            self._at_work[number] = done, total, label
            all_done, all_total, labels = zip(*self._at_work.values(), strict=True)
            self._progress(sum(all_done), sum(all_total), ", ".join(labels))

    def end(self, number: int) -> None:
        with self._telling:
            self._at_work.pop(number, None)


def at_a_time(
    most: int, work: Callable[[Item, Progress], Result], items: Sequence[Item], progress: Progress
) -> list[Result]:
    """The work on every item, in order, at most so many at a time; with one, in this very thread.

    Where one fails, the others are stopped when they next tell their progress, and its error is raised.

    Parameters
    ----------
    work : gets an item and where to tell its progress
    progress : is told the sums over the items at work, and all their labels
    """
    if most == 1:
        return [work(item, progress) for item in items]
    together = _Together(progress)

    def one(number: int) -> Result:
        try:
            return work(items[number], lambda *told: together.tell(number, *told))
        finally:
            together.end(number)

    with ThreadPoolExecutor(most, thread_name_prefix="at-a-time") as threads:
        try:
            return list(threads.map(one, range(len(items))))
        except BaseException:
            together.is_stopped = True
            raise
