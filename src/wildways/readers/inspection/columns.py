"""Columns of a file, whatever it is: of a CSV by its header, of features by their attributes."""

from pathlib import Path

from wildways.model import WildwaysError
from wildways.readers.csvfile import read_head
from wildways.readers.drawn.files import open_shapes


def columns_of(file: Path) -> tuple[str, ...]:
    """Names of the columns, or none where the file has no names for them."""
    try:
        columns = read_head(file).columns
        return columns if _is_header(columns) else ()
    except WildwaysError:
        pass
    try:
        return open_shapes(file, str(file)).columns
    except WildwaysError:
        return ()


def _is_header(columns: tuple[str, ...]) -> bool:
    """Whether these are names rather than values: several, all different, each with a letter."""
    has_letters = all(any(letter.isalpha() for letter in column) for column in columns if column)
    return len(columns) > 1 and len(set(columns)) == len(columns) and has_letters
