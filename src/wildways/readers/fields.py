"""Finds a format's fields among a file's columns, whatever separators and case the file spells them with."""

import csv
import difflib
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from wildways.model import BadInput, Place, Source
from wildways.readers.csvfile import CsvHead, peek_head

_SEPARATORS = re.compile(r"[-_.:\s]+")


@dataclass(frozen=True)
class Field:
    """A field of a format: its name, whether a file must have it, its spellings, and names often used elsewhere."""

    name: str
    required: bool
    names: tuple[str, ...]
    often: tuple[str, ...]


@dataclass(frozen=True)
class FieldMap:
    """Where the fields are in a file.

    Parameters
    ----------
    indices : field → index of its column; fields the file lacks are absent
    columns : the file's column names
    is_native : whether the file's own names led to every required field
    """

    indices: Mapping[str, int]
    columns: tuple[str, ...]
    is_native: bool

    def __contains__(self, field: str) -> bool:
        return field in self.indices

    def column(self, field: str) -> str:
        """The file's name of a field."""
        return self.columns[self.indices[field]] if field in self.indices else field


def normalise(name: str) -> str:
    """Spell a name as Movebank does: lower case, hyphens."""
    return _SEPARATORS.sub("-", name.strip().lower()).strip("-")


@cache
def load_table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one of the readers' reference tables, a CSV with ``#`` lines for source and date."""
    text = files("wildways.readers").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def load_fields(table: str) -> tuple[Field, ...]:
    """Fields of a format from its reference table."""
    return tuple(
        Field(row["field"], row["required"] == "yes", tuple(row["names"].split()), tuple(row["often"].split()))
        for row in load_table(table)
    )


def split_constants(fields: tuple[Field, ...], source: Source, name: str) -> tuple[dict[str, str], Source]:
    """Part the source's `columns` that are values for all rows (``"=tracking"``) from those that name columns.

    Parameters
    ----------
    name : how messages name the file

    Returns
    -------
    Field → value, and the source with the columns that are left.

    Raises
    ------
    BadInput : a value is for a field that does not exist
    """
    names = _spellings(fields)
    given = {key: value[1:].strip() for key, value in source.columns.items() if value.startswith("=")}
    for key in given:
        if normalise(key) not in names:
            raise _unknown_field(key, fields, source, name)
    columns = {key: value for key, value in source.columns.items() if key not in given}
    constants = {names[normalise(key)]: value for key, value in given.items()}
    return constants, source.model_copy(update={"columns": columns})


def map_fields(head: CsvHead, fields: tuple[Field, ...], source: Source, *, constants: Container[str] = ()) -> FieldMap:
    """Find the fields of a format in a file: first as the source says, then by the format's own names.

    Parameters
    ----------
    constants : fields that need no column; see `split_constants`

    Raises
    ------
    BadInput : the source names a field or a column that does not exist, a field has two columns, or a required field
        has none; says what was found, what is missing, which names come close, and how to set `columns`
    """
    indices = _columns_of_source(head, fields, source)
    for field in fields:
        if field.name in constants or field.name in indices:
            continue
        if (index := _native_index(head, field)) is not None:
            indices[field.name] = index
    required = [field for field in fields if field.required and field.name not in constants]
    missing = [field for field in required if field.name not in indices]
    if missing:
        raise _missing(head, missing)
    is_native = all(normalise(head.columns[indices[field.name]]) in field.names for field in required)
    return FieldMap(indices, head.columns, is_native)


def has_fields(head: CsvHead, fields: tuple[Field, ...]) -> bool:
    """Whether a file has every required field of a format under the format's own names."""
    columns = {normalise(column) for column in head.columns}
    return all(columns.intersection(field.names) for field in fields if field.required)


def looks_like(file: Path, table: str) -> bool:
    """Whether a file is a CSV that has every required field of a format under the format's own names."""
    head = peek_head(file)
    return head is not None and has_fields(head, load_fields(table))


def _columns_of_source(head: CsvHead, fields: tuple[Field, ...], source: Source) -> dict[str, int]:
    names = _spellings(fields)
    mapped = {}
    for key, column in source.columns.items():
        if normalise(key) not in names:
            raise _unknown_field(key, fields, source, head.name)
        if column not in head.columns:
            raise BadInput(
                "columns-missing",
                f"Source “{source.id}” reads {key} from the column “{column}”, which the file does not have. "
                f"{_found(head)}",
                hint=_close(column, head.columns) or "Correct columns in the module, or export the file again.",
                place=Place(head.name, 1, key),
            )
        mapped[names[normalise(key)]] = head.columns.index(column)
    return mapped


def _spellings(fields: tuple[Field, ...]) -> dict[str, str]:
    return {spelling: field.name for field in fields for spelling in field.names}


def _unknown_field(key: str, fields: tuple[Field, ...], source: Source, name: str) -> BadInput:
    return BadInput(
        "columns-field",
        f"Source “{source.id}” sets columns for “{key}”, which is not a field of this format.",
        hint=_close(normalise(key), _spellings(fields))
        or f"The fields are: {', '.join(field.name for field in fields)}.",
        place=Place(name, 1, key),
    )


def _native_index(head: CsvHead, field: Field) -> int | None:
    spelled = [normalise(column) for column in head.columns]
    for name in field.names:
        if spelled.count(name) > 1:
            twice = [column for column in head.columns if normalise(column) == name]
            raise BadInput(
                "columns-twice",
                f"Two columns are called {field.name}: “{twice[0]}” and “{twice[1]}”.",
                hint="Remove one from the file.",
                place=Place(head.name, 1, twice[1]),
            )
        if name in spelled:
            return spelled.index(name)
    return None


def _missing(head: CsvHead, missing: list[Field]) -> BadInput:
    examples = ", ".join(f'{field.name} = "{_guess(head, field)}"' for field in missing)
    return BadInput(
        "columns",
        f"The file has no column {', '.join(field.name for field in missing)}. {_found(head)}",
        hint=f"If other columns hold them, say so in the source: columns = {{ {examples} }}.",
        place=Place(head.name, 1),
    )


def _guess(head: CsvHead, field: Field) -> str:
    spelled = {normalise(column): column for column in head.columns}
    usual = [spelled[name] for name in field.often if name in spelled]
    close = difflib.get_close_matches(field.name, spelled, n=1, cutoff=0.6)
    return (usual or [spelled[name] for name in close] or ["…"])[0]


def _close(name: str, names: Mapping[str, str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.5)
    return f"Did you mean {' or '.join(close)}?" if close else ""


def _found(head: CsvHead) -> str:
    shown = ", ".join(head.columns[:12])
    more = len(head.columns) - 12
    return f"It has: {shown}{f' and {more} more' if more > 0 else ''}."
