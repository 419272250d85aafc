"""Records of Argos CSV files: -Locations.csv and -Argos.csv of Wildlife Computers, exports of CLS. A row is a line."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from wildways.model import BadInput, Place, Source
from wildways.readers.argos.lines import Line
from wildways.readers.argos.record import Record
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap, has_fields, load_fields, map_fields
from wildways.readers.marine.roles import load_roles

LOCATIONS, PASSES, CLS = "argos/locations_fields.csv", "argos/passes_fields.csv", "argos/cls_fields.csv"

_TEXTS = Record._fields[2:]
_DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
_MONTH_FIRST = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}\b")


@dataclass(frozen=True)
class CsvLayout:
    """Where a CSV file has its fields.

    Parameters
    ----------
    roles : text of `Record` → field of the file's kind
    is_ragged : whether rows may be longer than the header
    pattern : how the header says that dates are written, for example ``dd/MM/yyyy HH:mm:ss``; empty where it does not
    """

    head: CsvHead
    fields: FieldMap
    roles: Mapping[str, str]
    is_ragged: bool
    pattern: str

    def column(self, name: str) -> str:
        """The file's column of one of the texts of `Record`."""
        return self.fields.column(self.roles.get(name, name))


def find_table(head: CsvHead) -> str | None:
    """The table of fields whose required ones the file has; None where there is none."""
    plain = _without_patterns(head)
    return next((table for table in (LOCATIONS, PASSES, CLS) if has_fields(plain, load_fields(table))), None)


def find_layout(head: CsvHead, source: Source) -> CsvLayout:
    """Find the fields of the file, first as the source says.

    Raises
    ------
    BadInput : a required field has no column; the message is about -Locations.csv unless the columns tell otherwise
    """
    table = find_table(head) or LOCATIONS
    plain = _without_patterns(head)
    fields = map_fields(plain, load_fields(table), source)
    roles = load_roles(table)
    pattern = head.columns[fields.indices[roles["stamp"]]].partition("=")[2].strip()
    return CsvLayout(head, fields, roles, table == CLS, pattern)


def read_rows(lines: Iterable[Line], layout: CsvLayout) -> Iterator[Record]:
    """Read the rows after the header, each line for itself, so that a stray quote spoils one row only.

    Files of the CLS web service have as many columns more as the message had sensors; elsewhere a row must be as long
    as the header.
    """
    indices = [layout.fields.indices.get(layout.roles.get(name, "")) for name in _TEXTS]
    n_columns = len(layout.head.columns)
    n_least = min(n_columns, max(layout.fields.indices.values()) + 2) if layout.is_ragged else n_columns
    n_most = None if layout.is_ragged else n_columns
    for number, text in lines:
        if number == 1:
            continue
        values = _split(text, layout.head.delimiter)
        if len(values) < n_least or (n_most is not None and len(values) > n_most):
            yield Record(number, "line-rejected")
            continue
        texts = [None if index is None else values[index].strip() or None for index in indices]
        fault = "encoding" if "\ufffd" in text and any(given and "\ufffd" in given for given in texts) else None
        yield Record(number, fault, *texts)


def find_date_order(records: Iterable[Record], layout: CsvLayout) -> tuple[str, ...]:
    """How dates like 07/19/2017 are written in a file; nothing where the first one is written otherwise.

    The header may say; else a day above 12 does.

    Raises
    ------
    BadInput : nothing says which is the day and which the month, or dates of both kinds are in the file
    """
    if layout.pattern:
        return _DAY_FIRST if layout.pattern.lower().startswith("d") else _MONTH_FIRST
    first_above = second_above = slashed = None
    for record in records:
        match = _SLASHED.match(record.stamp or "")
        if match is None and record.stamp is not None and slashed is None:
            return ()
        if match is None:
            continue
        slashed = slashed or record
        first_above = first_above or (record if int(match[1]) > 12 else None)
        second_above = second_above or (record if int(match[2]) > 12 else None)
    if slashed is None:
        return ()
    if (first_above is None) == (second_above is None):
        raise _unclear(first_above or slashed, layout)
    return _DAY_FIRST if first_above else _MONTH_FIRST


def _unclear(record: Record, layout: CsvLayout) -> BadInput:
    return BadInput(
        "date-order",
        f"Nothing in the file says whether {record.stamp} has the day or the month first.",
        hint="Export the file again with dates like 2017-07-19 10:00:00.",
        place=Place(layout.head.name, record.line, layout.column("stamp")),
    )


def _without_patterns(head: CsvHead) -> CsvHead:
    """The header without what CLS appends to a name: ``Loc. date=yyyy/MM/dd HH:mm:ss``."""
    return replace(head, columns=tuple(column.partition("=")[0] for column in head.columns))


def _split(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []
