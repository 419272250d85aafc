"""How long work tells how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called now and then with what is done, of how much, and of what."""

    def __call__(self, done: int, total: int, label: str) -> None: ...


def silent(done: int, total: int, label: str) -> None:
    """A progress that nobody looks at."""
