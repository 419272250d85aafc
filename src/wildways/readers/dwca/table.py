"""One data file of a Darwin Core Archive: its rows as they are declared, and what its own header says instead."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple, cast

from wildways.model import BadInput, Finding, LimitReached, Place
from wildways.readers.dwca.meta import DataFile, local_name

if TYPE_CHECKING:
    from _csv import Reader as Cells

MAX_LINE = 1 << 22
"""Characters a line may have."""
MAX_HEADER_LINES = 1_000

_DELIMITERS = (",", "\t", ";", "|")
_BROKEN = "\ufffd"


class Row(NamedTuple):
    """A row: its number (the first after the header is 1), its line, and its cells; None where it is broken."""

    number: int
    line: int
    cells: list[str] | None


def read_rows(stream: BinaryIO, table: DataFile, name: str, n_columns: int | None = None) -> Iterator[Row]:
    """Read the rows of a data file; blank lines do not count.

    A row is broken where it has other than `n_columns` cells, too few for the declared terms, text that is not in the
    declared encoding, or a cell of more than 128 kB.

    Raises
    ------
    LimitReached : a line is longer than 4 million characters
    """
    lines = _lines(stream, table, name)
    for _ in range(min(table.n_header_lines, MAX_HEADER_LINES)):
        next(lines, None)
    least = 1 + max([*table.indices.values(), table.id_index or 0])
    marks = _Marks(lines)
    rows = _reader(marks, table)
    number, last_line = 0, 0
    while True:
        marks.is_broken = False
        try:
            cells = next(rows, None)
            if cells is None:
                return
            is_whole = len(cells) >= least and (n_columns is None or len(cells) == n_columns)
        except csv.Error:
            cells, is_whole = [""], False
        line = table.n_header_lines + last_line + 1
        last_line = rows.line_num
        if cells:
            number += 1
            yield Row(number, line, cells if is_whole and not marks.is_broken else None)


def check_layout(
    table: DataFile, head: bytes, name: str, known: Mapping[str, str]
) -> tuple[DataFile, list[Finding], int | None]:
    """What a data file is like by its own header, where meta.xml says otherwise.

    Headers of Darwin Core terms are believed: archives are often made by hand, and a wrong index puts latitudes among
    dates. Each difference is a finding. Files without a header are taken as declared.

    Parameters
    ----------
    head : the beginning of the file
    known : term in lower case → term, for the terms that may be found in a header

    Returns
    -------
    The table as it is; the findings; the number of columns, where the header tells it.
    """
    if not table.n_header_lines:
        return table, [], None
    header = _last_header_line(head, table)
    table, findings = _check_separators(table, header, name)
    cells = _cells(header, table)
    table, differing = _check_columns(table, cells, name, known)
    return table, [*findings, *differing], len(cells) or None


def read_header(head: bytes, table: DataFile) -> list[str]:
    """The cells of the last header line, from the beginning of a file."""
    return [cell.strip() for cell in _cells(_last_header_line(head, table), table)]


def _last_header_line(head: bytes, table: DataFile) -> str:
    text = head.decode(table.encoding, "replace").removeprefix("\ufeff")
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[table.n_header_lines - 1] if len(lines) >= table.n_header_lines else ""


def _check_separators(table: DataFile, header: str, name: str) -> tuple[DataFile, list[Finding]]:
    findings = []
    likely = max(_DELIMITERS, key=header.count)
    if table.delimiter not in header and likely in header and len(table.indices) > 1:
        findings.append(
            _differs("meta-delimiter", "The fields end with another character than meta.xml says", name, likely)
        )
        table = replace(table, delimiter=likely)
    if not table.enclosure and header.startswith('"') and f'"{table.delimiter}"' in header:
        findings.append(_differs("meta-enclosure", "The fields are in quotes, which meta.xml does not say", name, '"'))
        table = replace(table, enclosure='"')
    return table, findings


def _check_columns(
    table: DataFile, cells: list[str], name: str, known: Mapping[str, str]
) -> tuple[DataFile, list[Finding]]:
    names = [local_name(cell.rpartition(":")[2]).lower() for cell in cells]
    found = {known[cell]: index for index, cell in reversed(list(enumerate(names))) if cell in known}
    wrong = [term for term, index in table.indices.items() if index >= len(names) or names[index] != term.lower()]
    if not wrong or 2 * len(found) < len(names):
        return table, []
    kept = {term: index for term, index in table.indices.items() if term not in wrong}
    example = f"{wrong[0]} in column {table.indices[wrong[0]]}"
    finding = _differs("meta-columns", "Terms are in other columns than meta.xml says", name, example)
    return replace(table, indices=kept | found), [finding]


def _differs(code: str, what: str, name: str, example: str) -> Finding:
    message = f"{what}; the file's own header was believed."
    return Finding(code, message, 1, place=Place(name), example=example, hint="Correct meta.xml.")


class _Marks:
    """Passes lines on, and remembers whether one of them was not in the declared encoding."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.is_broken = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.is_broken |= _BROKEN in line
        return line


def _lines(stream: BinaryIO, table: DataFile, name: str) -> Iterator[str]:
    encoding = "utf-8-sig" if table.encoding == "utf-8" else table.encoding
    text = io.TextIOWrapper(cast("IO[bytes]", stream), encoding=encoding, errors="replace", newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                message = f"A line is longer than {MAX_LINE:,} characters."
                raise LimitReached("line-length", message, hint="Look at its line ends.", place=Place(name, number))
            yield line
    except UnicodeError as error:
        message = f"The file is not in {table.encoding}, as meta.xml says."
        raise BadInput("encoding", message, hint="Correct meta.xml.", place=Place(name, number + 1)) from error
    finally:
        text.detach()


def _reader(lines: Iterator[str], table: DataFile) -> "Cells":
    if not table.enclosure:
        return csv.reader(lines, delimiter=table.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=table.delimiter, quotechar=table.enclosure)


def _cells(header: str, table: DataFile) -> list[str]:
    try:
        return next(_reader(iter([header]), table), [])
    except csv.Error:
        return []
