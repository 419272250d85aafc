"""The SQL that reads the evidence tables as of a snapshot. Text constants; values are bound.

In the lake a row names its file by the column ``file_no``, a number; module, source and SHA-256 stand once a file, in
the table ``source_file``. Here the two are put together again.
"""
# ruff: noqa: S608 - what is put together are names of ours; values are bound

from types import MappingProxyType

from wildways.model import TABLES
from wildways.readers import PROVENANCE, quote_name

SNAPSHOTS = "SELECT snapshot_id FROM lake.snapshots()"
"""The snapshots there are."""

_AS_OF = "AT (VERSION => $snapshot)"

_WHICH = """($module_id IS NULL OR module_id = $module_id)
    AND (len($source_ids) = 0 OR list_contains($source_ids, source_id))"""

_ONCE_EACH = MappingProxyType(
    {
        "study": ("module_id", "source_id", "study_id"),
        "organism": ("module_id", "source_id", "study_id", "organism_id"),
        "deployment": ("module_id", "source_id", "study_id", "deployment_id"),
    }
)
"""Tables whose rows several files may name, and what tells their rows apart."""


def _rows(table: str) -> str:
    """All rows of a table with the declared columns."""
    names = TABLES[table].column_names
    if table in ("source_file", "removal"):
        return f"SELECT {', '.join(map(quote_name, names))} FROM lake.{quote_name(table)} {_AS_OF}"
    columns = ", ".join(f"{'file' if name in PROVENANCE else 'record'}.{quote_name(name)}" for name in names)
    return (
        f"SELECT {columns} FROM lake.{quote_name(table)} AS record {_AS_OF} "
        f"JOIN lake.source_file AS file {_AS_OF} ON record.file_no = file.file_no"
    )


def _once_each(table: str) -> str:
    """One row for each key, however many files name it; of several values the first in order of the alphabet."""
    keys = _ONCE_EACH[table]
    columns = ", ".join(
        quote_name(name) if name in keys else f"min({quote_name(name)}) AS {quote_name(name)}"
        for name in TABLES[table].column_names
    )
    return f"SELECT {columns} FROM ({_rows(table)}) GROUP BY {', '.join(keys)}"


SOURCES = MappingProxyType({name: _once_each(name) if name in _ONCE_EACH else _rows(name) for name in TABLES})
"""Each evidence table as a query: studies, animals and deployments once each, though several files may name them."""

_ORDER = MappingProxyType(
    {
        "source_file": "module_id, source_id, path, source_file_id",
        "finding": "module_id, source_id, source_file_id, refused DESC, code, n_rows DESC, example",
        "fix": "module_id, source_id, study_id, organism_id, time_utc, source_row, source_file_id",
        **{name: ", ".join(keys) for name, keys in _ONCE_EACH.items()},
    }
)

READ = MappingProxyType(
    {
        name: f"SELECT * FROM ({query}) WHERE {_WHICH} ORDER BY {_ORDER.get(name, 'ALL')}"
        for name, query in SOURCES.items()
    }
)
"""The rows of a table, of one module and some sources or of all, in a fixed order."""

COUNTS = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM ({query})" for name, query in SOURCES.items())

FIXES = f"""
WITH animal AS ({SOURCES["organism"]}), fix AS ({SOURCES["fix"]})
SELECT fix.* REPLACE (
    coalesce(fix.taxon, animal.taxon) AS taxon,
    if(fix.taxon IS NULL, animal.accepted_taxon, fix.accepted_taxon) AS accepted_taxon
)
FROM fix LEFT JOIN animal USING (module_id, source_id, study_id, organism_id)
WHERE {_WHICH}
    AND ($taxon IS NULL OR coalesce(fix.taxon, animal.taxon) = $taxon)
    AND (len($organism_ids) = 0 OR list_contains($organism_ids, organism_id))
ORDER BY study_id, organism_id, time_utc, source_row, source_id, source_file_id"""

_FILES = "SELECT data_file, data_file_size_bytes, delete_file, delete_file_size_bytes FROM"
FILES = " UNION ALL ".join(f"{_FILES} ducklake_list_files('lake', '{name}')" for name in TABLES)
"""Evidence files of the current snapshot, with their lengths."""
