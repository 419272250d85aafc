"""A workspace of an earlier schema is brought up to date, one of a later schema is refused by its version."""

import sqlite3
from pathlib import Path

import pytest

from tests.readers.files import row, write
from tests.store.ingesting import ingest
from wildways.model import DERIVED_COLUMNS, RECORD_TABLES, TABLES, Conflict, NotFound
from wildways.store import Workspace
from wildways.store.schema import SCHEMA_VERSION

pytestmark = pytest.mark.usefixtures("small_world")


@pytest.fixture
def first_schema(tmp_path: Path) -> Path:
    """A workspace with one fix as the first schema had it: no derived columns, no removals, no version."""
    folder = tmp_path / ".wildways"
    write(tmp_path, [row()])
    with Workspace.open(folder) as workspace:
        ingest(workspace, "deer.csv")
        with workspace.writing() as connection:
            for table in (*RECORD_TABLES, "organism"):
                for column in DERIVED_COLUMNS if table != "organism" else DERIVED_COLUMNS[:1]:
                    connection.execute(f"ALTER TABLE lake.{table} DROP COLUMN {column}")
            connection.execute("DROP TABLE lake.removal")
            connection.execute("COMMENT ON TABLE lake.source_file IS NULL")
            connection.execute("UPDATE lake.source_file SET settings = $old", {"old": '{"names_study": true}'})
    return folder


def _set_version(folder: Path, version: int) -> None:
    with Workspace.open(folder) as workspace, workspace.writing() as connection:
        connection.execute(f"COMMENT ON TABLE lake.source_file IS 'Wildways schema {version}'")


def test_the_first_schema_is_brought_up_to_date_and_the_next_ingest_fills_what_is_derived(first_schema: Path) -> None:
    with Workspace.open(first_schema) as workspace:
        for name, table in TABLES.items():
            assert workspace.table(name).schema == table.schema
        (fix,) = workspace.table("fix").to_pylist()
        assert [fix[name] for name in DERIVED_COLUMNS] == [None] * 4
        assert workspace.history()[-1].message == f"bring the schema from version 1 to {SCHEMA_VERSION}"
        assert not ingest(workspace, "deer.csv")[0].already_stored
        (fix,) = workspace.table("fix").to_pylist()
        assert [fix[name] for name in DERIVED_COLUMNS] == ["Odocoileus hemionus", "BBB", None, None]
    with Workspace.open(first_schema, read_only=True) as workspace:
        assert workspace.counts()["fix"] == 1


def test_opening_twice_migrates_once(first_schema: Path) -> None:
    with Workspace.open(first_schema) as first, Workspace.open(first_schema) as second:
        assert first.snapshot() == second.snapshot()


def test_an_older_schema_cannot_be_opened_to_read_only(first_schema: Path) -> None:
    with pytest.raises(Conflict, match=f"schema 1; this Wildways reads {SCHEMA_VERSION}") as caught:
        Workspace.open(first_schema, read_only=True)
    assert caught.value.code == "workspace-older"


def test_snapshots_from_before_the_schema_changed_are_refused_with_the_reason(first_schema: Path) -> None:
    with Workspace.open(first_schema) as workspace:
        with pytest.raises(NotFound, match="changed the schema") as caught:
            workspace.table("fix", snapshot=2)
        assert caught.value.code == "snapshot-unknown"


def test_a_later_schema_is_refused_and_both_versions_are_named(tmp_path: Path) -> None:
    folder = tmp_path / ".wildways"
    _set_version(folder, SCHEMA_VERSION + 1)
    for read_only in (True, False):
        with pytest.raises(Conflict, match=f"schema {SCHEMA_VERSION + 1}.*up to {SCHEMA_VERSION}") as caught:
            Workspace.open(folder, read_only=read_only)
        assert caught.value.code == "workspace-newer"


def test_a_migration_that_fails_leaves_the_old_schema(first_schema: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(first_schema / "catalogue.sqlite") as connection:
        before = connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()
    connection.close()
    monkeypatch.setattr("wildways.store.schema.STEPS", {1: ("CREATE TABLE lake.half (a INTEGER)", "SELECT nonsense")})
    with pytest.raises(Exception, match="nonsense"):
        Workspace.open(first_schema)
    monkeypatch.undo()
    with sqlite3.connect(first_schema / "catalogue.sqlite") as connection:
        assert connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone() == before
    connection.close()
    with Workspace.open(first_schema) as workspace:
        assert workspace.counts()["fix"] == 1


def test_the_steps_lead_to_the_tables_that_are_made_anew(first_schema: Path, tmp_path: Path) -> None:
    query = "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() WHERE database_name = 'lake'"
    columns = []
    for folder in (first_schema, tmp_path / "new"):
        with Workspace.open(folder) as workspace, workspace.writing() as connection:
            columns.append(sorted(connection.execute(query).fetchall()))
    assert columns[0] == columns[1]
