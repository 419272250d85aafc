"""SQL of anybody's over the evidence: one SELECT over declared views, in an engine that can reach nothing else."""
# ruff: noqa: S608 - what is put together are names and numbers of ours

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wildways.model import TABLES, Atlas, BadInput, LimitReached, NotAllowed, WildwaysError
from wildways.readers import open_engine, quote, quote_name
from wildways.store import queries
from wildways.store.evidence import Evidence
from wildways.store.evidence_sql import EVIDENCE, view
from wildways.store.extensions import load_extension
from wildways.store.lake import CATALOGUE, TEMPORARY, explained
from wildways.store.lake import EVIDENCE as EVIDENCE_FOLDER
from wildways.store.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TIMEOUT_SECONDS = 60.0
MAX_ROWS = 10_000
VIEWS = (*TABLES, EVIDENCE.name)
"""What may be selected from."""
FUNCTIONS = ("generate_series", "range", "unnest")
"""Functions that may stand for a table; others can read files and databases."""

_BATCH_ROWS = 10_000
_FILE_TABLE = "file_of_evidence"


@dataclass(frozen=True)
class SqlAnswer:
    """Rows of an answer; not complete where there are more than were asked for."""

    table: pa.Table
    is_complete: bool


def query_sql(
    atlas: Atlas,
    sql: str,
    *,
    max_rows: int | None = MAX_ROWS,
    timeout_seconds: float = TIMEOUT_SECONDS,
    snapshot: int | None = None,
    memory_limit: str = "2GB",
) -> SqlAnswer:
    """Run one SELECT over the evidence tables (`VIEWS`) with their declared columns.

    Nothing can be changed and nothing else be read: the statement is parsed first and refused unless it is one SELECT
    from the views; the lake is attached read-only to an engine of the query's own that may open no other file, load no
    extension and change no setting.

    Parameters
    ----------
    max_rows : at most so many; empty means all
    timeout_seconds : the query is stopped after so long
    snapshot : as of this snapshot; empty means now

    Raises
    ------
    NotAllowed : it is not one SELECT, or it reads what is not one of the views
    BadInput : it cannot be parsed, or names columns that do not exist
    LimitReached : it takes too long, or more memory than `memory_limit`
    NotFound : there is no evidence yet, or no such snapshot
    """
    with ExitStack() as stack:
        connection = _open(atlas, stack, snapshot, memory_limit)
        _check(connection, sql)
        with explained(atlas.workspace), _stopped(connection, timeout_seconds), _said():
            reader = connection.execute(sql).to_arrow_reader(_BATCH_ROWS)
            return _first(reader, max_rows)


def _open(atlas: Atlas, stack: ExitStack, snapshot: int | None, memory_limit: str) -> "DuckDBPyConnection":
    """An engine of its own with the views and nothing else; see `query_sql`."""
    folder = atlas.workspace.absolute()
    with Evidence(Workspace.open(folder, read_only=True), atlas) as evidence:
        known = evidence.known(snapshot)
    spill = folder / TEMPORARY / f"spill-{uuid.uuid4().hex}"
    connection = open_engine(memory_limit=memory_limit, threads=None, spill_folder=spill)
    stack.callback(connection.close)
    for extension in ("sqlite_scanner", "ducklake"):
        load_extension(connection, extension)
    data = quote(str(folder / EVIDENCE_FOLDER) + os.sep)
    with explained(folder):
        connection.execute(
            f"ATTACH {quote('ducklake:sqlite:' + str(folder / CATALOGUE))} AS lake "
            f"(DATA_PATH {data}, OVERRIDE_DATA_PATH true, SNAPSHOT_VERSION {known.snapshot:d}, READ_ONLY)"
        )
        _create_views(connection, known.files.table, known.tables)
        connection.execute("SET python_enable_replacements = false")
        connection.execute(f"SET allowed_directories = [{data}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    return connection


def _create_views(connection: "DuckDBPyConnection", files: pa.Table, filled: frozenset[str]) -> None:
    connection.register("given", files)
    connection.execute(f"CREATE TABLE {_FILE_TABLE} AS SELECT * FROM given")
    connection.unregister("given")
    for name in TABLES:
        rows = queries.SOURCES[name].replace("AT (VERSION => $snapshot)", "")
        connection.execute(f"CREATE VIEW {quote_name(name)} AS {rows}")
    connection.execute(f"CREATE VIEW {EVIDENCE.name} AS {view('', filled, _FILE_TABLE)}")


def _check(connection: "DuckDBPyConnection", sql: str) -> None:
    """Refuse whatever is not one SELECT from the views."""
    import duckdb

    try:
        kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    except duckdb.Error as error:
        raise _misunderstood(error) from error
    if kinds != ["SELECT"]:
        given = "nothing" if not kinds else " and ".join(kinds[:3])
        message = f"Only one SELECT can be run here; this is {given}."
        raise NotAllowed("sql-statement", message, hint="The evidence changes by `wildways ingest` and `remove` only.")
    ((parsed,),) = connection.execute("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}).fetchall()
    tree = json.loads(parsed)
    if tree["error"]:
        raise NotAllowed("sql-statement", f"This cannot be run here: {tree['error_message']}")
    _check_sources(tree["statements"])


def _check_sources(tree: Any) -> None:
    named = {entry["key"].lower() for node in _nodes(tree) for entry in (node.get("cte_map") or {}).get("map", ())}
    allowed = named.union(VIEWS)
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            scope, name = [part for part in (node["catalog_name"], node["schema_name"]) if part], node["table_name"]
            if scope or name.lower() not in allowed:
                hint = f"There are: {', '.join(VIEWS)}."
                raise NotAllowed(
                    "sql-table", f"“{'.'.join([*scope, name])}” is none of the evidence tables.", hint=hint
                )
        if node.get("type") == "TABLE_FUNCTION":
            function = node["function"].get("function_name", "")
            if function.lower() not in FUNCTIONS:
                hint = f"There are: {', '.join(FUNCTIONS)}."
                raise NotAllowed("sql-function", f"“{function}” cannot stand for a table here.", hint=hint)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON document."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


@contextmanager
def _stopped(connection: "DuckDBPyConnection", seconds: float) -> Iterator[None]:
    """Interrupt the connection after some time."""
    import duckdb

    deadline = time.monotonic() + seconds
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    except (duckdb.InterruptException, pa.ArrowException) as error:
        if time.monotonic() < deadline:
            raise
        message = f"The query took more than {seconds:g} seconds."
        raise LimitReached("sql-timeout", message, hint="Ask for less, or give it more time with --timeout.") from error
    finally:
        timer.cancel()
        timer.join()


@contextmanager
def _said() -> Iterator[None]:
    """Turn what is wrong with the query into our errors."""
    import duckdb

    try:
        yield
    except WildwaysError:
        raise
    except duckdb.PermissionException as error:
        raise NotAllowed("sql-access", "The query reaches for something outside of the evidence.") from error
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        raise _misunderstood(error) from error


def _misunderstood(error: Exception) -> BadInput:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return BadInput("sql-error", lines[0], hint=" ".join(line.strip() for line in lines[1:3]))


def _first(reader: pa.RecordBatchReader, max_rows: int | None) -> SqlAnswer:
    batches: list[pa.RecordBatch] = []
    n_rows = 0
    for batch in reader:
        batches.append(batch)
        n_rows += batch.num_rows
        if max_rows is not None and n_rows > max_rows:
            break
    table = pa.Table.from_batches(batches, reader.schema)
    is_complete = max_rows is None or n_rows <= max_rows
    return SqlAnswer(table if is_complete else table.slice(0, max_rows), is_complete)
