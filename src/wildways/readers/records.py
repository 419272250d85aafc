"""Makes the small evidence tables: of records, of studies and animals, of rows that name one thing many times. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from wildways.model import TABLES
from wildways.readers.contract import reader_schema


def make_table(name: str, records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A table of records, columns as in its `reader_schema`; what a record lacks is empty."""
    return pa.Table.from_pylist(list(records), reader_schema(TABLES[name]))


def make_studies(study_ids: Iterable[str]) -> pa.Table:
    """The studies, each once, called by their ids."""
    return make_table("study", ({"study_id": study, "name": study} for study in sorted(set(study_ids))))


def make_animals(taxa: Mapping[tuple[str, str], str | None]) -> dict[str, pa.Table]:
    """The tables of studies and of animals, from the taxon by study and animal."""
    animals = [
        {"study_id": study, "organism_id": organism, "taxon": taxon}
        for (study, organism), taxon in sorted(taxa.items())
    ]
    return {"study": make_studies(study for study, _ in taxa), "organism": make_table("organism", animals)}


def fill_table(name: str, rows: pa.Table) -> pa.Table:
    """Rows with the columns of a table, those they lack empty."""
    schema = reader_schema(TABLES[name])
    columns = [
        rows[column.name].cast(column.type) if column.name in rows.column_names else pa.nulls(len(rows), column.type)
        for column in schema
    ]
    return pa.table(columns, schema=schema)


def distinct(name: str, rows: pa.Table, keys: list[str]) -> pa.Table:
    """The rows of a table, once for each key and sorted by it; of several values the first in the alphabet."""
    columns = reader_schema(TABLES[name]).names
    values = [column for column in rows.column_names if column in columns and column not in keys]
    grouped = rows.group_by(keys).aggregate([(column, "min") for column in values])
    named = grouped.rename_columns([column.removesuffix("_min") for column in grouped.column_names])
    return fill_table(name, named).sort_by([(key, "ascending") for key in keys])
