"""Argos: CSV of Wildlife Computers and of CLS, and the text formats DIAG and DS."""

import gzip
import zlib
from itertools import islice
from pathlib import Path

from wildways.model import BadInput, Source
from wildways.readers.argos.lines import Line
from wildways.readers.argos.reading import ArgosReading
from wildways.readers.argos.rows import CsvLayout, find_layout, find_table
from wildways.readers.argos.text import is_diag, is_ds
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import CsvHead, peek_head, read_head
from wildways.readers.marine.findings import demand_degrees

_BEGINNING_BYTES = 65_536
_BEGINNING_LINES = 400
_CSV_COLUMNS = 4
"""A first line with at least so many columns is the header of a CSV file."""


class Argos:
    """Reads positions from Argos tags.

    ``-Locations.csv`` and ``-Argos.csv`` of Wildlife Computers, CSV exports of CLS (ArgosWeb and web service), DIAG and
    DS text; gzip as well. Every position is kept with its location class, class Z and repeated ones too: analyses
    decide. Of the two solutions of a pass the first is taken. Rows of type User become deployments.

    References
    ----------
    CLS, Argos User's Manual. Wildlife Computers, Spreadsheet File Descriptions.
    """

    name = "argos"
    version = "1"
    description = "Argos: Wildlife Computers -Locations.csv and -Argos.csv, CLS CSV, DIAG and DS text; gzip as well"

    def claims(self, file: Path) -> bool:
        """Whether the beginning of the file has the columns or the records of one of the layouts."""
        head = peek_head(file)
        return head is not None and (find_table(head) is not None or _text_layout(head) is not None)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a file of whichever layout; see `Reader.read`."""
        options = options or ReadingOptions()
        head = read_head(file, options.name)
        demand_degrees(source, head.name)
        return ArgosReading(head, _find_layout(head, source), source, options)


def _find_layout(head: CsvHead, source: Source) -> CsvLayout | str:
    if find_table(head) is None and not source.columns:
        layout = _text_layout(head)
        if layout is not None:
            return layout
        if len(head.columns) < _CSV_COLUMNS:
            raise BadInput(
                "argos-unknown",
                "This is neither DIAG nor DS text, nor CSV of Wildlife Computers or CLS.",
                hint="DIAG records begin with “platform  Date : day.month.year”, DS records with program and platform.",
                place=head.place,
            )
    return find_layout(head, source)


def _text_layout(head: CsvHead) -> str | None:
    lines = _first_lines(head)
    if is_diag(lines):
        return "diag"
    return "ds" if is_ds(lines) else None


def _first_lines(head: CsvHead) -> list[Line]:
    try:
        with gzip.open(head.file) if head.compressed else head.file.open("rb") as stream:
            beginning = stream.read(_BEGINNING_BYTES)
    except (EOFError, OSError, zlib.error):
        return []
    text = beginning.decode("utf-8-sig", errors="replace")
    return list(islice(enumerate(text.splitlines(), 1), _BEGINNING_LINES))
