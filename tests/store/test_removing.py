"""What is removed on request goes, stays out, is accounted for, and comes back when restored."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.files import row, write
from tests.store.ingesting import ingest
from wildways.model import BadInput, Conflict, FileReport, NotFound
from wildways.readers import Account
from wildways.store import Change, Workspace, remove_evidence, restore_evidence
from wildways.store.withholding import Loss, Scope, Withholding, fingerprint

pytestmark = pytest.mark.usefixtures("small_world")


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Two studies, two animals in one of them, and a second source with an animal of the same id."""
    rows = [row(individual_local_identifier=name, study_name=study) for study, name in _ANIMALS for _ in range(2)]
    write(tmp_path, [*rows, row(location_lat="95")])
    ingest(workspace, "deer.csv")
    return workspace


_ANIMALS = (("North", "a"), ("North", "b"), ("South", "c"))


def _animals(workspace: Workspace) -> list[tuple[str, str]]:
    return [(animal["study_id"], animal["organism_id"]) for animal in workspace.table("organism").to_pylist()]


def _assert_accounts(workspace: Workspace, report: FileReport) -> None:
    """Stored and reported account agree, and rows in = kept + refused."""
    (file,) = workspace.source_files().to_pylist()
    refused = [finding for finding in workspace.findings().to_pylist() if finding["refused"]]
    assert file["n_rows"] == file["n_kept"] + sum(finding["n_rows"] for finding in refused)
    assert (report.n_rows, report.n_kept) == (file["n_rows"], file["n_kept"])
    assert report.n_rows == report.n_kept + report.n_refused


def test_an_animal_goes_and_stays_out_when_its_file_is_ingested_again(filled: Workspace, tmp_path: Path) -> None:
    changes = remove_evidence(filled, "ungulates", "deer", "North", "a", reason="The owner asked for it.")
    assert Change("fix", 0, 2) in changes
    assert Change("organism", 0, 1) in changes
    assert _animals(filled) == [("North", "b"), ("South", "c")]
    (report,) = ingest(filled, "deer.csv")
    assert report.already_stored
    _assert_accounts(filled, report)
    assert report.refused_by_reason == {"latitude-range": 1, "removed-by-request": 2}
    with (tmp_path / "deer.csv").open("a") as file:
        file.write(row(individual_local_identifier="a", study_name="North") + "\n")
        file.write(row(individual_local_identifier="b", study_name="North") + "\n")
    (report,) = ingest(filled, "deer.csv")
    assert not report.already_stored
    assert report.refused_by_reason == {"latitude-range": 1, "removed-by-request": 3}
    _assert_accounts(filled, report)
    assert _animals(filled) == [("North", "b"), ("South", "c")]


def test_removing_now_and_leaving_out_later_come_to_the_same(filled: Workspace) -> None:
    remove_evidence(filled, "ungulates", organism_id="a", reason="r")
    now = filled.findings().to_pylist(), filled.source_files().select(["n_rows", "n_kept", "settings"]).to_pylist()
    with filled.writing() as connection:
        for table in ("source_file", "finding", "study", "organism", "fix"):
            connection.execute(f"DELETE FROM lake.{table}")  # noqa: S608
    ingest(filled, "deer.csv")
    later = filled.findings().to_pylist(), filled.source_files().select(["n_rows", "n_kept", "settings"]).to_pylist()
    assert now == later


def test_a_study_goes_with_all_its_animals(filled: Workspace) -> None:
    remove_evidence(filled, "ungulates", study_id="North", reason="r")
    assert _animals(filled) == [("South", "c")]
    assert filled.table("study")["study_id"].to_pylist() == ["South"]
    _assert_accounts(filled, ingest(filled, "deer.csv")[0])


def test_a_whole_source_goes_and_its_rows_are_refused_afterwards(filled: Workspace) -> None:
    remove_evidence(filled, "ungulates", "deer", reason="r")
    assert {name: count for name, count in filled.counts().items() if count} == {"removal": 1}
    (report,) = ingest(filled, "deer.csv")
    assert (report.n_kept, report.refused_by_reason) == (0, {"latitude-range": 1, "removed-by-request": 6})
    assert filled.counts()["fix"] == 0
    assert ingest(filled, "deer.csv")[0].already_stored


def test_what_is_restored_comes_back_with_the_next_ingest(filled: Workspace) -> None:
    before = filled.table("fix")
    remove_evidence(filled, "ungulates", "deer", "North", "a", reason="r", removed_by="somebody")
    (lifted,) = restore_evidence(filled, "ungulates", organism_id="a")
    assert (lifted.source_id, lifted.study_id, lifted.reason, lifted.removed_by) == ("deer", "North", "r", "somebody")
    (report,) = ingest(filled, "deer.csv")
    assert not report.already_stored
    assert report.refused_by_reason == {"latitude-range": 1}
    assert filled.table("fix") == before
    assert filled.table("removal").num_rows == 0


def test_removals_add_up(filled: Workspace) -> None:
    remove_evidence(filled, "ungulates", organism_id="a", reason="r")
    remove_evidence(filled, "ungulates", organism_id="b", reason="r")
    (report,) = ingest(filled, "deer.csv")
    assert report.already_stored
    assert report.refused_by_reason == {"latitude-range": 1, "removed-by-request": 4}
    restore_evidence(filled, "ungulates", study_id="North", organism_id="a")
    (report,) = ingest(filled, "deer.csv")
    assert report.refused_by_reason == {"latitude-range": 1, "removed-by-request": 2}
    assert _animals(filled) == [("North", "a"), ("South", "c")]


def test_a_removal_names_its_reason_and_nothing_of_it_is_left_in_the_settings(filled: Workspace) -> None:
    remove_evidence(filled, "ungulates", organism_id="a", reason="The nest is at risk.")
    (removal,) = filled.table("removal").to_pylist()
    assert (removal["module_id"], removal["source_id"], removal["reason"]) == (
        "ungulates",
        "deer",
        "The nest is at risk.",
    )
    assert removal["removed_by"]
    settings = json.loads(filled.source_files()["settings"][0].as_py())
    assert settings["removed"] == fingerprint([Scope("North", "a")])
    assert "The nest is at risk." in filled.history()[-1].message


def test_a_removal_without_a_reason_is_refused(filled: Workspace) -> None:
    with pytest.raises(BadInput) as caught:
        remove_evidence(filled, "ungulates", "deer", reason=" ")
    assert caught.value.code == "reason-missing"


@pytest.mark.parametrize("what", [{"source_id": "elk"}, {"study_id": "East"}, {"organism_id": "z"}])
def test_what_is_not_there_cannot_be_removed_or_restored(filled: Workspace, what: dict[str, str]) -> None:
    snapshot = filled.snapshot()
    with pytest.raises(NotFound) as caught:
        remove_evidence(filled, "ungulates", **what, reason="r")
    assert caught.value.code == "evidence-unknown"
    with pytest.raises(NotFound) as caught:
        restore_evidence(filled, "ungulates", **what)
    assert caught.value.code == "removal-unknown"
    assert filled.snapshot() == snapshot


def test_an_animal_that_several_studies_have_needs_its_study(filled: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row(individual_local_identifier="a", study_name="East")], name="more.csv")
    ingest(filled, "more.csv")
    with pytest.raises(Conflict, match="East, North") as caught:
        remove_evidence(filled, "ungulates", organism_id="a", reason="r")
    assert caught.value.code == "animal-ambiguous"
    remove_evidence(filled, "ungulates", study_id="East", organism_id="a", reason="r")
    assert ("North", "a") in _animals(filled)


def test_reference_data_of_a_removed_study_do_not_come_back_under_another_name(
    workspace: Workspace, tmp_path: Path
) -> None:
    columns = ("tag-id", "animal-id", "animal-taxon", "animal-sex", "deploy-on-date", "deployment-id")
    write(tmp_path, ["T1,0051,,f,2020-01-01 00:00:00,d1"], columns=columns, name="animals.csv")
    write(tmp_path, [row()], name="deer.csv")
    ingest(workspace, "animals.csv", "deer.csv")
    remove_evidence(workspace, "ungulates", study_id="Deer", reason="r")
    reports = ingest(workspace, "animals.csv", "deer.csv")
    assert [report.n_kept for report in reports] == [0, 0]
    assert workspace.counts()["organism"] == workspace.counts()["deployment"] == 0


def test_rows_of_reference_data_are_its_deployments() -> None:
    assert Loss(n_deployments=2, n_animals=1, n_left=5).n_rows(8) == 2
    assert Loss(n_animals=1, n_left=5).n_rows(8) == 1
    assert Loss(n_animals=1, n_records_left=4, n_left=5).n_rows(8) == 0
    assert Loss(n_source_rows=3, n_animals=1, n_records_left=4, n_left=5).n_rows(8) == 3
    assert Loss(n_animals=1).n_rows(8) == 8
    assert Loss(n_left=3).n_rows(8) == 0


@given(st.lists(st.tuples(st.sampled_from(["s", "t"]), st.sampled_from(["a", "b", "c"])), min_size=1), st.booleans())
def test_only_the_removed_is_left_out(animals: list[tuple[str, str]], is_dictionary: bool) -> None:
    studies, organisms = (pa.array(column) for column in zip(*animals, strict=True))
    if is_dictionary:
        studies, organisms = studies.dictionary_encode(), organisms.dictionary_encode()
    columns = [pa.array(range(1, len(animals) + 1)), studies, organisms]
    batch = pa.RecordBatch.from_arrays(columns, ["source_row", "study_id", "organism_id"])
    withholding = Withholding([Scope("s", "a"), Scope("t")])
    kept = withholding.keep("fix", batch)
    expected = [pair for pair in animals if pair[0] == "s" and pair != ("s", "a")]
    assert list(zip(kept["study_id"].to_pylist(), kept["organism_id"].to_pylist(), strict=True)) == expected
    account = withholding.account(Account(len(animals), len(animals)))
    assert account.n_kept == len(expected)
    assert account.n_rows == account.n_kept + sum(finding.n_rows for finding in account.findings)
