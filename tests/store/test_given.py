"""A file of several parts is what all of them hold: a change in any of them is noticed."""

from pathlib import Path
from typing import Any

import pytest

from tests.readers.files import row, write
from tests.store.ingesting import ingest
from wildways.model import Conflict
from wildways.readers import get_reader, list_siblings
from wildways.store import Workspace
from wildways.store.given import sha256_of_set

pytestmark = pytest.mark.usefixtures("small_world")


class WithNotes:
    """The reader of Movebank CSV, made to read notes that lie beside each file."""

    def __init__(self) -> None:
        self._reader = get_reader("movebank-csv")
        self.name, self.version = self._reader.name, self._reader.version

    def siblings(self, file: Path) -> list[Path]:
        """The notes, where there are any."""
        return [file, *file.parent.glob(f"{file.stem}.txt")]

    def read(self, *given: Any) -> Any:
        """Read as ever."""
        return self._reader.read(*given)


def _get_reader(name: str) -> Any:
    return WithNotes()


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file with notes beside it, and a reader that reads both."""
    monkeypatch.setattr("wildways.readers.siblings.get_reader", _get_reader)
    write(tmp_path, [row()])
    (tmp_path / "deer.txt").write_text("first")
    return tmp_path / "deer.txt"


def test_a_change_beside_the_file_is_noticed(workspace: Workspace, noted: Path) -> None:
    (first,) = ingest(workspace, "deer.csv", readers=_get_reader)
    assert ingest(workspace, "deer.csv", readers=_get_reader)[0].already_stored
    noted.write_text("other")
    (second,) = ingest(workspace, "deer.csv", readers=_get_reader)
    assert not second.already_stored
    assert second.source_file_id != first.source_file_id
    assert workspace.counts()["fix"] == workspace.counts()["source_file"] == 1
    noted.unlink()
    assert not ingest(workspace, "deer.csv", readers=_get_reader)[0].already_stored


def test_parts_count_towards_the_size(workspace: Workspace, noted: Path, tmp_path: Path) -> None:
    ingest(workspace, "deer.csv", readers=_get_reader)
    n_bytes = (tmp_path / "deer.csv").stat().st_size + len("first")
    assert workspace.source_files()["bytes"].to_pylist() == [n_bytes]


def test_a_part_that_changes_while_it_is_read_is_a_conflict(
    workspace: Workspace, noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_and_touch(file: Path, siblings: list[Path]) -> str:
        noted.write_text("while it is read")
        return "0" * 64

    monkeypatch.setattr("wildways.store.given.sha256_of_set", hash_and_touch)
    with pytest.raises(Conflict) as caught:
        ingest(workspace, "deer.csv", readers=_get_reader)
    assert caught.value.code == "file-changed"


def test_the_hash_of_parts_depends_on_names_and_contents_but_not_on_the_folder(tmp_path: Path) -> None:
    hashes = []
    for folder, names, texts in (
        ("one", ("a", "b"), ("1", "2")),
        ("two", ("a", "b"), ("1", "2")),
        ("three", ("a", "c"), ("1", "2")),
        ("four", ("a", "b"), ("2", "1")),
    ):
        (tmp_path / folder).mkdir()
        files = [tmp_path / folder / name for name in names]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        hashes.append(sha256_of_set(files[0], files[1:]))
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


BESIDE = {
    "shapefile": ("a.shp", {"a.dbf", "a.shx", "a.PRJ"}, {"b.dbf", "a.txt"}),
    "drawn": ("a.shp", {"a.dbf", "a.cpg"}, {"b.dbf", "a.qpj"}),
    "etn-package": ("datapackage.json", {"detections.csv.gz", "animals.csv", "tags.csv"}, {"receivers.csv"}),
    "darwin-core-archive": ("meta.xml", {"event.txt", "occurrence.csv"}, {"eml.xml"}),
    "geolocator-dp": ("datapackage.json", {"paths.csv", "tags.csv"}, {"README.md"}),
    "network": ("links.csv", {"sites.csv"}, {"others.csv"}),
    "movebank-csv": ("deer.csv", set(), {"deer.txt", "other.csv"}),
}


@pytest.mark.parametrize("reader", BESIDE)
def test_readers_say_what_they_read_beside_a_file(tmp_path: Path, reader: str) -> None:
    name, read_too, others = BESIDE[reader]
    for other in {name, *read_too, *others}:
        (tmp_path / other).write_text("x")
    assert {file.name for file in list_siblings(reader, tmp_path / name)} == read_too


@pytest.mark.parametrize("reader", ["shapefile", "darwin-core-archive", "geolocator-dp"])
def test_an_archive_is_all_in_one_file(tmp_path: Path, reader: str) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    for name in ("a.dbf", "a.csv", "a.txt"):
        (tmp_path / name).write_text("x")
    assert list_siblings(reader, tmp_path / "a.zip") == []
