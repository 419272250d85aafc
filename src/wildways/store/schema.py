"""The schema of the lake: its tables as they are stored, its version, and the steps from an earlier version.

The version stands in the comment of the table ``source_file``, so that it changes in the same transaction as the
tables do; lakes older than versions have no comment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from wildways.model import TABLES, Table
from wildways.readers import PROVENANCE, quote, quote_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA_VERSION = 2
"""Version of the tables in `wildways.model.evidence`. A change there is a new version and a step in `STEPS`."""

FILE_TABLES = tuple(name for name in TABLES if name != "removal")
"""Tables whose rows belong to a file: in the lake they have its number, ``file_no``, for module, source, SHA-256."""

_PREFIX = "Wildways schema "
_TYPES = MappingProxyType(
    {
        "string": "VARCHAR",
        "binary": "BLOB",
        "double": "DOUBLE",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "bool": "BOOLEAN",
        "date32[day]": "DATE",
        "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
    }
)
"""Arrow type of a declared column → type it is stored as."""

_VERSION = """
SELECT comment FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = 'source_file'"""
_VERSION_SINCE = """
SELECT max(tag.begin_snapshot) FROM __ducklake_metadata_lake.ducklake_tag AS tag
JOIN __ducklake_metadata_lake.ducklake_table AS named ON tag.object_id = named.table_id
WHERE tag.key = 'comment' AND named.table_name = 'source_file' AND tag.end_snapshot IS NULL"""


def create_tables(connection: "DuckDBPyConnection") -> None:
    """Create every table in an empty lake, at the current version."""
    for name, table in TABLES.items():
        connection.execute(_create_statement(name, table))
    _set_version(connection, SCHEMA_VERSION)


def read_version(connection: "DuckDBPyConnection") -> int | None:
    """The version of a lake; nothing where it has not our tables."""
    rows = connection.execute(_VERSION).fetchall()
    if not rows:
        return None
    (comment,) = rows[0]
    return int(comment.removeprefix(_PREFIX)) if comment else 1


def version_since(connection: "DuckDBPyConnection") -> int:
    """The snapshot that brought the lake to its version; earlier ones have other columns."""
    return int(connection.execute(_VERSION_SINCE).fetchall()[0][0])


def migrate(connection: "DuckDBPyConnection", version: int) -> None:
    """Bring a lake from an earlier version to the current one, inside the caller's transaction.

    What a step cannot fill in (columns that are derived from the files) stays empty until the next ingest, which
    reads those files anew because the settings of their reading differ.
    """
    for earlier in range(version, SCHEMA_VERSION):
        for statement in STEPS[earlier]:
            connection.execute(statement)
    _set_version(connection, SCHEMA_VERSION)


def _added_columns() -> tuple[str, ...]:
    placed = ("fix", "encounter", "detection", "site", "link", "drawn")
    columns = [("organism", "accepted_taxon")]
    columns += [(table, name) for table in placed for name in ("accepted_taxon", "country", "countries", "sea_area")]
    return tuple(f"ALTER TABLE lake.{table} ADD COLUMN {name} VARCHAR" for table, name in columns)


_REMOVAL = """
CREATE TABLE lake.removal (
    module_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, study_id VARCHAR, organism_id VARCHAR,
    reason VARCHAR NOT NULL, removed_utc TIMESTAMPTZ NOT NULL, removed_by VARCHAR NOT NULL
)"""

STEPS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: (
            *_added_columns(),
            _REMOVAL,
        )
    }
)
"""Version → the statements that lead from it to the next. They name what was, so they never change."""


def _set_version(connection: "DuckDBPyConnection", version: int) -> None:
    connection.execute(f"COMMENT ON TABLE lake.source_file IS {quote(_PREFIX + str(version))}")


def _create_statement(name: str, table: Table) -> str:
    left_out = PROVENANCE if name in FILE_TABLES and name != "source_file" else ()
    columns = [
        f"{quote_name(field.name)} {_TYPES[str(field.type)]}{'' if field.nullable else ' NOT NULL'}"
        for field in table.schema
        if field.name not in left_out
    ]
    number = ["file_no BIGINT NOT NULL"] if name in FILE_TABLES else []
    return f"CREATE TABLE lake.{quote_name(name)} ({', '.join(number + columns)})"
