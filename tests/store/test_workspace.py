"""The workspace: made, opened, read as of a snapshot, and found out when it is damaged."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.readers.files import row, source, write
from wildways.model import TABLES, BadInput, Conflict, Corrupt, NotFound
from wildways.store import Workspace, ingest_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with two animals, one fix of which names no taxon."""
    rows = [
        row(individual_local_identifier="b", timestamp="2020-05-02 00:00:00"),
        row(individual_local_identifier="b", timestamp="2020-05-01 00:00:00"),
        row(individual_local_identifier="a", individual_taxon_canonical_name="Cervus elaphus"),
        row(individual_local_identifier="a", individual_taxon_canonical_name=""),
    ]
    write(tmp_path, rows)
    with Workspace.open(tmp_path / "workspace") as workspace:
        ingest_source(workspace, "ungulates", source(), [Path("deer.csv")], folder=tmp_path)
    return tmp_path / "workspace"


def test_a_new_workspace_has_every_table_empty_with_its_schema(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "new" / "workspace") as workspace:
        assert workspace.counts() == dict.fromkeys(TABLES, 0)
        assert workspace.snapshot() > 0
        for name, table in TABLES.items():
            assert workspace.table(name).schema == table.schema


def test_fixes_come_sorted_by_animal_and_time_with_the_animals_taxon(folder: Path) -> None:
    with Workspace.open(folder, read_only=True) as workspace:
        fixes = workspace.fixes(module_id="ungulates")
    assert fixes.schema == TABLES["fix"].schema
    assert fixes["organism_id"].to_pylist() == ["a", "a", "b", "b"]
    assert fixes["source_row"].to_pylist() == [3, 4, 2, 1]
    assert fixes["taxon"].to_pylist() == ["Cervus elaphus"] * 2 + ["Odocoileus hemionus"] * 2


def test_fixes_can_be_chosen_by_source_taxon_and_animal(folder: Path) -> None:
    with Workspace.open(folder, read_only=True) as workspace:
        assert workspace.fixes(module_id="ungulates", source_ids=["deer"]).num_rows == 4
        assert workspace.fixes(module_id="ungulates", source_ids=["elk"]).num_rows == 0
        assert workspace.fixes(module_id="birds").num_rows == 0
        assert workspace.fixes(module_id="ungulates", taxon="Cervus elaphus").num_rows == 2
        assert workspace.fixes(module_id="ungulates", organism_ids=["b"])["organism_id"].to_pylist() == ["b", "b"]


def test_an_old_snapshot_is_still_what_it_was(folder: Path, tmp_path: Path) -> None:
    with Workspace.open(folder) as workspace:
        before = workspace.snapshot()
        write(tmp_path, [row()])
        ingest_source(workspace, "ungulates", source(), [Path("deer.csv")], folder=tmp_path)
        assert workspace.snapshot() > before
        assert workspace.fixes(module_id="ungulates").num_rows == 1
        assert workspace.fixes(module_id="ungulates", snapshot=before).num_rows == 4
        assert workspace.table("organism", snapshot=before).num_rows == 2
        with pytest.raises(NotFound) as caught:
            workspace.table("fix", snapshot=before + 100)
        assert caught.value.code == "snapshot-unknown"


def test_a_workspace_may_be_moved(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "it's moved"
    shutil.move(folder, moved)
    with Workspace.open(moved) as workspace:
        assert workspace.fixes(module_id="ungulates").num_rows == 4


def test_an_unknown_table_is_answered_with_the_known_ones(folder: Path) -> None:
    with Workspace.open(folder, read_only=True) as workspace, pytest.raises(NotFound, match="organism"):
        workspace.table("animals")


def test_a_workspace_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Workspace.open(tmp_path / "none", read_only=True)
    assert caught.value.code == "workspace-missing"
    assert not (tmp_path / "none").exists()


def test_a_reader_cannot_write(folder: Path) -> None:
    with (
        Workspace.open(folder, read_only=True) as workspace,
        pytest.raises(Conflict) as caught,
        workspace.writing(),
    ):
        pass
    assert caught.value.code == "workspace-read-only"


def test_readers_read_while_a_writer_writes(folder: Path) -> None:
    with Workspace.open(folder) as writer, Workspace.open(folder, read_only=True) as reader:
        with writer.writing() as connection:
            connection.execute("DELETE FROM lake.fix")
            assert reader.counts()["fix"] == 4
        assert reader.counts()["fix"] == 0


def test_two_workspaces_cannot_write_at_once(folder: Path) -> None:
    with (
        Workspace.open(folder) as first,
        Workspace.open(folder) as second,
        first.writing(),
        pytest.raises(Conflict) as caught,
        second.writing(wait_seconds=0.1),
    ):
        pass
    assert caught.value.code == "workspace-busy"


def _delete_and_fail(workspace: Workspace) -> None:
    with workspace.writing() as connection:
        connection.execute("DELETE FROM lake.fix")
        raise ZeroDivisionError


def test_what_fails_inside_a_transaction_leaves_no_trace(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        before = workspace.snapshot()
        with pytest.raises(ZeroDivisionError):
            _delete_and_fail(workspace)
        assert (workspace.snapshot(), workspace.counts()["fix"]) == (before, 4)


def test_a_catalogue_that_is_no_database_is_corrupt(folder: Path) -> None:
    (folder / "catalogue.sqlite").write_bytes(b"not a database at all")
    with pytest.raises(Corrupt) as caught:
        Workspace.open(folder)
    assert caught.value.code == "catalogue-damaged"
    assert "Restore" in caught.value.hint


def test_a_catalogue_with_damaged_pages_is_corrupt(folder: Path) -> None:
    with sqlite3.connect(folder / "catalogue.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray((folder / "catalogue.sqlite").read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    (folder / "catalogue.sqlite").write_bytes(content)
    with pytest.raises(Corrupt):
        Workspace.open(folder)


def test_a_catalogue_without_its_tables_is_corrupt(folder: Path) -> None:
    for file in folder.glob("catalogue.sqlite*"):
        file.unlink()
    with sqlite3.connect(folder / "catalogue.sqlite") as connection:
        connection.execute("CREATE TABLE other (a)")
    connection.close()
    with pytest.raises(Corrupt):
        Workspace.open(folder)


@pytest.mark.parametrize("harm", ["missing", "cut"])
def test_evidence_that_is_missing_or_cut_is_corrupt(folder: Path, harm: str) -> None:
    file = next((folder / "evidence").rglob("fix/*.parquet"))
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(Corrupt, match=file.name) as caught:
        Workspace.open(folder, read_only=True)
    assert caught.value.code == "evidence-missing"


def test_evidence_whose_bytes_were_changed_is_corrupt_when_it_is_read(folder: Path) -> None:
    file = next((folder / "evidence").rglob("fix/*.parquet"))
    file.write_bytes(b"\xff" * file.stat().st_size)
    with Workspace.open(folder, read_only=True) as workspace, pytest.raises(Corrupt):
        workspace.fixes(module_id="ungulates")


def test_a_memory_limit_nobody_understands_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        Workspace.open(tmp_path / "workspace", memory_limit="lots")
    assert caught.value.code == "engine-settings"


def test_nothing_is_left_in_the_workspace_but_its_own_files(folder: Path) -> None:
    left = {path.name for path in folder.iterdir()} - {"catalogue.sqlite-wal", "catalogue.sqlite-shm"}
    assert left == {"catalogue.sqlite", "evidence", "temporary", "writer.lock"}
    assert [path for path in (folder / "temporary").rglob("*") if path.is_file()] == []
