"""CSV as it was downloaded: is it whole, what are its columns, its rows one by one."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from wildways.connectors.web import Incomplete


def read_columns(file: Path) -> list[str]:
    """Names in the header.

    Raises
    ------
    Incomplete : there is none
    """
    return next(_records(file), [])


def read_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a small table."""
    records = _records(file)
    columns = next(records, [])
    return [dict(zip(columns, record, strict=True)) for record in records]


def check_table(file: Path, needed: Sequence[str] = ()) -> int:
    """Look through a table, in bounded memory.

    Parameters
    ----------
    needed : columns it must have

    Returns
    -------
    Number of rows below the header.

    Raises
    ------
    Incomplete : it is empty or cut off, a row has more or fewer fields than the header, or a column is missing
    """
    _demand_last_line(file)
    records = _records(file)
    columns = next(records, [])
    missing = [column for column in needed if column not in columns]
    if missing:
        raise Incomplete(f"the table has no column {', '.join(missing)}; it begins with “{','.join(columns)[:80]}”")
    n_rows = 0
    for record in records:
        n_rows += 1
        if len(record) != len(columns):
            raise Incomplete(f"row {n_rows} has {len(record)} fields, the header {len(columns)}")
    return n_rows


def _demand_last_line(file: Path) -> None:
    n_bytes = file.stat().st_size
    if n_bytes == 0:
        raise Incomplete("the table is empty")
    with file.open("rb") as stream:
        stream.seek(n_bytes - 1)
        if stream.read() != b"\n":
            raise Incomplete("the table breaks off within a line")


def _records(file: Path) -> Iterator[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.reader(stream, strict=True)
    except csv.Error as error:
        raise Incomplete(f"the table is not CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise Incomplete("the table is not UTF-8") from error
