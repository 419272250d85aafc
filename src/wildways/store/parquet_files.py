"""Writes streams of evidence as Parquet files of the lake, for what is too long to pass through SQL.

Texts come as dictionaries and are stored as such, so that work grows with the number of distinct texts. A file belongs
to the lake once the catalogue names it; one that it never comes to name is removed like any orphan.
"""

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wildways.model import TABLES

ROW_GROUP_ROWS = 122_880
"""Rows that are read, or passed over by their statistics, at once."""
FILE_BYTES = 512 * 2**20
"""Length from which on a further file is begun."""

_NUMBER = pa.field("file_no", pa.int64(), nullable=False)


def write_parquet(
    folder: Path,
    table: str,
    number: int,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    file_bytes: int = FILE_BYTES,
) -> Iterator[tuple[Path, int]]:
    """Write rows of an evidence table as Parquet files in a folder.

    Each file is yielded, with its number of rows, when it is whole and on disk. Memory is that of one row group.

    Parameters
    ----------
    table : name of the evidence table
    number : number of the source file, the column ``file_no`` of all rows
    schema : of the batches; columns of the table that it lacks are left out of the files
    file_bytes : length from which on a further file is begun

    Raises
    ------
    ArrowInvalid : a required column has an empty value
    OSError : the disk is full
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored = _stored_schema(table, schema)
    groups = _row_groups(_stored(batch, number, stored) for batch in batches)
    group = next(groups, None)
    while group is not None:
        file, n_rows = folder / f"{uuid.uuid4().hex}.parquet", 0
        with _durable(file) as stream, pq.ParquetWriter(stream, stored, **_encoding(stored)) as writer:
            while group is not None and (not n_rows or stream.tell() < file_bytes):
                writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
                n_rows += group.num_rows
                group = next(groups, None)
        yield file, n_rows


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together as long as they make one row group."""
    group: list[pa.RecordBatch] = []
    for batch in batches:
        if group and sum(part.num_rows for part in group) + batch.num_rows > ROW_GROUP_ROWS:
            yield pa.Table.from_batches(group).unify_dictionaries()
            group = []
        if batch.num_rows:
            group.append(batch)
    if group:
        yield pa.Table.from_batches(group).unify_dictionaries()


def _stored_schema(table: str, schema: pa.Schema) -> pa.Schema:
    """The declared columns that batches of a schema have, but texts that come as dictionaries stay so."""
    columns = [column for column in TABLES[table].schema if column.name in schema.names]
    given = [schema.field(column.name).type for column in columns]
    types = [own if pa.types.is_dictionary(own) else column.type for own, column in zip(given, columns, strict=True)]
    return pa.schema([_NUMBER, *(column.with_type(own) for own, column in zip(types, columns, strict=True))])


def _stored(batch: pa.RecordBatch, number: int, stored: pa.Schema) -> pa.RecordBatch:
    numbers = pa.repeat(pa.scalar(number, _NUMBER.type), batch.num_rows)
    return pa.RecordBatch.from_arrays(
        [numbers, *(batch[field.name].cast(field.type) for field in stored if field != _NUMBER)], schema=stored
    )


def _encoding(stored: pa.Schema) -> dict[str, Any]:
    """How columns are encoded: coordinates byte by byte, times and counts by their steps, the rest as dictionaries."""
    steps = (pa.types.is_timestamp, pa.types.is_integer)
    encodings = {field.name: "BYTE_STREAM_SPLIT" for field in stored if pa.types.is_floating(field.type)}
    encodings |= {field.name: "DELTA_BINARY_PACKED" for field in stored if any(is_of(field.type) for is_of in steps)}
    repeated = [field.name for field in stored if field.name not in encodings and not pa.types.is_boolean(field.type)]
    return {"column_encoding": encodings, "use_dictionary": repeated, "compression": "snappy", "store_schema": False}


@contextmanager
def _durable(file: Path) -> Iterator[pa.NativeFile]:
    """A new file to write: on disk, name and all, at the end; removed if anything fails."""
    try:
        with pa.OSFile(str(file), "wb") as stream:
            yield stream
        for path in (file, file.parent):
            _sync(path)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
