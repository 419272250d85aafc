"""Ingest: whole or not at all, twice is nothing, a correction replaces, ids stay in their study."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.readers.files import COLUMNS, row, source, write
from wildways.model import Atlas, BadInput, Conflict, FileReport, Source, open_atlas
from wildways.store import Workspace, ingest_atlas, ingest_source
from wildways.store.given import sha256_of

REFERENCE = ("tag-id", "animal-id", "animal-taxon", "animal-sex", "deploy-on-date", "deployment-id")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A new workspace in an atlas folder."""
    with Workspace.open(tmp_path / ".wildways") as opened:
        yield opened


def ingest(workspace: Workspace, *files: str, module: str = "ungulates", **settings: object) -> list[FileReport]:
    """Ingest files of the atlas folder."""
    folder = workspace.folder.parent
    return ingest_source(workspace, module, source(**settings), [Path(file) for file in files], folder=folder)


def test_what_was_read_can_be_read_back(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(), row(location_lat="95"), row(individual_local_identifier="x")])
    (report,) = ingest(workspace, "deer.csv")
    assert (report.path, report.n_rows, report.n_kept, report.refused_by_reason) == (
        "deer.csv",
        3,
        2,
        {"latitude-range": 1},
    )
    assert workspace.counts() == {
        "source_file": 1,
        "finding": 1,
        "study": 1,
        "organism": 2,
        "deployment": 0,
        "fix": 2,
        "encounter": 0,
        "detection": 0,
        "site": 0,
        "link": 0,
        "drawn": 0,
    }
    fix = workspace.fixes(module_id="ungulates").to_pylist()[1]
    assert (fix["source_id"], fix["source_file_id"], fix["source_row"]) == ("deer", report.source_file_id, 3)
    (file,) = workspace.source_files("ungulates", ["deer"]).to_pylist()
    assert (file["path"], file["reader"], file["n_rows"], file["n_kept"]) == ("deer.csv", "movebank-csv", 3, 2)
    (finding,) = workspace.findings("ungulates").to_pylist()
    assert (finding["code"], finding["first_line"], finding["example"]) == ("latitude-range", 3, "95")


def test_the_same_file_again_changes_nothing_and_gives_the_same_report(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(), row(location_lat="95")])
    (first,) = ingest(workspace, "deer.csv")
    snapshot = workspace.snapshot()
    (second,) = ingest(workspace, "deer.csv")
    assert second.already_stored
    assert not first.already_stored
    assert (second.n_rows, second.n_kept, second.findings) == (first.n_rows, first.n_kept, first.findings)
    assert workspace.snapshot() == snapshot


def test_a_corrected_file_replaces_exactly_its_earlier_records(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(individual_local_identifier="a")], name="a.csv")
    write(tmp_path, [row(individual_local_identifier="b")], name="b.csv")
    ingest(workspace, "a.csv", "b.csv")
    write(tmp_path, [row(individual_local_identifier="c"), row(individual_local_identifier="c")], name="a.csv")
    reports = ingest(workspace, "a.csv", "b.csv")
    assert [report.already_stored for report in reports] == [False, True]
    assert workspace.fixes(module_id="ungulates")["organism_id"].to_pylist() == ["b", "c", "c"]
    assert workspace.table("organism")["organism_id"].to_pylist() == ["b", "c"]
    assert workspace.counts()["source_file"] == 2


def test_other_settings_of_the_source_replace_what_was_read_with_the_old_ones(
    workspace: Workspace, tmp_path: Path
) -> None:
    write(tmp_path, [row()])
    ingest(workspace, "deer.csv")
    (report,) = ingest(workspace, "deer.csv", time_zone="US/Mountain")
    assert not report.already_stored
    (fix,) = workspace.fixes(module_id="ungulates").to_pylist()
    assert fix["time_utc"].hour == 16


def test_licence_and_texts_of_a_source_are_not_settings_of_its_reading(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()])
    ingest(workspace, "deer.csv")
    (report,) = ingest(workspace, "deer.csv", licence="CC-BY-4.0", citation="Author (2020)", access="open")
    assert report.already_stored


def test_files_that_swap_their_names_lose_nothing(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(individual_local_identifier="a")], name="a.csv")
    write(tmp_path, [row(individual_local_identifier="b")], name="b.csv")
    ingest(workspace, "a.csv", "b.csv")
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    write(tmp_path, [row(individual_local_identifier="c")], name="a.csv")
    ingest(workspace, "a.csv", "b.csv")
    assert workspace.fixes(module_id="ungulates")["organism_id"].to_pylist() == ["a", "c"]


def test_a_moved_file_is_known_under_its_new_name(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()])
    ingest(workspace, "deer.csv")
    (tmp_path / "deer.csv").rename(tmp_path / "moved.csv")
    (report,) = ingest(workspace, "moved.csv")
    assert report.already_stored
    assert workspace.source_files()["path"].to_pylist() == ["moved.csv"]


def test_the_same_content_under_two_names_is_stored_once(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [row()], name="b.csv")
    reports = ingest(workspace, "a.csv", "b.csv")
    assert [report.already_stored for report in reports] == [False, True]
    assert workspace.counts()["fix"] == 1
    assert all(report.already_stored for report in ingest(workspace, "a.csv", "b.csv"))


def test_a_file_that_cannot_be_read_leaves_everything_as_it_was(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()], name="a.csv")
    ingest(workspace, "a.csv")
    before = workspace.snapshot(), workspace.counts()
    write(tmp_path, [row(), row()], name="a.csv")
    write(tmp_path, [], name="empty.csv")
    with pytest.raises(BadInput) as caught:
        ingest(workspace, "a.csv", "empty.csv")
    assert (caught.value.code, caught.value.place.file) == ("no-rows", "empty.csv")
    assert (workspace.snapshot(), workspace.counts()) == before
    assert [path for path in (tmp_path / ".wildways" / "temporary").rglob("*") if path.is_file()] == []


def test_projected_coordinates_found_in_the_middle_of_an_ingest_are_named(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(location_long="500000", location_lat="4500000")])
    with pytest.raises(BadInput) as caught:
        ingest(workspace, "deer.csv")
    assert str(caught.value).startswith("deer.csv, line 2, location-long: 500000 is outside -180…180.")
    assert workspace.counts()["source_file"] == 0


def test_broken_lines_in_a_large_file_start_it_over_with_the_right_rows(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wildways.readers.parsing.SMALL_BYTES", 0)
    write(tmp_path, [row(), "broken", row()], name="a.csv")
    write(tmp_path, [row(individual_local_identifier="b")], name="b.csv")
    reports = ingest(workspace, "b.csv", "a.csv")
    assert [report.n_rows for report in reports] == [1, 3]
    assert workspace.fixes(module_id="ungulates")["source_row"].to_pylist() == [1, 3, 1]


def test_the_same_ids_in_two_studies_or_sources_never_merge(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(study_name="North"), row(study_name="South")])
    ingest(workspace, "deer.csv")
    ingest(workspace, "deer.csv", id="elk")
    animals = workspace.table("organism").to_pylist()
    assert [(animal["source_id"], animal["study_id"], animal["organism_id"]) for animal in animals] == [
        ("deer", "North", "0051"),
        ("deer", "South", "0051"),
        ("elk", "North", "0051"),
        ("elk", "South", "0051"),
    ]


def test_animals_that_several_files_name_are_there_once_and_stay_while_one_file_names_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [row(location_lat="43")], name="b.csv")
    ingest(workspace, "a.csv", "b.csv")
    assert (workspace.counts()["study"], workspace.counts()["organism"]) == (1, 1)
    write(tmp_path, [row(individual_local_identifier="other")], name="a.csv")
    ingest(workspace, "a.csv", "b.csv")
    assert workspace.table("organism")["organism_id"].to_pylist() == ["0051", "other"]


def test_reference_data_join_the_study_that_the_events_name(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, ["T1,0051,,f,2020-01-01 00:00:00,d1"], columns=REFERENCE, name="animals.csv")
    write(tmp_path, [row(individual_taxon_canonical_name="")], name="deer.csv")
    reports = ingest(workspace, "animals.csv", "deer.csv", taxon="Odocoileus hemionus")
    assert [report.path for report in reports] == ["animals.csv", "deer.csv"]
    (animal,) = workspace.table("organism").to_pylist()
    assert (animal["study_id"], animal["sex"], animal["taxon"]) == ("Deer", "f", "Odocoileus hemionus")
    (deployment,) = workspace.table("deployment").to_pylist()
    assert (deployment["study_id"], deployment["deployment_id"]) == ("Deer", "d1")
    again = ingest(workspace, "animals.csv", "deer.csv", taxon="Odocoileus hemionus")
    assert all(report.already_stored for report in again)


def test_files_without_any_study_are_the_same_twice_as_well(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        plain = row(individual_local_identifier=name).rpartition(",")[0]
        write(tmp_path, [plain], columns=COLUMNS[:-1], name=f"{name}.csv")
    ingest(workspace, "a.csv", "b.csv")
    assert workspace.table("study")["study_id"].to_pylist() == ["deer"]
    assert all(report.already_stored for report in ingest(workspace, "a.csv", "b.csv"))


def test_a_file_that_changes_while_it_is_read_is_a_conflict(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [row()])

    def hash_and_touch(file: Path) -> str:
        sha256 = sha256_of(file)
        file.write_text(file.read_text() + row() + "\n")
        return sha256

    monkeypatch.setattr("wildways.store.given.sha256_of", hash_and_touch)
    with pytest.raises(Conflict) as caught:
        ingest(workspace, "deer.csv")
    assert caught.value.code == "file-changed"
    assert workspace.counts()["fix"] == 0


def test_progress_is_told_in_bytes_and_never_goes_back(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [row(), row()], name="b.csv")
    told: list[tuple[int, int, str]] = []
    ingest_source(
        workspace,
        "ungulates",
        source(),
        [Path("a.csv"), Path("b.csv")],
        folder=tmp_path,
        progress=lambda *step: told.append(step),
    )
    total = sum((tmp_path / name).stat().st_size for name in ("a.csv", "b.csv"))
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1] == (total, total, "b.csv")


def _atlas(folder: Path, path: str) -> Atlas:
    (folder / "modules").mkdir()
    (folder / "atlas.toml").write_text('[atlas]\nid = "a"\ntitle = "An atlas"\n')
    (folder / "modules" / "ungulates.toml").write_text(
        f'id = "ungulates"\ntitle = "Ungulates"\n[[sources]]\nid = "deer"\npath = "{path}"\nlicence = "CC0-1.0"\n'
    )
    return open_atlas(folder)


def test_an_atlas_is_ingested_module_by_module_from_its_patterns(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "data" / "more").mkdir(parents=True)
    write(tmp_path / "data", [row()], name="a.csv")
    write(tmp_path / "data" / "more", [row(), row()], name="b.csv")
    atlas = _atlas(tmp_path, "data/**/*.csv")
    reports = ingest_atlas(atlas, workspace)
    assert [(report.path, report.n_kept) for report in reports] == [("data/a.csv", 1), ("data/more/b.csv", 2)]
    assert ingest_atlas(atlas, workspace, modules=["ungulates"])[0].already_stored


def test_a_pattern_that_matches_nothing_names_the_modules_file_and_the_key(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_atlas(_atlas(tmp_path, "data/*.csv"), workspace)
    assert caught.value.code == "source-empty"
    assert (caught.value.place.file, caught.value.place.field) == ("modules/ungulates.toml", "sources.deer.path")


def test_an_unknown_reader_names_the_modules_file_and_the_key(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()])
    with pytest.raises(BadInput) as caught:
        ingest(workspace, "deer.csv", reader="movebank")
    assert (caught.value.code, caught.value.place.field) == ("reader-unknown", "sources.deer.reader")


@pytest.mark.parametrize("file", ["missing.csv", "../outside/missing.csv"])
def test_a_missing_file_is_named_as_it_was_given(workspace: Workspace, tmp_path: Path, file: str) -> None:
    with pytest.raises(BadInput, match=r"missing\.csv") as caught:
        ingest(workspace, file)
    assert caught.value.code == "file-missing"


def test_files_outside_the_atlas_folder_are_named_by_their_absolute_path(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = write(tmp_path_factory.mktemp("elsewhere"), [row()])
    (report,) = ingest(workspace, str(file))
    assert report.path == file.as_posix()


def test_real_studies_are_ingested_with_their_known_counts(workspace: Workspace, shared: Path) -> None:
    folder = shared / "data"
    files = sorted((folder / "oystercatcher_o_assen").glob("O_ASSEN-*"))
    birds = Source(id="oystercatchers", path="*", licence="CC0-1.0")
    reports = ingest_source(workspace, "birds", birds, files, folder=folder)
    assert sum(report.n_kept for report in reports) == 20_156 + 7
    counts = workspace.counts()
    assert (counts["fix"], counts["organism"], counts["deployment"], counts["study"]) == (20_156, 6, 7, 1)
    fixes = workspace.fixes(module_id="birds", taxon="Haematopus ostralegus")
    assert fixes.num_rows == 20_156
    assert set(fixes["organism_id"].to_pylist()) < set(workspace.table("organism")["organism_id"].to_pylist())
    assert pa.compute.min(fixes["latitude"]).as_py() > 50
