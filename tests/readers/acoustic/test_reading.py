"""Acoustic detections: OTN extracts of both generations and ETN data packages, with lonely detections suspected."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.files import NOW, by_code, source
from wildways.model import TABLES, BadInput, LimitReached
from wildways.readers import Account, Reader, ReadingOptions, reader_schema
from wildways.readers.acoustic import EtnPackage, OtnDetections
from wildways.readers.acoustic.filter import DELAYS, THRESHOLD_S, suspect_false
from wildways.readers.acoustic.reading import DETECTION_RANGE_M

RECENT_HEADER = (
    "collectionCode,catalogNumber,scientificName,station,receiver,tagName,sensorType,dateCollectedUTC,"
    "decimalLongitude,decimalLatitude,unqDetecID"
)
RECENT = f"""\
{RECENT_HEADER}
OTN.NSBS,NSBS-Hooker,Prionace glauca,NSBS,release,A69-9001-24395,,2014-08-01 12:00:00,-63.0,43.5,NSBS-Hooker-release
OTN.NSBS,NSBS-Hooker,Prionace glauca,HFX047,146,A69-9001-24395,pinger,2014-08-29 06:11:09.123,-63.23715,44.2133,HFX-1
OTN.NSBS,NSBS-Hooker,Prionace glauca,HFX047,146,A69-9001-24395,pinger,2014-08-29 07:11:09.123,-63.23715,44.2133,HFX-2
OTN.NSBS,NSBS-Hooker,Prionace glauca,HFX048,147,A69-9001-24395,pinger,2014-08-29 07:20:00,-63.24715,44.2033,HFX-3
OTN.NSBS,NSBS-Hooker,Prionace glauca,HFX047,,A69-9001-24395,pinger,2014-08-29 08:00:00,-63.23715,44.2133,HFX-4
OTN.NSBS,NSBS-Xena,Prionace glauca,HFX047,146,A69-9001-26658,pinger,1900-01-01 00:11:09,-63.23715,44.2133,HFX-5
OTN.NSBS,NSBS-Xena,Prionace glauca,HFX047,146,A69-9001-26658,pinger,11:09.1,-63.23715,44.2133,HFX-6
"""
CAMEL = {
    "catalogNumber": "catalognumber",
    "collectionCode": "collectioncode",
    "scientificName": "scientificname",
    "tagName": "tagname",
    "sensorType": "sensortype",
    "dateCollectedUTC": "datecollected",
    "decimalLongitude": "longitude",
    "decimalLatitude": "latitude",
    "unqDetecID": "unqdetecid",
}
DETECTIONS_HEADER = (
    "detection_id,date_time,tag_serial_number,acoustic_tag_id,animal_project_code,animal_id,scientific_name,"
    "receiver_id,station_name,deploy_latitude,deploy_longitude,qc_flag,deployment_id"
)
DETECTIONS = f"""\
{DETECTIONS_HEADER}
1,2014-04-18T16:00:00Z,11,A69-1601-1,demer,304,Rutilus rutilus,VR2W-1,de-10,50.99,5.05,,1428
1,2014-04-18T16:00:00Z,11,A69-1601-1,demer,304,Rutilus rutilus,VR2W-1,de-10,50.99,5.05,FALSE,1428
2,2014-04-18T16:40:00Z,11,A69-1601-1,demer,304,Rutilus rutilus,VR2W-1,de-10,50.99,5.05,TRUE,1428
3,2014-04-18T16:50:00Z,12,A69-1601-2,demer,,,VR2W-1,de-10,50.99,5.05,,1428
4,2014-04-18T17:40:00Z,12,A69-1601-2,demer,,,VR2W-1,de-10,50.99,5.05,,1428
"""
ANIMALS = """\
animal_id,animal_project_code,tag_serial_number,acoustic_tag_id,scientific_name,sex,life_stage,release_date_time
304,demer,11,A69-1601-1,Rutilus rutilus,female,adult,2014-04-18T15:44:00Z
305,demer,13,A69-1601-3,Silurus glanis,unknown,,2014-04-24T15:15:00Z
"""
TAGS = """\
tag_serial_number,acoustic_tag_id,step1_min_delay,step1_max_delay
11,A69-1601-1,50,90
12,A69-1601-2,,
"""
PACKAGE = {"name": "demer", "resources": [{"name": name} for name in ("animals", "tags", "detections", "receivers")]}


def earlier(extract: str) -> str:
    """The extract with the column names of until 2024."""
    header, rows = extract.split("\n", 1)
    return ",".join(CAMEL.get(name, name) for name in header.split(",")) + "\n" + rows


def read(file: Path, reader: Reader, **changes: object) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """Detections, account and all tables of a file."""
    with reader.read(file, source(**changes), ReadingOptions(name=file.name, now=NOW)) as reading:
        assert reading.fixes().read_all().num_rows == 0
        tables = reading.tables()
        for name, table in tables.items():
            assert table.schema == reader_schema(TABLES[name])
            table.validate(full=True)
        return tables["detection"], reading.account, tables


def extract(folder: Path, text: str = RECENT) -> Path:
    """An OTN extract."""
    (folder / "matched_detections_2014.csv").write_text(text)
    return folder / "matched_detections_2014.csv"


def package(folder: Path, **files: str | None) -> Path:
    """An ETN data package; files may be replaced, or left out by None. Returns its detections."""
    contents = {"detections": DETECTIONS, "animals": ANIMALS, "tags": TAGS, **files}
    for name, text in contents.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text)
    (folder / "datapackage.json").write_text(json.dumps(PACKAGE))
    return folder / "detections.csv"


def at(stamp: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


@pytest.mark.parametrize("reader", [OtnDetections(), EtnPackage()], ids=lambda reader: reader.name)
def test_a_reader_says_what_it_is(reader: Reader) -> None:
    assert isinstance(reader, Reader)


@pytest.mark.parametrize("text", [RECENT, earlier(RECENT)])
def test_both_generations_of_extracts_are_claimed_and_read_alike(tmp_path: Path, text: str) -> None:
    file = extract(tmp_path, text)
    assert OtnDetections().claims(file)
    assert not EtnPackage().claims(file)
    detections, account, _ = read(file, OtnDetections())
    assert (account.n_rows, account.n_kept) == (7, 5)
    assert detections["source_row"].to_pylist() == [1, 2, 3, 4, 5]
    assert detections["time_utc"][1].as_py() == at("2014-08-29 06:11:09.123")
    assert set(detections["organism_id"].to_pylist()) == {"NSBS-Hooker"}
    assert detections["receiver_id"].to_pylist() == [None, "146", "146", "147", None]


def test_the_release_stands_among_the_detections_and_becomes_a_deployment(tmp_path: Path) -> None:
    detections, _, tables = read(extract(tmp_path), OtnDetections())
    assert detections["is_release"].to_pylist() == [True, False, False, False, None]
    assert detections["suspected_false"].to_pylist()[0] is None
    (deployment,) = tables["deployment"].to_pylist()
    assert deployment["deploy_on_utc"] == at("2014-08-01 12:00:00")
    assert (deployment["study_id"], deployment["tag_id"]) == ("OTN.NSBS", "A69-9001-24395")
    assert tables["organism"].select(["organism_id", "taxon"]).to_pylist() == [
        {"organism_id": "NSBS-Hooker", "taxon": "Prionace glauca"}
    ]


def test_a_detection_is_uncertain_by_the_range_of_its_receiver_and_a_release_is_not(tmp_path: Path) -> None:
    detections, _, _ = read(extract(tmp_path), OtnDetections())
    assert detections["uncertainty_m"].to_pylist() == [None, *[DETECTION_RANGE_M] * 3, None]


def test_rows_without_receiver_may_be_releases_which_is_remarked_on(tmp_path: Path) -> None:
    _, account, _ = read(extract(tmp_path), OtnDetections())
    missing = by_code(account)["receiver-missing"]
    assert (missing.n_rows, missing.refused, missing.example, missing.place.line) == (1, False, "HFX-4", 6)


def test_times_that_a_spreadsheet_spoiled_are_refused(tmp_path: Path) -> None:
    _, account, _ = read(extract(tmp_path), OtnDetections())
    found = by_code(account)
    assert (found["time-spreadsheet"].example, found["time-spreadsheet"].place.line) == ("1900-01-01 00:11:09", 7)
    assert found["time-spreadsheet"].place.field == "dateCollectedUTC"
    assert found["time-unreadable"].example == "11:09.1"


def test_a_tag_heard_once_within_an_hour_is_suspected_by_receiver(tmp_path: Path) -> None:
    detections, _, _ = read(extract(tmp_path), OtnDetections())
    assert detections["suspected_false"].to_pylist() == [None, False, False, True, None]
    later = RECENT.replace("07:11:09.123", "07:11:09.124")
    detections, _, _ = read(extract(tmp_path, later), OtnDetections())
    assert detections["suspected_false"].to_pylist() == [None, True, True, True, None]


def test_the_least_columns_of_an_extract_are_enough(tmp_path: Path) -> None:
    text = "catalognumber,station,datecollected,longitude,latitude\nX,S1,2014-08-29 06:11:09,-63,44\n"
    detections, account, tables = read(extract(tmp_path, text), OtnDetections(), taxon="Salmo salar")
    assert account.n_kept == 1
    (row,) = detections.to_pylist()
    assert (row["tag_id"], row["receiver_id"], row["station"], row["is_release"]) == (None, None, "S1", False)
    assert (row["study_id"], row["taxon"], row["suspected_false"]) == ("deer", "Salmo salar", True)
    assert tables["study"].to_pylist() == [{"study_id": "deer", "name": "deer"}]


def test_local_stamps_are_read_in_the_zone_of_the_source(tmp_path: Path) -> None:
    detections, _, _ = read(extract(tmp_path), OtnDetections(), time_zone="America/Halifax")
    assert detections["time_utc"][0].as_py() == at("2014-08-01 15:00:00")


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("44.2133,HFX-1", "95,HFX-1", "latitude-range", "decimalLatitude"),
        ("-63.23715,44.2133,HFX-1", "-181,44,HFX-1", "longitude-range", "decimalLongitude"),
        ("-63.23715,44.2133,HFX-1", "west,44,HFX-1", "longitude-unreadable", "decimalLongitude"),
        ("-63.23715,44.2133,HFX-1", ",44,HFX-1", "no-position", "decimalLongitude"),
        ("2014-08-29 06:11:09.123", "", "time-missing", "dateCollectedUTC"),
        ("2014-08-29 06:11:09.123", "2036-08-29 06:11:09", "time-future", "dateCollectedUTC"),
        ("2014-08-29 06:11:09.123", "epoch", "time-unreadable", "dateCollectedUTC"),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(tmp_path: Path, old: str, new: str, code: str, field: str) -> None:
    assert old in RECENT
    text = "\n".join(RECENT.splitlines()[:5]).replace(old, new, 1)
    _, account, _ = read(extract(tmp_path, text), OtnDetections())
    finding = by_code(account)[code]
    assert (account.n_rows, account.n_kept, finding.n_rows, finding.refused) == (4, 3, 1, True)
    assert (finding.place.line, finding.place.field) == (3, field)
    assert finding.message
    assert finding.hint


def test_a_file_of_too_many_detections_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wildways.readers.acoustic.reading.MAX_DETECTIONS", 6)
    with pytest.raises(LimitReached) as caught:
        read(extract(tmp_path), OtnDetections())
    assert caught.value.code == "rows"


@pytest.mark.parametrize("name", ["detections.csv", "datapackage.json"])
def test_a_package_is_read_by_its_detections_or_its_description(tmp_path: Path, name: str) -> None:
    package(tmp_path)
    assert EtnPackage().claims(tmp_path / name)
    assert not OtnDetections().claims(tmp_path / name)
    detections, account, tables = read(tmp_path / name, EtnPackage())
    assert (account.n_rows, account.n_kept, len(detections)) == (5, 5, 5)
    assert detections["quality_mark"].to_pylist() == [None, "FALSE", "TRUE", None, None]
    assert detections["is_release"].to_pylist() == [False] * 5
    assert tables["study"]["study_id"].to_pylist() == ["demer"]


def test_compressed_files_of_a_package_are_found_beside_it(tmp_path: Path) -> None:
    package(tmp_path)
    for name in ("detections", "animals", "tags"):
        plain = tmp_path / f"{name}.csv"
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    assert read(tmp_path / "datapackage.json", EtnPackage())[1].n_kept == 5


def test_detections_that_share_an_id_are_all_kept_and_do_not_bear_each_other_out(tmp_path: Path) -> None:
    detections, _, _ = read(package(tmp_path), EtnPackage())
    assert detections["source_row"].to_pylist() == [1, 2, 3, 4, 5]
    assert detections["suspected_false"].to_pylist() == [True, True, True, False, False]


def test_the_delay_of_the_tag_sets_how_long_a_detection_may_stand_alone(tmp_path: Path) -> None:
    slow = TAGS.replace("50,90", "50,110")
    detections, _, _ = read(package(tmp_path, tags=slow), EtnPackage())
    assert DELAYS * 80 == 2400
    assert detections["suspected_false"].to_pylist() == [False] * 5


def test_animals_of_a_package_have_sex_stage_and_release(tmp_path: Path) -> None:
    _, _, tables = read(package(tmp_path), EtnPackage())
    organisms = {row["organism_id"]: row for row in tables["organism"].to_pylist()}
    assert set(organisms) == {"304", "305", "A69-1601-2"}
    assert (organisms["304"]["sex"], organisms["304"]["life_stage"]) == ("f", "adult")
    assert (organisms["305"]["sex"], organisms["305"]["taxon"]) == ("u", "Silurus glanis")
    deployments = {row["organism_id"]: row for row in tables["deployment"].to_pylist()}
    assert deployments["304"]["deploy_on_utc"] == at("2014-04-18 15:44:00")
    assert deployments["304"]["tag_id"] == "A69-1601-1"


def test_a_tag_that_nobody_knows_the_animal_of_stands_for_it(tmp_path: Path) -> None:
    detections, account, _ = read(package(tmp_path), EtnPackage())
    assert detections["organism_id"].to_pylist()[3] == "A69-1601-2"
    assert by_code(account)["organism-assumed"].n_rows == 2


def test_a_package_without_animals_or_tags_is_read_with_a_remark(tmp_path: Path) -> None:
    detections, account, tables = read(package(tmp_path, animals=None, tags=None), EtnPackage())
    assert {"animals-missing", "tags-missing"} <= set(by_code(account))
    assert detections["suspected_false"].to_pylist() == [False] * 5
    assert tables["organism"]["organism_id"].to_pylist() == ["304", "A69-1601-2"]


def test_broken_lines_beside_the_detections_are_remarked_on(tmp_path: Path) -> None:
    _, account, _ = read(package(tmp_path, animals=ANIMALS + "306,demer\n"), EtnPackage())
    beside = by_code(account)["beside-rejected"]
    assert (beside.n_rows, beside.refused, beside.place.file, beside.place.line) == (1, False, "animals.csv", 4)


def test_a_package_reads_no_file_of_another_name(tmp_path: Path) -> None:
    package(tmp_path)
    elsewhere = [{"name": name, "path": f"../{name}.csv"} for name in ("detections", "animals", "tags")]
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": elsewhere}))
    assert read(tmp_path / "datapackage.json", EtnPackage())[1].n_kept == 5


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '{"resources": 1}', '{"resources": [1, {"name": "media"}]}', "[" * 100_000, '{"a":' * 50_000, "\0"],
)
def test_other_descriptions_are_not_claimed(tmp_path: Path, text: str) -> None:
    (tmp_path / "datapackage.json").write_text(text)
    assert not EtnPackage().claims(tmp_path / "datapackage.json")


@pytest.mark.parametrize(("gone", "code"), [("detections.csv", "package-incomplete"), ("datapackage.json", "")])
def test_a_package_needs_its_detections_only(tmp_path: Path, gone: str, code: str) -> None:
    package(tmp_path)
    (tmp_path / gone).unlink()
    if not code:
        assert read(tmp_path / "detections.csv", EtnPackage())[1].n_kept == 5
        return
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "datapackage.json", EtnPackage())
    assert caught.value.code == code


def test_a_crs_other_than_degrees_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read(package(tmp_path), EtnPackage(), crs="EPSG:3035")
    assert caught.value.code == "crs-fixed"


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 30)), max_size=40),
    st.lists(st.floats(0, 12), min_size=3, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_the_filter_agrees_with_its_definition(rows: list[tuple[int, int, int]], thresholds: list[float]) -> None:
    tags, receivers, seconds = (np.array([row[index] for row in rows], dtype=np.int64) for index in range(3))
    found = suspect_false(tags, receivers, seconds * 1_000_000, np.array(thresholds))
    expected = [
        not any(
            (other[0], other[1]) == (tag, receiver) and 0 < abs(other[2] - second) <= thresholds[tag] for other in rows
        )
        for tag, receiver, second in rows
    ]
    assert found.tolist() == expected


@given(st.permutations(list(range(12))))
@settings(max_examples=30, deadline=None)
def test_the_filter_does_not_care_for_the_order_of_rows(order: list[int]) -> None:
    tags = np.array([0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 2, 2])
    receivers = np.array([0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0])
    times = np.array([0, 5, 9, 1, 2, 8, 60, 70, 80, 9, 4, 4]) * 1_000_000
    thresholds = np.array([5.0, 3.0, 9.0])
    in_order = suspect_false(tags, receivers, times, thresholds)
    shuffled = suspect_false(tags[order], receivers[order], times[order], thresholds)
    assert shuffled.tolist() == in_order[order].tolist()


@pytest.fixture(scope="module")
def demer(shared: Path) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """The detections of the Demer project, doi:10.14284/432."""
    return read(shared / "data" / "acoustic_demer_etn" / "detections.csv.gz", EtnPackage())


def test_the_demer_package_has_its_detections_and_animals(
    demer: tuple[pa.Table, Account, Mapping[str, pa.Table]],
) -> None:
    detections, account, tables = demer
    assert (account.n_rows, account.n_kept, account.findings) == (235_809, 235_809, ())
    frame = detections.to_pandas()
    assert frame.groupby("organism_id").size().to_dict() == {
        "304": 36, "305": 10_992, "306": 42, "365": 4_857, "366": 3_190, "367": 497, "368": 7_835, "369": 8_436,
        "370": 4_462, "382": 129_334, "383": 9_677, "384": 2_563, "385": 32_097, "386": 21_791,
    }  # fmt: skip
    assert (frame["receiver_id"].nunique(), frame["station"].nunique()) == (41, 46)
    assert frame["quality_mark"].value_counts().to_dict() == {"FALSE": 1_821}
    assert len(tables["organism"]) == len(tables["deployment"]) == 16
    assert tables["study"]["study_id"].to_pylist() == ["2014_demer"]


def test_the_lonely_detections_of_demer_are_those_of_a_plain_count(
    demer: tuple[pa.Table, Account, Mapping[str, pa.Table]], shared: Path
) -> None:
    frame = demer[0].to_pandas()
    tags = pd.read_csv(shared / "data" / "acoustic_demer_etn" / "tags.csv").set_index("acoustic_tag_id")
    thresholds = DELAYS * (tags["step1_min_delay"] + tags["step1_max_delay"]) / 2
    pairs = frame.drop_duplicates(["tag_id", "receiver_id", "time_utc"]).sort_values("time_utc")
    times = pairs.groupby(["tag_id", "receiver_id"])["time_utc"]
    gaps = pd.concat([times.diff().abs(), times.diff(-1).abs()], axis=1).min(axis=1).dt.total_seconds()
    lonely = pairs[~(gaps <= pairs["tag_id"].map(thresholds))]
    keys = ["tag_id", "receiver_id", "time_utc"]
    expected = frame.merge(lonely[keys], on=keys)["source_row"]
    assert sorted(frame.loc[frame["suspected_false"], "source_row"]) == sorted(expected)
    assert int(frame["suspected_false"].sum()) == 577
    assert THRESHOLD_S == DELAYS * 120
