"""Finds the readers that are installed, ours and those of third parties, by their entry points."""

from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path

from wildways.model import BadInput, NotFound, Place
from wildways.readers.contract import Reader

GROUP = "wildways.readers"


def list_readers() -> tuple[Reader, ...]:
    """All readers that are installed, by name."""
    return tuple(point.load()() for point in sorted(entry_points(group=GROUP), key=lambda point: point.name))


def get_reader(name: str) -> Reader:
    """The reader of that name.

    Raises
    ------
    NotFound : none is installed under it
    """
    points = entry_points(group=GROUP)
    for point in points:
        if point.name == name:
            reader: Reader = point.load()()
            return reader
    known = ", ".join(sorted(point.name for point in points))
    raise NotFound("reader-unknown", f"There is no reader “{name}”.", hint=f"There are: {known}.")


def find_reader(file: Path, readers: Iterable[Reader] | None = None) -> Reader:
    """The first reader that claims the file.

    Parameters
    ----------
    readers : those to ask, in this order; by default all that are installed, by name

    Raises
    ------
    BadInput : none does
    """
    asked = tuple(list_readers() if readers is None else readers)
    for reader in asked:
        if reader.claims(file):
            return reader
    known = ", ".join(reader.name for reader in asked)
    raise BadInput(
        "format-unknown",
        "No reader knows this kind of file.",
        hint=f"The readers are: {known}. A CSV with other column names needs `columns` in its module.",
        place=Place(file),
    )
