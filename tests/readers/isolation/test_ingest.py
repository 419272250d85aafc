"""Ingest through a reading process stores the same as without one, and survives files that kill their reader."""

from pathlib import Path

import pytest

from tests.readers.files import row, source, write
from wildways.model import BadInput
from wildways.readers import get_reader
from wildways.readers.isolation import ReadingProcess, open_worker
from wildways.store import Workspace, ingest_source
from wildways.store.ingest import Readers

FILES = ("a.csv", "b.csv")


def _ingest(
    folder: Path, atlas: Path, files: tuple[str, ...], readers: Readers, **settings: object
) -> tuple[object, ...]:
    paths = [Path(file) for file in files]
    with Workspace.open(folder) as workspace:
        reports = ingest_source(workspace, "deer", source(**settings), paths, folder=atlas, readers=readers)
        return reports, workspace.counts(), workspace.fixes(module_id="deer").to_pylist()


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    """A folder with two files, one of which names no study and has a broken line."""
    write(tmp_path, [row(), row(location_lat="95")], name="a.csv")
    columns = ("timestamp", "location-long", "location-lat", "individual-local-identifier", "tag-local-identifier")
    write(tmp_path, ["2020-05-01 10:00:00.000,1,2,x,t", '"broken'], columns=columns, name="b.csv")
    return tmp_path


def test_an_ingest_through_a_process_stores_the_same(atlas: Path, worker: ReadingProcess) -> None:
    expected = _ingest(atlas / "plain", atlas, FILES, get_reader)
    assert _ingest(atlas / "isolated", atlas, FILES, worker.reader) == expected


def test_an_ingest_survives_a_file_that_kills_its_reader(atlas: Path, worker: ReadingProcess) -> None:
    (atlas / "killer").write_text("abort")
    _ingest(atlas / "workspace", atlas, FILES, worker.reader)
    with pytest.raises(BadInput) as caught:
        _ingest(atlas / "workspace", atlas, ("killer",), worker.reader, reader="hostile")
    assert (caught.value.code, caught.value.place.file) == ("reading-crashed", "killer")
    reports, counts, _ = _ingest(atlas / "workspace", atlas, FILES, worker.reader)
    assert all(report.already_stored for report in reports)  # type: ignore[attr-defined]
    assert counts["source_file"] == 2  # type: ignore[index]


def test_one_process_serves_all_transactions_of_a_workspace(atlas: Path) -> None:
    with (
        Workspace.open(atlas / "workspace") as workspace,
        open_worker(scratch_folder=workspace.scratch_folder.parent) as one,
    ):
        process = one.process_id
        for file in FILES:
            ingest_source(workspace, "deer", source(), [Path(file)], folder=atlas, readers=one.reader)
        assert one.process_id == process
