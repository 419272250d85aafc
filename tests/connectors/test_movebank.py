"""A study comes from Movebank whole, stays current at little cost, and is read by ingest."""

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.connectors.conftest import Bench
from tests.connectors.fake_movebank import (
    ACCELERATION,
    ARGOS,
    STUDY_ID,
    FakeMovebank,
    Study,
    behave,
    event,
    make_study,
    refuse,
    stall,
)
from wildways.connectors.movebank import plan as plans
from wildways.model import (
    BadInput,
    Conflict,
    Corrupt,
    NotAllowed,
    NotFound,
    WildwaysError,
    open_atlas,
)
from wildways.store import Workspace, ingest_atlas

MakeBench = Callable[[FakeMovebank], Bench]


def stored(bench: Bench) -> dict[str, dict[str, str]]:
    """The stored events by id."""
    with (bench.folder / "events.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["event_id"] for row in rows}) == len(rows)
    return {row["event_id"]: row for row in rows}


def fail(bench: Bench, kind: type[WildwaysError], code: str, **options: bool) -> WildwaysError:
    with pytest.raises(kind) as caught:
        bench.fetch(**options)
    assert caught.value.code == code
    return caught.value


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of three rows."""
    monkeypatch.setattr(plans, "WINDOW_ROWS", 3)


def test_what_was_fetched_is_ingested_with_every_row_and_every_name(bench: Bench) -> None:
    report = bench.fetch()
    assert (report.n_rows, report.n_added, report.n_deployments, report.is_full) == (12, 12, 2, True)
    atlas = open_atlas(bench.atlas)
    with Workspace.open(atlas.workspace) as workspace:
        reports = {Path(file.path).name: file for file in ingest_atlas(atlas, workspace)}
        fixes = workspace.table("fix").to_pylist()
        animals = workspace.table("organism").to_pylist()
        deployments = workspace.table("deployment").to_pylist()
    assert {name: file.n_kept for name, file in reports.items()} == {"events.csv": 12, "reference.csv": 2}
    assert [finding for file in reports.values() for finding in file.findings] == []
    assert {fix["organism_id"] for fix in fixes} == {"bird, 1", "bird, 2"}
    assert {fix["sensor_type"] for fix in fixes} == {"gps"}
    assert {fix["study_id"] for fix in fixes} == {"Galapagos Albatrosses"}
    assert [(animal["organism_id"], animal["sex"]) for animal in animals] == [("bird, 1", "f"), ("bird, 2", "f")]
    assert [row["deployment_id"] for row in deployments] == ["D1", "D2"]


def test_a_second_fetch_asks_only_for_what_was_updated_and_changes_no_byte(bench: Bench) -> None:
    bench.fetch()
    files = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in bench.folder.glob("*.csv")}
    bench.fake.asked.clear()
    report = bench.fetch()
    (asked,) = bench.fake.events_asked
    assert asked["update_ts_start"] == "20260531120000000"
    assert (report.is_full, report.n_rows, report.n_added, report.n_changed, report.n_removed) == (False, 12, 0, 0, 0)
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in bench.folder.glob("*.csv")} == files


def test_new_and_corrected_events_replace_theirs(bench: Bench) -> None:
    bench.fetch()
    bench.fake.study.events[3] |= {"location_lat": "-2.5", "visible": "false", "update_ts": "2026-06-02 00:00:00.000"}
    bench.fake.study.events.append(event(999, 900, updated="2026-06-02"))
    report = bench.fetch()
    assert (report.n_rows, report.n_downloaded, report.n_added, report.n_changed) == (13, 2, 1, 1)
    assert stored(bench)["103"]["location_lat"] == "-2.5"
    assert stored(bench)["103"]["visible"] == "false"
    assert stored(bench)["999"]["individual_local_identifier"] == "bird, 1"


def test_what_the_owner_deleted_goes_with_a_refresh(bench: Bench) -> None:
    bench.fetch()
    del bench.fake.study.events[0]
    assert bench.fetch().n_removed == 0
    report = bench.fetch(refresh=True)
    assert (report.is_full, report.n_rows, report.n_removed) == (True, 11, 1)
    assert "100" not in stored(bench)


def test_events_of_a_tag_whose_deployment_changed_are_fetched_anew(make_bench: MakeBench) -> None:
    bench = make_bench(FakeMovebank(make_study(n_animals=3)))
    bench.fetch()
    study = bench.fake.study
    study.individuals[1]["local_identifier"] = "renamed"
    study.events.remove(next(row for row in study.events if row["event_id"] == "203"))
    bench.fake.asked.clear()
    report = bench.fetch()
    assert [asked.get("tag_id") for asked in bench.fake.events_asked] == [None, "2"]
    assert (report.is_full, report.n_rows, report.n_changed, report.n_removed) == (False, 17, 5, 1)
    assert {row["individual_local_identifier"] for row in stored(bench).values()} == {"bird, 1", "renamed", "bird, 3"}


def test_events_of_a_tag_that_is_gone_go(make_bench: MakeBench) -> None:
    bench = make_bench(FakeMovebank(make_study(n_animals=3)))
    bench.fetch()
    study = bench.fake.study
    study.events = [row for row in study.events if row["tag_id"] != "3"]
    del study.tags[2], study.deployments[2]
    assert bench.fetch().n_removed == 6
    assert {row["tag_id"] for row in stored(bench).values()} == {"1", "2"}


def test_where_most_deployments_changed_all_is_fetched_anew(bench: Bench) -> None:
    bench.fetch()
    for individual in bench.fake.study.individuals:
        individual["taxon_canonical_name"] = "Diomedea exulans"
    assert bench.fetch().is_full
    assert {row["individual_taxon_canonical_name"] for row in stored(bench).values()} == {"Diomedea exulans"}


@pytest.mark.usefixtures("small_windows")
def test_windows_meet_and_events_on_their_edges_are_kept_once(bench: Bench) -> None:
    report = bench.fetch()
    asked = bench.fake.events_asked
    assert len(asked) == 4
    assert "timestamp_start" not in asked[0]
    assert "timestamp_end" not in asked[-1]
    assert [a["timestamp_end"] for a in asked[:-1]] == [b["timestamp_start"] for b in asked[1:]]
    assert (report.n_rows, len(stored(bench))) == (12, 12)


@pytest.mark.usefixtures("small_windows")
def test_a_fetch_that_failed_goes_on_where_it_was(bench: Bench) -> None:
    bench.fake.tricks.extend([behave, behave, refuse(403, "not now")])
    fail(bench, NotAllowed, "study-not-permitted")
    assert not (bench.folder / "events.csv").exists()
    begun = [asked.get("timestamp_start") for asked in bench.fake.events_asked]
    bench.fake.asked.clear()
    assert bench.fetch().n_rows == 12
    assert bench.fake.events_asked[0].get("timestamp_start") == begun[2]
    assert len(bench.fake.events_asked) == 2


@pytest.mark.usefixtures("small_windows")
def test_what_changed_while_a_fetch_was_cut_short_comes_with_the_next_one(bench: Bench) -> None:
    bench.fake.tricks.extend([behave, refuse(403)])
    fail(bench, NotAllowed, "study-not-permitted")
    bench.fake.study.events[0] |= {"location_lat": "-9", "update_ts": "2026-06-01 18:00:00.000"}
    bench.fake.date = "Tue, 02 Jun 2026 12:00:00 GMT"
    bench.fetch()
    assert stored(bench)["100"]["location_lat"] == "-1.37"
    bench.fetch()
    assert stored(bench)["100"]["location_lat"] == "-9"


def test_a_fetch_that_was_killed_goes_on_where_it_was(bench: Bench) -> None:
    bench.fake.study.n_told = 4 * plans.WINDOW_ROWS
    bench.fake.tricks.extend([behave, behave, stall(4)])
    command = [sys.executable, "-m", "wildways", "fetch", str(bench.atlas)]
    process = subprocess.Popen(command, env=bench.environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while len(bench.fake.events_asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert len(list((bench.folder / "unfinished").glob("part-*.csv"))) == 2
    bench.fake.asked.clear()
    bench.clock.real_seconds = 1
    assert bench.fetch().n_rows == 12
    assert len(bench.fake.events_asked) == 2
    assert not (bench.folder / "unfinished").exists()


def test_another_request_begins_from_nothing(bench: Bench) -> None:
    bench.fetch()
    bench.write_module('individuals = ["bird, 2"]')
    report = bench.fetch()
    assert report.is_full
    assert bench.fake.events_asked[-1]["individual_id"] == "12"
    assert report.n_deployments == 1


def test_only_sensors_that_locate_are_fetched_and_each_with_its_own_attributes(bench: Bench) -> None:
    bench.fake.study.events += [event(500, 1, sensor=ACCELERATION), event(501, 2, sensor=ARGOS)]
    report = bench.fetch()
    assert {asked["sensor_type_id"] for asked in bench.fake.events_asked} == {"653", "82798"}
    assert report.n_rows == 13
    assert stored(bench)["501"]["sensor_type"] == "argos-doppler-shift"
    bench.write_module('sensors = ["acceleration"]')
    assert set(stored(bench)) >= {"501"}
    bench.fetch()
    assert set(stored(bench)) == {"500"}


def test_rows_of_a_sensor_that_was_not_asked_for_are_left_out_and_said(bench: Bench) -> None:
    bench.fake.study.events[2] |= {"sensor_type_id": "653"}
    bench.write_module('sensors = ["gps"]')
    original = FakeMovebank.rows

    def mixed(fake: FakeMovebank, asked: dict[str, str]) -> object:
        found = original(fake, asked)
        if asked["entity_type"] == "event" and not isinstance(found, str):
            found[1].append(event(700, 5, sensor=ACCELERATION))
        return found

    bench.fake.rows = lambda asked: mixed(bench.fake, asked)  # type: ignore[method-assign, assignment, return-value]
    report = bench.fetch()
    assert report.n_rows == 12
    assert [(remark.code, remark.n_rows) for remark in report.remarks] == [("sensor-not-asked", 1)]


def test_attributes_may_be_chosen_and_those_that_are_needed_come_anyway(bench: Bench) -> None:
    bench.write_module('attributes = ["ground_speed"]')
    bench.fetch()
    asked = bench.fake.events_asked[0]["attributes"].split(",")
    assert {"event_id", "update_ts", "visible", "individual_local_identifier", "ground_speed"} <= set(asked)
    bench.write_module('attributes = ["wind_chill"]')
    assert "ground_speed" in fail(bench, BadInput, "attribute-unknown").hint


@pytest.mark.parametrize(
    ("more", "kind", "code"),
    [
        ('sensors = ["sonar"]', BadInput, "sensor-unknown"),
        ('individuals = ["nobody"]', NotFound, "animal-unknown"),
    ],
)
def test_what_does_not_exist_is_said(bench: Bench, more: str, kind: type[WildwaysError], code: str) -> None:
    bench.write_module(more)
    fail(bench, kind, code)


def test_a_study_that_does_not_exist_is_said(bench: Bench) -> None:
    bench.write_module(study_id=77)
    assert "77" in str(fail(bench, NotFound, "study-unknown"))


def test_a_study_without_events_gives_empty_tables(make_bench: MakeBench) -> None:
    bench = make_bench(FakeMovebank(Study()))
    report = bench.fetch()
    assert (report.n_rows, report.n_deployments) == (0, 0)
    assert bench.events == []
    assert [remark.code for remark in report.remarks] == ["no-sensor"]


def test_an_empty_answer_does_not_wipe_out_what_is_there(bench: Bench) -> None:
    bench.fetch()
    bench.fake.study.events = [event(1, 1, sensor=ACCELERATION)]
    bench.fake.study.n_told = 12
    fail(bench, NotAllowed, "study-without-events", refresh=True)
    assert len(stored(bench)) == 12


def test_the_study_is_described_and_a_licence_that_differs_is_said(bench: Bench) -> None:
    bench.fake.study.license_type = "CC_BY_NC"
    (remark,) = bench.fetch().remarks
    assert remark.code == "licence-differs"
    assert "CC-BY-NC-4.0" in remark.message
    assert json.loads((bench.folder / "study.json").read_text())["citation"] == "Cruz S et al. 2013."
    bench.fake.study.license_type = "CC_0"
    assert [remark.code for remark in bench.fetch().remarks] == ["terms-changed"]


def test_files_that_came_another_way_are_not_overwritten(bench: Bench) -> None:
    bench.folder.mkdir(parents=True)
    (bench.folder / "events.csv").write_text("mine\n")
    fail(bench, Conflict, "fetch-foreign")
    assert (bench.folder / "events.csv").read_text() == "mine\n"


def test_events_that_were_deleted_here_come_again(bench: Bench) -> None:
    bench.fetch()
    (bench.folder / "events.csv").unlink()
    report = bench.fetch()
    assert (report.is_full, report.n_rows) == (True, 12)


def test_a_damaged_memory_is_said(bench: Bench) -> None:
    bench.fetch()
    (bench.folder / "fetch.json").write_text("{")
    fail(bench, Corrupt, "fetch-file")
    (bench.folder / "fetch.json").write_text('{"study_id": "x"}')
    fail(bench, Corrupt, "fetch-file")


def test_a_folder_with_a_pattern_in_its_name_does(tmp_path: Path, make_bench: MakeBench) -> None:
    bench = make_bench(FakeMovebank(make_study()))
    renamed = tmp_path / "at[1]las*"
    bench.atlas.rename(renamed)
    bench.atlas = renamed
    bench.fetch()
    assert bench.fetch().n_rows == 12


def test_the_study_is_asked_by_number(bench: Bench) -> None:
    bench.fetch()
    assert {asked.get("study_id", asked.get("tag_study_id")) for asked in bench.fake.asked} == {str(STUDY_ID)}
    assert bench.fake.most_at_once == 1
