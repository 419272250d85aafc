"""Tables as they are published: declared columns as Parquet and as CSV that a spreadsheet cannot be hurt by."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildways.model import Corrupt, Place
from wildways.release.features import flat_columns, in_microseconds, require_columns

_FORMULA = re.compile(r"'*(?:[=+@\t\r\0]|-(?![0-9.\-]))")
_ROWS_A_TIME = 10_000


def read_columns(file: Path, columns: Sequence[str]) -> pa.Table:
    """Read the named columns of a Parquet file; nothing else in it is looked at.

    Raises
    ------
    Corrupt : not Parquet, or a column is missing
    """
    import pyarrow.parquet as pq

    try:
        require_columns(file, pq.read_schema(file).names, columns)
        return in_microseconds(pq.read_table(file, columns=list(columns)))
    except (pa.ArrowException, OSError) as error:
        raise Corrupt(
            "product-unreadable",
            f"The table of a product cannot be read: {error}.",
            hint="Build the atlas again.",
            place=Place(file),
        ) from error


def write_parquet(table: pa.Table, file: Path, about: Mapping[str, str]) -> None:
    """Write Parquet with zstd and `about` in the file's metadata."""
    import pyarrow.parquet as pq

    pq.write_table(
        table.replace_schema_metadata(dict(about)),
        file,
        compression="zstd",
        compression_level=15,
        coerce_timestamps="us",
    )


def write_csv(table: pa.Table, file: Path) -> None:
    """Write UTF-8 CSV with a header: numbers as numbers, times as ISO 8601, unknown as nothing, text escaped."""
    flat = flat_columns(table)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([escape_cell(name) for name in flat.column_names])
        writer.writerows(_rows(flat))


def escape_cell(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    That is text beginning with ``= + @``, tab, carriage return or NUL, or with ``-`` not followed by a digit, a dot or
    another ``-``; and, so that :func:`unescape_cell` gives every text back, such text behind apostrophes of its own.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(text: str) -> str:
    """What :func:`escape_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _rows(table: pa.Table) -> Iterator[list[Any]]:
    for batch in table.to_batches(max_chunksize=_ROWS_A_TIME):
        for row in batch.to_pylist():
            yield [_cell(value) for value in row.values()]


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return escape_cell(value)
    return value
