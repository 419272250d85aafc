"""Columns of batches on their way: those without a value stay behind, as evidence has many of them."""

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from wildways.model import TABLES
from wildways.readers.contract import FIX_SCHEMA, reader_schema
from wildways.readers.isolation.frames import BrokenFrame, Message

_INDEX_TYPES = MappingProxyType({"int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64()})


def drop_empty(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch without those of its nullable columns that hold nothing."""
    kept = [
        index
        for index, column in enumerate(batch.schema)
        if not column.nullable or batch.column(index).null_count < batch.num_rows
    ]
    return batch.select(kept)


class Filler:
    """Puts back what `drop_empty` took away, and makes sure that batches have the columns they should.

    Parameters
    ----------
    schema : of the whole batches
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._nulls: dict[str, pa.Array] = {}

    def fill(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The whole batch.

        Raises
        ------
        BrokenFrame : its columns are not those of the schema
        """
        given = {column.name: column for column in batch.schema}
        expected = [column for column in self._schema if column.name in given or not column.nullable]
        if list(batch.schema) != expected:
            differing = sorted({column.name for column in set(batch.schema) ^ set(expected)})
            raise BrokenFrame(f"the columns are others than they should be: {', '.join(differing[:4])}")
        columns = [
            batch.column(column.name) if column.name in given else self._empty(column, batch.num_rows)
            for column in self._schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def _empty(self, column: pa.Field, n_rows: int) -> pa.Array:
        """A column without values; all batches share one."""
        nulls = self._nulls.get(column.name)
        if nulls is None or len(nulls) < n_rows:
            nulls = self._nulls[column.name] = pa.nulls(n_rows, column.type)
        return nulls.slice(0, n_rows)


def say_dictionaries(schema: pa.Schema) -> dict[str, str]:
    """Columns that come as dictionaries, with the type of their indices."""
    return {column.name: str(column.type.index_type) for column in schema if pa.types.is_dictionary(column.type)}


def fix_schema(dictionaries: object) -> pa.Schema:
    """The schema of fixes where some columns come as dictionaries, as `say_dictionaries` says.

    Raises
    ------
    BrokenFrame : it cannot be said so
    """
    if not isinstance(dictionaries, Mapping) or not dictionaries.keys() <= set(FIX_SCHEMA.names):
        raise BrokenFrame("the columns of the fixes are not said")
    columns = []
    for column in FIX_SCHEMA:
        index = dictionaries.get(column.name)
        if index is not None and (not isinstance(index, str) or index not in _INDEX_TYPES):
            raise BrokenFrame(f"the column {column.name} has indices of type {index!r}")
        kind = column.type if index is None else pa.dictionary(_INDEX_TYPES[index], column.type)
        columns.append(column.with_type(kind))
    return pa.schema(columns)


def announced_table(answer: Message) -> tuple[str, pa.Schema]:
    """Name and schema of the small table that an answer announces.

    Raises
    ------
    BrokenFrame : there is no such table
    """
    name = answer.get("table")
    if not isinstance(name, str) or name not in TABLES:
        raise BrokenFrame(f"a table {name!r} is announced")
    return name, reader_schema(TABLES[name])
