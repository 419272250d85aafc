"""The history says what changed; old snapshots can be read until they are purged, and then they are gone for good."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.readers.files import row, write
from tests.store.ingesting import ingest
from wildways.model import BadInput, Conflict, NotFound
from wildways.store import Change, Workspace, remove_evidence

pytestmark = pytest.mark.usefixtures("small_world")
ANIMAL = "nest-of-the-last-pair"


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Two animals, one of them secret."""
    write(tmp_path, [row(individual_local_identifier=ANIMAL), row(), row(location_lat="95")])
    ingest(workspace, "deer.csv")
    return workspace


def test_every_change_is_a_snapshot_with_its_message_and_rows(filled: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()])
    ingest(filled, "deer.csv")
    ingest(filled, "deer.csv")
    made, first, second = filled.history()
    assert [snapshot.message for snapshot in (made, first, second)] == [
        "make the workspace",
        "ingest ungulates.deer: deer.csv",
        "ingest ungulates.deer: deer.csv",
    ]
    assert first.changes == (
        Change("source_file", 1, 0),
        Change("finding", 1, 0),
        Change("study", 1, 0),
        Change("organism", 2, 0),
        Change("fix", 2, 0),
    )
    assert Change("fix", 1, 2) in second.changes
    assert (made.number, second.number) == (1, filled.snapshot())
    assert datetime.now(UTC) - timedelta(minutes=10) < made.made_utc <= first.made_utc <= second.made_utc
    assert second.author


def test_the_message_of_a_large_ingest_stays_short(workspace: Workspace, tmp_path: Path) -> None:
    names = [f"{number}.csv" for number in range(5)]
    for name in names:
        write(tmp_path, [row(individual_local_identifier=name)], name=name)
    ingest(workspace, *names)
    assert workspace.history()[-1].message == "ingest ungulates.deer: 0.csv, 1.csv, 2.csv and 2 more"


def test_every_reading_function_reads_as_of_an_earlier_snapshot(filled: Workspace, tmp_path: Path) -> None:
    before = filled.snapshot()
    write(tmp_path, [row()])
    ingest(filled, "deer.csv")
    assert filled.counts(snapshot=before)["fix"] == 2
    assert filled.source_files(snapshot=before)["n_rows"].to_pylist() == [3]
    assert filled.findings(snapshot=before).num_rows == 1
    assert filled.table("organism", snapshot=before).num_rows == 2
    assert filled.fixes(module_id="ungulates", snapshot=before).num_rows == 2


def _holds(folder: Path, text: str) -> list[str]:
    """Files of a workspace in whose bytes a text stands."""
    return [file.name for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_what_was_removed_is_gone_from_every_file_after_a_purge(filled: Workspace) -> None:
    old = filled.snapshot()
    remove_evidence(filled, "ungulates", organism_id=ANIMAL, reason="It must not be known.")
    with filled.writing() as connection:
        connection.execute("DELETE FROM lake.removal")
    assert _holds(filled.folder, ANIMAL)
    purged = filled.purge(before=datetime.now(UTC))
    assert purged.n_snapshots >= 3
    assert purged.n_files > 0
    assert purged.n_bytes > 0
    with pytest.raises(NotFound, match="purged") as caught:
        filled.table("fix", snapshot=old)
    assert caught.value.code == "snapshot-unknown"
    assert filled.table("organism")["organism_id"].to_pylist() == ["0051"]
    assert filled.counts()["fix"] == 1
    filled.close()
    assert _holds(filled.folder, ANIMAL) == []


def test_a_purge_keeps_what_is_younger_and_always_the_current(filled: Workspace, tmp_path: Path) -> None:
    old, instant = filled.snapshot(), datetime.now(UTC)
    write(tmp_path, [row()])
    ingest(filled, "deer.csv")
    assert filled.purge(before=instant - timedelta(days=1)).n_snapshots == 0
    assert filled.counts(snapshot=old)["fix"] == 2
    filled.purge(before=datetime.now(UTC) + timedelta(days=1))
    assert [snapshot.number for snapshot in filled.history()] == [filled.snapshot()]
    assert filled.counts()["fix"] == 1
    assert filled.purge(before=datetime.now(UTC) + timedelta(days=1)).n_snapshots == 0


def test_a_purged_workspace_opens_and_takes_more(filled: Workspace, tmp_path: Path) -> None:
    filled.purge(before=datetime.now(UTC) + timedelta(days=1))
    write(tmp_path, [row(), row(), row()])
    ingest(filled, "deer.csv")
    with Workspace.open(filled.folder, read_only=True) as again:
        assert again.counts()["fix"] == 3


def test_a_purge_needs_an_instant_with_a_time_zone_and_a_writer(filled: Workspace) -> None:
    with pytest.raises(BadInput) as caught:
        filled.purge(before=datetime(2026, 1, 1))  # noqa: DTZ001
    assert caught.value.code == "instant-naive"
    with Workspace.open(filled.folder, read_only=True) as reader, pytest.raises(Conflict):
        reader.purge(before=datetime.now(UTC))
