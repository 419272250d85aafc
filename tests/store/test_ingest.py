"""Ingest: whole or not at all, twice is nothing, a correction replaces, ids stay in their study."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from tests.readers.files import COLUMNS, row, source, write
from tests.store.ingesting import ingest, write_atlas
from tests.store.places import SmallWorld
from wildways.model import DERIVED_COLUMNS, BadInput, Conflict, Source
from wildways.store import Workspace, ingest_atlas, ingest_source, undeclared_sources
from wildways.store.given import sha256_of

REFERENCE = ("tag-id", "animal-id", "animal-taxon", "animal-sex", "deploy-on-date", "deployment-id")


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
        "removal": 0,
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


def test_an_atlas_is_ingested_module_by_module_from_its_patterns(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "data" / "more").mkdir(parents=True)
    write(tmp_path / "data", [row()], name="a.csv")
    write(tmp_path / "data" / "more", [row(), row()], name="b.csv")
    atlas = write_atlas(tmp_path, deer="data/**/*.csv")
    reports = ingest_atlas(atlas, workspace)
    assert [(report.path, report.n_kept) for report in reports] == [("data/a.csv", 1), ("data/more/b.csv", 2)]
    assert ingest_atlas(atlas, workspace, modules=["ungulates"])[0].already_stored


def test_a_pattern_that_matches_nothing_names_the_modules_file_and_the_key(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_atlas(write_atlas(tmp_path, deer="data/*.csv"), workspace)
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


def test_what_is_derived_is_stored_with_the_records_and_the_animals(
    workspace: Workspace, tmp_path: Path, small_world: SmallWorld
) -> None:
    rows = [row(), row(location_long="-90"), row(individual_taxon_canonical_name="Saiga tatarico")]
    write(tmp_path, rows)
    (report,) = ingest(workspace, "deer.csv")
    fixes = workspace.fixes(module_id="ungulates").select(DERIVED_COLUMNS).to_pylist()
    assert [list(fix.values()) for fix in fixes] == [
        ["Odocoileus hemionus", "BBB", None, None],
        ["Odocoileus hemionus", None, None, "Test Sea"],
        [None, "BBB", None, None],
    ]
    assert set(workspace.table("organism")["accepted_taxon"].to_pylist()) <= {"Odocoileus hemionus", None}
    (finding,) = [finding for finding in report.findings if finding.code == "taxon-misspelt"]
    assert (finding.n_rows, finding.example, finding.refused) == (1, "Saiga tatarico", False)
    assert "Saiga tatarica" in (finding.hint or "")
    assert ingest(workspace, "deer.csv")[0].findings == report.findings


def test_a_fix_without_a_name_goes_by_the_accepted_name_of_its_animal(
    workspace: Workspace, tmp_path: Path, small_world: SmallWorld
) -> None:
    write(tmp_path, ["T1,0051,Martes pennanti,f,2020-01-01 00:00:00,d1"], columns=REFERENCE, name="animals.csv")
    write(tmp_path, [row(individual_taxon_canonical_name="")], name="deer.csv")
    ingest(workspace, "animals.csv", "deer.csv")
    (fix,) = workspace.fixes(module_id="ungulates").to_pylist()
    assert (fix["taxon"], fix["accepted_taxon"]) == ("Martes pennanti", "Pekania pennanti")


@pytest.mark.parametrize("part", ["countries", "names"])
def test_other_countries_or_names_derive_the_evidence_anew(
    workspace: Workspace, tmp_path: Path, small_world: SmallWorld, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    write(tmp_path, [row()])
    ingest(workspace, "deer.csv")
    assert ingest(workspace, "deer.csv")[0].already_stored
    if part == "countries":
        small_world.version = "2"
    else:
        monkeypatch.setattr("wildways.store.ingest.taxonomy_version", lambda: "2")
    assert not ingest(workspace, "deer.csv")[0].already_stored
    assert workspace.counts()["fix"] == 1


def test_files_that_are_gone_take_their_evidence_with_them(workspace: Workspace, tmp_path: Path) -> None:
    atlas = write_atlas(tmp_path, deer="*.csv")
    for name in ("a", "b"):
        write(tmp_path, [row(individual_local_identifier=name)], name=f"{name}.csv")
    ingest_atlas(atlas, workspace)
    (tmp_path / "a.csv").unlink()
    stored, gone = ingest_atlas(atlas, workspace)
    assert (stored.path, stored.already_stored) == ("b.csv", True)
    assert (gone.path, gone.n_rows, gone.n_kept) == ("a.csv", 0, 0)
    assert [(finding.code, finding.n_rows) for finding in gone.findings] == [("file-gone", 1)]
    assert workspace.table("organism")["organism_id"].to_pylist() == ["b"]
    assert workspace.source_files()["path"].to_pylist() == ["b.csv"]
    assert [report.path for report in ingest_atlas(atlas, workspace)] == ["b.csv"]


def test_a_file_that_was_only_renamed_is_not_gone(workspace: Workspace, tmp_path: Path) -> None:
    atlas = write_atlas(tmp_path, deer="*.csv")
    write(tmp_path, [row()], name="a.csv")
    ingest_atlas(atlas, workspace)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    (report,) = ingest_atlas(atlas, workspace)
    assert (report.path, report.already_stored) == ("b.csv", True)


def test_a_source_all_of_whose_files_are_missing_keeps_its_evidence(workspace: Workspace, tmp_path: Path) -> None:
    atlas = write_atlas(tmp_path, deer="*.csv")
    write(tmp_path, [row()])
    ingest_atlas(atlas, workspace)
    (tmp_path / "deer.csv").unlink()
    with pytest.raises(BadInput, match="matches no file"):
        ingest_atlas(atlas, workspace)
    assert workspace.counts()["fix"] == 1


def test_a_file_that_cannot_be_read_keeps_what_the_others_lost(workspace: Workspace, tmp_path: Path) -> None:
    atlas = write_atlas(tmp_path, deer="*.csv")
    for name in ("a", "b"):
        write(tmp_path, [row(individual_local_identifier=name)], name=f"{name}.csv")
    ingest_atlas(atlas, workspace)
    (tmp_path / "a.csv").unlink()
    write(tmp_path, [], name="b.csv")
    with pytest.raises(BadInput):
        ingest_atlas(atlas, workspace)
    assert workspace.counts()["fix"] == 2


def test_a_source_that_is_no_longer_declared_is_reported_and_stays(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [row(), row()], name="b.csv")
    ingest_atlas(write_atlas(tmp_path, deer="a.csv", elk="b.csv"), workspace)
    atlas = write_atlas(tmp_path, deer="a.csv")
    _, undeclared = ingest_atlas(atlas, workspace)
    assert undeclared.path == "modules/ungulates.toml, sources.elk"
    assert [(finding.code, finding.n_rows) for finding in undeclared.findings] == [("source-undeclared", 2)]
    assert undeclared_sources(atlas, workspace) == {("ungulates", "elk"): 2}
    assert workspace.counts()["fix"] == 3


SITES = ("site_id", "name", "site_type", "longitude", "latitude")
LINKS = ("link_id", "from_site", "to_site")


def test_links_lie_where_the_sites_of_another_file_do_and_move_with_them(
    workspace: Workspace, tmp_path: Path, small_world: SmallWorld
) -> None:
    def places() -> list[object]:
        ingest(workspace, "links.csv", "sites.csv", reader="network", study="Cranes")
        (link,) = workspace.table("link").select(DERIVED_COLUMNS[1:]).to_pylist()
        return list(link.values())

    write(tmp_path, ["l,a,b"], columns=LINKS, name="links.csv")
    write(tmp_path, ["a,A,stopover,-120,40", "b,B,stopover,-121,40"], columns=SITES, name="sites.csv")
    assert places() == ["AAA", None, None]
    snapshot = workspace.snapshot()
    assert places() == ["AAA", None, None]
    assert workspace.snapshot() == snapshot
    write(tmp_path, ["a,A,stopover,-120,40", "b,B,stopover,-105,40"], columns=SITES, name="sites.csv")
    assert places() == [None, "AAA BBB", None]
