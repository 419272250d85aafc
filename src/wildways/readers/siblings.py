"""Other files that a reader reads together with the one that is named: found by their names, never opened."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

from wildways.readers.registry import get_reader


@runtime_checkable
class ReadsSiblings(Protocol):
    """A reader that reads other files too, where they are there. What a file holds is then what all of them hold."""

    def siblings(self, file: Path) -> list[Path]:
        """The other files that reading this one depends on; cheap, and never raises."""
        ...


def list_siblings(reader: str, file: Path) -> list[Path]:
    """Other files that the reader of that name reads together with a file, sorted; none for most readers.

    Raises
    ------
    NotFound : there is no such reader
    """
    found = get_reader(reader)
    if not isinstance(found, ReadsSiblings):
        return []
    return sorted(other for other in set(found.siblings(file)) if other != file)


def parts_of(file: Path, suffixes: Iterable[str]) -> list[Path]:
    """Files beside a file that are called like it but for the suffix."""
    wanted = set(suffixes)
    return [other for other in _beside(file) if other.stem == file.stem and other.suffix.lower() in wanted]


def tables_beside(file: Path, suffixes: Iterable[str]) -> list[Path]:
    """Files beside a file that end in one of some suffixes."""
    wanted = set(suffixes)
    return [other for other in _beside(file) if other.suffix.lower() in wanted]


def _beside(file: Path) -> list[Path]:
    try:
        return [other for other in file.parent.iterdir() if other.name != file.name and other.is_file()]
    except OSError:
        return []
