"""Reading sound Movebank files: every spelling, every mark, ids as they are, reference data."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.readers.files import COLUMNS, by_code, read, row, source, write
from wildways.model import TABLES
from wildways.readers import FIX_SCHEMA, find_reader, reader_schema


def test_a_row_becomes_a_fix_with_everything_it_says(tmp_path: Path) -> None:
    fixes, account, tables = read(write(tmp_path, [row()]))
    assert fixes.schema.names == FIX_SCHEMA.names
    assert fixes.to_pylist()[0] == {
        "source_row": 1,
        "study_id": "Deer",
        "organism_id": "0051",
        "tag_id": "T1",
        "taxon": "Odocoileus hemionus",
        "time_utc": datetime(2020, 5, 1, 10, tzinfo=UTC),
        "longitude": -109.5,
        "latitude": 42.5,
        "uncertainty_m": None,
        "semi_major_m": None,
        "semi_minor_m": None,
        "ellipse_orientation_deg": None,
        "location_class": None,
        "sensor_type": "gps",
        "visible": True,
        "manually_marked_outlier": None,
        "algorithm_marked_outlier": None,
        "import_marked_outlier": None,
        "manually_marked_valid": None,
    }
    assert (account.n_rows, account.n_kept, account.findings) == (1, 1, ())
    assert tables["study"].to_pylist() == [{"study_id": "Deer", "name": "Deer"}]
    assert tables["organism"].schema == reader_schema(TABLES["organism"])
    assert tables["organism"].to_pylist()[0]["organism_id"] == "0051"


def test_argos_classes_and_ellipses_are_kept(tmp_path: Path) -> None:
    columns = [*COLUMNS, "argos:lc", "argos:error-radius", "argos:semi-major", "argos:semi-minor", "argos:orientation"]
    fixes, _, _ = read(write(tmp_path, [row() + ",b,628,1018,386,34", row() + ",3,,x,-1,"], columns=columns))
    assert fixes["location_class"].to_pylist() == ["B", "3"]
    assert fixes["uncertainty_m"].to_pylist() == [628, None]
    assert fixes["semi_major_m"].to_pylist() == [1018, None]
    assert fixes["semi_minor_m"].to_pylist() == [386, None]
    assert fixes["ellipse_orientation_deg"].to_pylist() == [34, None]


def test_marks_of_outliers_are_kept_and_never_filter(tmp_path: Path) -> None:
    columns = [*COLUMNS, "manually.marked.outlier", "Algorithm_Marked_Outlier", "import-marked-outlier"]
    rows = [row(visible="FALSE") + ",true,,0", row(visible="") + ",false,TRUE,1"]
    fixes, account, _ = read(write(tmp_path, rows, columns=columns))
    assert account.n_kept == 2
    assert fixes["visible"].to_pylist() == [False, None]
    assert fixes["manually_marked_outlier"].to_pylist() == [True, False]
    assert fixes["algorithm_marked_outlier"].to_pylist() == [None, True]
    assert fixes["import_marked_outlier"].to_pylist() == [False, True]


def test_an_unreadable_mark_is_remarked_on_and_counts_as_not_given(tmp_path: Path) -> None:
    fixes, account, _ = read(write(tmp_path, [row(), row(visible="perhaps")]))
    finding = by_code(account)["mark-unreadable"]
    assert fixes["visible"].to_pylist() == [True, None]
    assert (finding.n_rows, finding.refused, finding.example, finding.place.line) == (1, False, "perhaps", 3)


def test_the_given_uncertainty_is_kept_in_metres(tmp_path: Path) -> None:
    columns = [*COLUMNS, "location-error-numerical"]
    fixes, _, _ = read(write(tmp_path, [row() + ",5.3", row() + ",-1", row() + ",nan"], columns=columns))
    assert fixes["uncertainty_m"].to_pylist() == [5.3, None, None]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    separators=st.lists(st.sampled_from("-_. :"), min_size=len(COLUMNS), max_size=len(COLUMNS)),
    upper=st.booleans(),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    zipped=st.booleans(),
    order=st.permutations(range(len(COLUMNS))),
)
def test_every_spelling_gives_the_same_table(
    tmp_path: Path,
    separators: list[str],
    upper: bool,
    delimiter: str,
    line_end: str,
    mark: bool,
    zipped: bool,
    order: list[int],
) -> None:
    rows = [row(), row(location_long="-109.6", individual_local_identifier="NA-7"), row(location_lat="")]
    expected, expected_account, _ = read(write(tmp_path, rows))
    names = [name.replace("-", separator) for name, separator in zip(COLUMNS, separators, strict=True)]
    names = [name.upper() for name in names] if upper else names
    lines = [[names[index] for index in order], *([line.split(",")[index] for index in order] for line in rows)]
    content = line_end.join(delimiter.join(line) for line in lines) + line_end
    encoded = (b"\xef\xbb\xbf" if mark else b"") + content.encode()
    file = tmp_path / ("spelled.csv.gz" if zipped else "spelled.csv")
    file.write_bytes(gzip.compress(encoded) if zipped else encoded)
    fixes, account, _ = read(file)
    assert fixes.equals(expected)
    assert (account.n_rows, account.n_kept) == (expected_account.n_rows, expected_account.n_kept) == (3, 2)


def test_quoted_line_breaks_and_blank_lines_shift_lines_but_not_rows(tmp_path: Path) -> None:
    rows = [row(study_name='"Two\nlines"'), "", row(), row(location_lat="95"), "", row()]
    fixes, account, _ = read(write(tmp_path, rows))
    assert fixes["source_row"].to_pylist() == [1, 2, 4]
    assert by_code(account)["latitude-range"].place.line == 6


def test_line_ends_of_several_kinds_in_one_file_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_bytes(f"{','.join(COLUMNS)}\r\n{row()}\n{row()}\r\n{row(location_lat='95')}\n".encode())
    fixes, account, _ = read(file)
    assert fixes["source_row"].to_pylist() == [1, 2]
    assert by_code(account)["latitude-range"].place.line == 4


def test_longitudes_up_to_360_are_wrapped_and_said_so(tmp_path: Path) -> None:
    fixes, account, _ = read(write(tmp_path, [row(), row(location_long="250.5")]))
    assert fixes["longitude"].to_pylist() == [-109.5, -109.5]
    assert by_code(account)["longitude-wrapped"].example == "250.5"


def test_a_position_of_zero_is_kept_and_remarked_on(tmp_path: Path) -> None:
    _, account, _ = read(write(tmp_path, [row(), row(location_long="0", location_lat="0.0")]))
    assert account.n_kept == 2
    assert by_code(account)["position-zero"].place.line == 3


def test_offsets_in_the_stamps_are_honoured(tmp_path: Path) -> None:
    stamps = ["2020-05-01T10:00:00Z", "2020-05-01 12:00:00+02", "2020-05-01 03:00:00.000-07:00"]
    fixes, _, _ = read(write(tmp_path, [row(timestamp=stamp) for stamp in stamps]))
    assert set(fixes["time_utc"].to_pylist()) == {datetime(2020, 5, 1, 10, tzinfo=UTC)}


def test_wall_times_follow_the_zone_of_the_source_through_summer_time(tmp_path: Path) -> None:
    stamps = [
        "2020-01-15 12:00:00",
        "2020-07-15 12:00:00",
        "2020-03-08 02:30:00",
        "2020-11-01 01:30:00",
        "2020-07-15 12:00:00Z",
    ]
    fixes, account, _ = read(
        write(tmp_path, [row(timestamp=stamp) for stamp in stamps]), source(time_zone="US/Mountain")
    )
    assert [time.strftime("%m-%d %H:%M") for time in fixes["time_utc"].to_pylist()] == [
        "01-15 19:00",
        "07-15 18:00",
        "11-01 07:30",
        "07-15 12:00",
    ]
    findings = by_code(account)
    assert (findings["time-nonexistent"].refused, findings["time-nonexistent"].place.line) == (True, 4)
    assert (findings["time-ambiguous"].refused, findings["time-ambiguous"].place.line) == (False, 5)


def test_a_time_that_is_none_is_refused_in_any_zone_and_not_ambiguous(tmp_path: Path) -> None:
    rows = [row(), row(timestamp="soon"), row(timestamp="")]
    fixes, account, _ = read(write(tmp_path, rows), source(time_zone="US/Mountain"))
    assert (fixes.num_rows, account.n_kept) == (1, 1)
    assert {code: finding.refused for code, finding in by_code(account).items()} == {
        "time-unreadable": True,
        "time-missing": True,
    }


def test_a_half_hour_of_summer_time_is_told_apart_too(tmp_path: Path) -> None:
    file = write(tmp_path, [row(timestamp="2020-04-05 01:45:00")])
    fixes, account, _ = read(file, source(time_zone="Australia/Lord_Howe"))
    assert fixes["time_utc"].to_pylist() == [datetime(2020, 4, 4, 14, 45, tzinfo=UTC)]
    assert "time-ambiguous" in by_code(account)


def test_projected_columns_become_degrees(tmp_path: Path) -> None:
    columns = ["id", "when", "easting", "northing"]
    rows = ["a,2020-05-01 10:00:00,500000,4500000", "a,2020-05-01 11:00:00,1e30,0", "a,2020-05-01 12:00:00,,"]
    mapped = {
        "individual-local-identifier": "id",
        "timestamp": "when",
        "location_long": "easting",
        "location.lat": "northing",
    }
    given = source(columns=mapped, crs="EPSG:32612", time_zone="UTC", study="Elk", taxon="Cervus canadensis")
    fixes, account, _ = read(write(tmp_path, rows, columns=columns), given)
    assert fixes["longitude"].to_pylist() == pytest.approx([-111.0])
    assert fixes["latitude"].to_pylist() == pytest.approx([40.650857], abs=1e-6)
    assert (fixes["study_id"][0].as_py(), fixes["taxon"][0].as_py()) == ("Elk", "Cervus canadensis")
    assert {finding.code for finding in account.findings} == {"position-outside-crs", "no-position"}


def test_a_file_without_study_is_scoped_by_its_source_and_says_so(tmp_path: Path) -> None:
    columns = COLUMNS[:-1]
    fixes, account, _ = read(write(tmp_path, [row().rpartition(",")[0]], columns=columns))
    assert fixes["study_id"].to_pylist() == ["deer"]
    assert by_code(account)["study-assumed"].n_rows == 1
    fixes, account, _ = read(write(tmp_path, [row().rpartition(",")[0]], columns=columns), study="Known")
    assert (fixes["study_id"].to_pylist(), account.findings) == (["Known"], ())


def test_a_missing_taxon_is_remarked_on(tmp_path: Path) -> None:
    _, account, _ = read(write(tmp_path, [row(individual_taxon_canonical_name="")]))
    assert by_code(account)["taxon-missing"].example == "0051"


def test_a_file_whose_name_looks_like_a_pattern_is_read(tmp_path: Path) -> None:
    assert read(write(tmp_path, [row()], name="deer[1]*.csv"))[1].n_kept == 1


def test_one_animal_with_two_fixes_is_a_file(tmp_path: Path) -> None:
    assert read(write(tmp_path, [row(), row()]))[1].n_kept == 2


def test_reference_data_become_animals_and_deployments(tmp_path: Path) -> None:
    columns = [
        "tag-id",
        "animal-id",
        "animal-taxon",
        "deploy-on-date",
        "deploy-off-date",
        "animal-sex",
        "deployment-id",
    ]
    rows = [
        "7,0051,Cervus elaphus,2020-01-01 00:00:00.000,,F,d1",
        "8,0051,Cervus elaphus,2021-01-01 00:00:00.000,soon,f,d2",
        "9,0052,Cervus elaphus,2021-01-01,,hind,d1",
        "9,,Cervus elaphus,,,,d3",
        "10,0053,Cervus elaphus,,,u,",
    ]
    file = write(tmp_path, rows, columns=columns)
    fixes, account, tables = read(file, source(study="Elk"))
    assert find_reader(file).name == "movebank-csv"
    assert fixes.num_rows == 0
    assert (account.n_rows, account.n_kept) == (5, 3)
    findings = by_code(account)
    assert findings["no-animal"].place.line == 5
    assert findings["deployment-repeated"].example == "d1"
    assert findings["date-unreadable"].example == "soon"
    animals = {animal["organism_id"]: animal["sex"] for animal in tables["organism"].to_pylist()}
    assert animals == {"0051": "f", "0053": "u"}
    assert tables["deployment"]["deployment_id"].to_pylist() == ["10 0053", "d1", "d2"]
    assert tables["deployment"].schema == reader_schema(TABLES["deployment"])


@pytest.mark.parametrize(
    ("file", "n_rows", "n_kept", "n_animals"),
    [
        ("muledeer_mapp/muledeer_mapp.csv", 37_554, 37_554, 15),
        ("whitestork_lifetrack/whitestork_lifetrack.csv", 155_173, 155_173, 15),
        ("buffalo_kruger_movebank/buffalo_kruger_movebank.csv", 28_410, 28_410, 6),
        ("fisher_leroy_movebank/fisher_leroy_movebank.csv", 1_990, 919, 1),
        ("cuckoo_mongolia_icarus/cuckoo_mongolia_icarus.csv", 2_334, 1_193, 11),
        ("oystercatcher_o_assen/oystercatcher_o_assen.csv", 20_156, 20_156, 4),
        ("oystercatcher_o_assen/O_ASSEN-gps-2018.csv.gz", 14_893, 14_893, 3),
        ("elephant_movebank_ecoscope/elephant_movebank_ecoscope.csv", 23_494, 23_494, 2),
    ],
)
def test_real_studies_are_read_with_their_known_counts(
    shared: Path, file: str, n_rows: int, n_kept: int, n_animals: int
) -> None:
    fixes, account, tables = read(shared / "data" / file, is_thorough=False)
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (n_rows, n_kept, n_kept)
    assert tables["organism"].num_rows == n_animals
    assert pa.compute.is_in(fixes["organism_id"], tables["organism"]["organism_id"].combine_chunks()).to_pylist()[0]
