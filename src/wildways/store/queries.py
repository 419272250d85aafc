"""The SQL that reads the evidence tables as of a snapshot. Text constants; values are bound."""
# ruff: noqa: S608 - what is put together are names of ours; values are bound

from types import MappingProxyType

from wildways.model import TABLES
from wildways.readers import quote_name

_AS_OF = "AT (VERSION => $snapshot)"

_WHICH = """($module_id IS NULL OR module_id = $module_id)
    AND (len($source_ids) = 0 OR list_contains($source_ids, source_id))"""


def _columns(table: str) -> str:
    return ", ".join(quote_name(name) for name in TABLES[table].column_names)


def _merged(table: str, key: str) -> str:
    """One row for each key, however many files name it; of several values the first in order of the alphabet."""
    keys = ("module_id", "source_id", "study_id", key)
    columns = ", ".join(
        quote_name(name) if name in keys else f"min({quote_name(name)}) AS {quote_name(name)}"
        for name in TABLES[table].column_names
    )
    group = ", ".join(dict.fromkeys(keys))
    return f"SELECT {columns} FROM lake.{table} {_AS_OF} GROUP BY {group}"


SOURCES = MappingProxyType(
    {
        "source_file": f"SELECT {_columns('source_file')} FROM lake.source_file {_AS_OF}",
        "finding": f"SELECT {_columns('finding')} FROM lake.finding {_AS_OF}",
        "study": _merged("study", "study_id"),
        "organism": _merged("organism", "organism_id"),
        "deployment": _merged("deployment", "deployment_id"),
        "fix": f"SELECT {_columns('fix')} FROM lake.fix {_AS_OF}",
    }
)
"""Each evidence table as a query: studies, animals and deployments once each, though several files may name them."""

_ORDER = MappingProxyType(
    {
        "source_file": "module_id, source_id, path, source_file_id",
        "finding": "module_id, source_id, source_file_id, refused DESC, code",
        "study": "module_id, source_id, study_id",
        "organism": "module_id, source_id, study_id, organism_id",
        "deployment": "module_id, source_id, study_id, deployment_id",
        "fix": "module_id, source_id, study_id, organism_id, time_utc, source_row, source_file_id",
    }
)

READ = MappingProxyType(
    {name: f"SELECT * FROM ({query}) WHERE {_WHICH} ORDER BY {_ORDER[name]}" for name, query in SOURCES.items()}
)
"""The rows of a table, of one module and some sources or of all, in a fixed order."""

COUNTS = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM ({query})" for name, query in SOURCES.items())

FIXES = f"""
WITH animal AS ({SOURCES["organism"]}), fix AS ({SOURCES["fix"]})
SELECT fix.* REPLACE (coalesce(fix.taxon, animal.taxon) AS taxon)
FROM fix LEFT JOIN animal USING (module_id, source_id, study_id, organism_id)
WHERE {_WHICH}
    AND ($taxon IS NULL OR coalesce(fix.taxon, animal.taxon) = $taxon)
    AND (len($organism_ids) = 0 OR list_contains($organism_ids, organism_id))
ORDER BY study_id, organism_id, time_utc, source_row, source_id, source_file_id"""

_FILES = "SELECT data_file, data_file_size_bytes, delete_file, delete_file_size_bytes FROM"
FILES = " UNION ALL ".join(f"{_FILES} ducklake_list_files('lake', '{name}')" for name in TABLES)
"""Evidence files of the current snapshot, with their lengths."""
