"""Broken input: each kind is an error, or a counted finding, that names file, line, field and remedy."""

import gzip
from pathlib import Path

import pytest

from tests.readers.files import COLUMNS, by_code, read, row, source, write
from wildways.model import BadInput


@pytest.mark.parametrize(
    ("changes", "code", "field", "example"),
    [
        ({"location_lat": "95"}, "latitude-range", "location-lat", "95"),
        ({"location_long": "-181"}, "longitude-range", "location-long", "-181"),
        ({"location_long": "361"}, "longitude-range", "location-long", "361"),
        ({"location_long": "NaN"}, "longitude-unreadable", "location-long", "NaN"),
        ({"location_long": "inf"}, "longitude-unreadable", "location-long", "inf"),
        ({"location_lat": "42°30"}, "latitude-unreadable", "location-lat", "42°30"),
        ({"location_lat": ""}, "no-position", "location-long", None),
        ({"location_long": "NA"}, "no-position", "location-long", None),
        ({"sensor_type": "acceleration"}, "sensor-without-position", "sensor-type", "acceleration"),
        ({"sensor_type": "2365683"}, "sensor-without-position", "sensor-type", "2365683"),
        ({"timestamp": ""}, "time-missing", "timestamp", None),
        ({"timestamp": "31/12/2019"}, "time-unreadable", "timestamp", "31/12/2019"),
        ({"timestamp": "2020-02-30 00:00:00"}, "time-unreadable", "timestamp", "2020-02-30 00:00:00"),
        ({"timestamp": "infinity"}, "time-unreadable", "timestamp", "infinity"),
        ({"timestamp": "1020-05-01 10:00:00"}, "time-unreadable", "timestamp", "1020-05-01 10:00:00"),
        ({"timestamp": "2026-01-02 00:00:01"}, "time-future", "timestamp", "2026-01-02 00:00:01"),
        ({"individual_local_identifier": ""}, "no-animal", "individual-local-identifier", None),
        ({"individual_local_identifier": "  "}, "no-animal", "individual-local-identifier", None),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(
    tmp_path: Path, changes: dict[str, str], code: str, field: str, example: str | None
) -> None:
    fixes, account, _ = read(write(tmp_path, [row(), row(), row(**changes), row()]))
    finding = by_code(account)[code]
    assert (account.n_rows, account.n_kept) == (4, 3)
    assert fixes["source_row"].to_pylist() == [1, 2, 4]
    assert finding.refused
    assert (finding.n_rows, finding.example) == (1, example)
    assert (finding.place.file, finding.place.line, finding.place.field) == ("deer.csv", 4, field)
    assert finding.message
    assert finding.hint


def test_the_field_of_a_finding_is_called_as_in_the_file(tmp_path: Path) -> None:
    columns = [name.replace("-", ".") for name in COLUMNS]
    _, account, _ = read(write(tmp_path, [row(location_lat="95")], columns=columns))
    assert by_code(account)["latitude-range"].place.field == "location.lat"


def test_tomorrow_is_not_the_future_yet(tmp_path: Path) -> None:
    assert read(write(tmp_path, [row(timestamp="2026-01-02 00:00:00")]))[1].n_kept == 1


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        ("1,true", "Columns"),
        (row() + ",more,more", "Columns"),
        (row(study_name='"a"b'), "quote"),
    ],
)
def test_lines_the_parser_rejects_are_counted_and_leave_the_row_numbers_right(
    tmp_path: Path, broken: str, part: str
) -> None:
    rows = [row(), "", row(), broken, row(), broken, row()]
    fixes, account, _ = read(write(tmp_path, rows))
    finding = by_code(account)["line-rejected"]
    assert fixes["source_row"].to_pylist() == [1, 2, 4, 6]
    assert (account.n_rows, account.n_kept, finding.n_rows) == (6, 4, 2)
    assert finding.place.line == 5
    assert part in finding.message


def test_text_that_is_not_utf8_is_rejected_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("\n".join([",".join(COLUMNS), row(), row(study_name="Gämse"), row()]).encode("latin-1"))
    fixes, account, _ = read(file)
    assert fixes["source_row"].to_pylist() == [1, 3]
    assert by_code(account)["line-rejected"].place.line == 3


def _refusal(file: Path, **settings: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(file, source(**settings))
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf", "file-empty"),
        (b"\n \n", "file-empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-csv"),
        (b"PK\x03\x04rest of a spreadsheet", "not-csv"),
        (b"PAR1....", "not-csv"),
        (b"<!DOCTYPE html><html>You must accept the licence terms</html>", "not-csv"),
        (b'{"type": "FeatureCollection"}', "not-csv"),
        (",".join(COLUMNS).encode("utf-16"), "encoding"),
        (b"timestamp,L\xe4nge\n", "encoding"),
        (gzip.compress(b"a,b\n" * 500, mtime=0)[:-20], "gzip-damaged"),
        (b"\x1f\x8bnot really", "gzip-damaged"),
        (b"just some words\nand more\n", "columns"),
        ((",".join(COLUMNS) + "\n").encode(), "no-rows"),
        (",".join(COLUMNS).encode(), "no-rows"),
        ((",".join(COLUMNS) + "\n\n\n").encode(), "no-rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "deer.csv"
    file.write_bytes(content)
    error = _refusal(file)
    assert error.code == code
    assert error.place.file == "deer.csv"
    assert error.hint


def test_a_truncated_gzip_is_refused_even_late_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "deer.csv.gz"
    rows = [row(location_lat=str(index % 90), event_id=str(index * 7919)) for index in range(20_000)]
    file.write_bytes(gzip.compress("\n".join([",".join(COLUMNS), *rows]).encode())[:-9])
    assert _refusal(file).code == "gzip-damaged"


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "none.csv").code == "file-missing"
    assert _refusal(tmp_path).code == "file-kind"


def test_wrong_columns_are_answered_with_what_was_found_what_is_missing_and_how_to_map_it(tmp_path: Path) -> None:
    error = _refusal(write(tmp_path, ["1,2,3"], columns=["Date", "Longitude", "deer"]))
    assert error.code == "columns"
    assert "It has: Date, Longitude, deer." in error.message
    assert "location-lat" in error.message
    assert 'timestamp = "Date", location-long = "Longitude"' in error.hint


def test_a_mapping_to_a_column_that_does_not_exist_suggests_the_close_one(tmp_path: Path) -> None:
    error = _refusal(write(tmp_path, [row()]), columns={"timestamp": "timestamps"})
    assert (error.code, error.place.field) == ("columns-missing", "timestamp")
    assert "timestamp" in error.hint


def test_a_mapping_of_an_unknown_field_suggests_the_close_one(tmp_path: Path) -> None:
    error = _refusal(write(tmp_path, [row()]), columns={"location-lon": "location-long"})
    assert (error.code, error.hint) == ("columns-field", "Did you mean location-long or location-lat?")


def test_a_field_with_two_columns_is_refused(tmp_path: Path) -> None:
    error = _refusal(write(tmp_path, [row() + ",1"], columns=[*COLUMNS, "location_lat"]))
    assert (error.code, error.place.field) == ("columns-twice", "location_lat")


def test_projected_coordinates_without_crs_are_refused_with_line_value_and_remedy(tmp_path: Path) -> None:
    rows = [row(), row(location_long="4211.5", location_lat="12"), row(location_long="4212.5", location_lat="12")]
    error = _refusal(write(tmp_path, rows))
    assert str(error) == (
        "deer.csv, line 3, location-long: 4211.5 is outside -180…180. Are the columns projected? Set crs in the module."
    )


def test_a_few_wild_coordinates_do_not_make_a_file_projected(tmp_path: Path) -> None:
    _, account, _ = read(write(tmp_path, [row(), row(), row(location_long="4211.5")]))
    assert by_code(account)["longitude-range"].n_rows == 1


def test_a_mapped_file_without_zone_is_refused_unless_its_stamps_have_offsets(tmp_path: Path) -> None:
    columns = [name.replace("timestamp", "when") for name in COLUMNS]
    mapped = {"timestamp": "when"}
    error = _refusal(write(tmp_path, [row(timestamp="2020-05-01T10:00:00Z"), row()], columns=columns), columns=mapped)
    assert (error.code, error.place.line, error.place.field) == ("time-zone-missing", 3, "when")
    assert "time_zone" in error.hint
    file = write(tmp_path, [row(timestamp="2020-05-01T10:00:00-07:00")], columns=columns)
    assert read(file, source(columns=mapped))[1].n_kept == 1


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"crs": "EPSG:99999"}, "crs-unknown"), ({"time_zone": "Mars/Olympus"}, "time-zone-unknown")],
)
def test_an_unknown_crs_or_zone_is_refused(tmp_path: Path, settings: dict[str, str], code: str) -> None:
    assert _refusal(write(tmp_path, [row()]), **settings).code == code
