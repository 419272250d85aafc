"""Argos: Wildlife Computers CSV, CLS CSV, DIAG and DS text become fixes with class, radius and ellipse."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.files import NOW, by_code, source
from wildways.model import TABLES, BadInput, LimitReached
from wildways.readers import FIX_SCHEMA, Account, Reader, ReadingOptions, reader_schema
from wildways.readers.argos import Argos
from wildways.readers.argos.text import read_diag

LOCATIONS_HEADER = (
    "DeployID,Ptt,Instr,Date,Type,Quality,Latitude,Longitude,Error radius,Error Semi-major axis,Error Semi-minor axis,"
    "Error Ellipse orientation,Offset,Offset orientation,GPE MSD,GPE U,Count,Comment"
)
LOCATIONS = f"""\
{LOCATIONS_HEADER}
Don,106744,SPOT,22:00:00 27-Aug-2016,User,,41.4043,-69.2987,,,,,,,,,,
Don,106744,SPOT,23:29:04 27-Aug-2016,Argos,0,41.416,-69.157,,,,,,,,,,
Don,106744,SPOT,23:29:04 27-Aug-2016,Argos,0,41.4156,-69.1574,2823,4350,1831,78,,,,,,
Don,106744,SPOT,23:40:04 27-Aug-2016,Argos,2,41.4156,-69.1574,,,,,,,,,,
Don,106744,SPOT,01:02:03 28-Aug-2016,Argos,Z,48.795,-108.141,,,,,,,,,,
Don,106744,SPOT,20:15:00.860001 29-Jul-2017,FastGPS,7,28.5771,-80.6533,,,,,,,,,,
Don,106744,SPOT,21:15:00 29-Jul-2017,Argos,B,,,,,,,,,,,,
"""
PASSES_HEADER = (
    "DeployID,Ptt,Instr,RecordType,MsgCount,Duplicates,Corrupt,AvgInterval,MinInterval,Date,Satellite,LocationQuality,"
    "Latitude,Longitude,Latitude2,Longitude2,IQ,Duration,Frequency,Power"
)
PASSES = f"""\
{PASSES_HEADER}
8,171361,Mk10,Location,4,0,0,67,40,20:45:34 19-Jul-2017,NP,3,28.5764,-80.6533,28.5764,-80.6533,50,270,401677374,-122
8,171361,Mk10,Location,4,0,0,67,40,22:45:34 19-Jul-2017,NP,B,28.5764,-80.6533,31.5764,-90.6533,50,270,401677374,-122
8,171361,Mk10,Pass,1,0,0,67,40,23:45:34 19-Jul-2017,NP,,,,,,50,270,401677374,-122
"""
ARGOSWEB_HEADER = (
    '"Platform ID No.","Prg No.","Latitude","Longitude","Loc. quality","Loc. date","Loc. type","Msg Date","> - 120 DB",'
    '"Long. 2","Lat. sol. 2","Error radius","Semi-major axis","Semi-minor axis","Ellipse orientation"'
)
ARGOSWEB = f"""\
{ARGOSWEB_HEADER}
171361,6305,28.57637,-80.65329,3,07/19/2017 20:45:34,Argos,07/19/2017 20:46:42,0,-80.65329,28.57637,143,358,57,90
171361,6305,28.57637,279.34671,G,07/20/2017 20:45:34,GPS,07/20/2017 20:46:42,0,-80.65329,28.57637,,,,
"""
SERVICE_HEADER = (
    '"programNumber";"platformId";"satellite";"locationDate";"latitude";"longitude";"locationClass";"latitude2";'
    '"longitude2";"errorRadius";"semiMajor";"semiMinor";"orientation";"type";"date";"formatName"'
)
SERVICE = f"""\
{SERVICE_HEADER}
"30660";"105605";"NK";"";"";"";"";"";"";"";"";"";"";"L";"2014-09-25T16:53:52.000Z";"FRAME";"1";"TEMPERATURE";"I";"77";"";
"30660";"105605";"NK";"2014-09-25T18:00:00.000Z";"78.5";"15.25";"1";"78.5";"15.25";"312";"500";"195";"78";"L";"2014-09-25T16:53:52.000Z";"FRAME"
"""
SMOOTHED = """\
Platform ID No.;Latitude;Longitude;Loc. quality;Loc. date=yyyy/MM/dd HH:mm:ss;Error radius;Semi-major axis;
12345;-61.0;11.0;A;2014/01/02 00:00:00;0;0;
"""
DIAG = """\
Prog 06080

 52061  Date : 03.10.09 08:41:12  LC : 0  IQ : 58
      Lat1 : 76.651N  Lon1 :  20.930W  Lat2 : 76.168N  Lon2 :  18.539W
      Nb mes : 006  Nb mes>-120dB : 000  Best level : -123 dB
      Pass duration : 441s  NOPC :  2
      Calcul freq : 401 677543.2 Hz   Altitude :    0 m
              40           47           00           00
161606  Date : 27.02.18 11:42:48  LC : B  IQ : 00
      Lat1 : 42.416S  Lon1 :  64.993E  Lat2 : 42.416S  Lon2 :  64.993E
 52061  Date : 03.10.09 09:47:05  LC : Z  IQ : 38
      Lat1 : 76.998N  Lon1 :  22.398W  Lat2 : 74.370N  Lon2 :   10.000
 52061  Date : 03.10.09 10:23:35  LC : Z  IQ : 00
      Lat1 : ???????  Lon1 : ????????  Lat2 : ???????  Lon2 : ????????
 52061  Date : 03.10.09 10:25:35  LC : 1  IQ : 00
      Lat1 : 76.998   Lon1 :  22.398W  Lat2 : 74.370N  Lon2 :  10.000E
      Lat1 : 76.998N  Lon1 :  22.398W  Lat2 : 74.370N  Lon2 :  10.000E
 14759  Date : 28.08.91 15:10:23  LC : 1
"""
DS = """\
09660 02173   2  3 D
      1999-12-31 15:56:08  1      17526           48          149
09660 02173   3  3 D B 1999-12-31 17:45:26  77.501   39.675  0.000 401649639
      1999-12-31 17:44:55  1      17632           37          149
                                     3C           00           21
09660 10788   4  3 D 0
09660 049887  3  3 K 3 1999-12-31 19:18:58 -77.562  240.341  0.000 401649639
09660 049887  3
"""
SAMPLES = {
    "locations": LOCATIONS,
    "passes": PASSES,
    "argosweb": ARGOSWEB,
    "service": SERVICE,
    "smoothed": SMOOTHED,
    "diag": DIAG,
    "ds": DS,
}


def read(folder: Path, text: str | bytes, **changes: object) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """Fixes, account and small tables of an Argos file."""
    file = folder / "argos.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Argos().read(file, source(**changes), ReadingOptions(name=file.name, now=NOW)) as reading:
        fixes = reading.fixes().read_all()
        return fixes, reading.account, reading.tables()


def refusal(folder: Path, text: str, **changes: object) -> BadInput:
    """The error that reading the text raises."""
    with pytest.raises(BadInput) as caught:
        read(folder, text, **changes)
    assert caught.value.place.file == "argos.txt"
    assert caught.value.hint
    return caught.value


def at(day: str, time: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=UTC)


def test_the_reader_says_what_it_is() -> None:
    assert isinstance(Argos(), Reader)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_layout_is_claimed_plain_and_compressed(tmp_path: Path, sample: str) -> None:
    for name, content in (("plain", SAMPLES[sample].encode()), ("packed", gzip.compress(SAMPLES[sample].encode()))):
        (tmp_path / name).write_bytes(content)
        assert Argos().claims(tmp_path / name)


@pytest.mark.parametrize(
    "other",
    [
        "DeployID,Ptt,DepthSensor,Instr,Date,LocationQuality,Latitude,Longitude,Depth,Temperature,Source\n",
        "timestamp,location-long,location-lat,individual-local-identifier\n",
        "Prog,PTT,Len,Satellite,Class,Pass,PassDate,PassTime,Latitude,Longitude\n",
        "09660 lines of a story\nand more\n",
        "",
        "\0\1",
    ],
)
def test_other_files_are_not_claimed(tmp_path: Path, other: str) -> None:
    (tmp_path / "other").write_text(other)
    assert not Argos().claims(tmp_path / "other")
    assert not Argos().claims(tmp_path / "missing")


@pytest.mark.parametrize(
    ("sample", "n_rows", "n_kept", "refused"),
    [
        ("locations", 7, 5, {"deployment-point": 1, "no-position": 1}),
        ("passes", 3, 2, {"no-position": 1}),
        ("argosweb", 2, 2, {}),
        ("service", 2, 1, {"no-position": 1}),
        ("smoothed", 1, 1, {}),
        ("diag", 7, 3, {"no-position": 1, "hemisphere-missing": 1, "record-broken": 2}),
        ("ds", 5, 2, {"no-position": 2, "record-broken": 1}),
    ],
)
def test_rows_of_every_layout_are_kept_or_refused_by_reason(
    tmp_path: Path, sample: str, n_rows: int, n_kept: int, refused: dict[str, int]
) -> None:
    fixes, account, tables = read(tmp_path, SAMPLES[sample])
    assert (account.n_rows, account.n_kept, len(fixes)) == (n_rows, n_kept, n_kept)
    assert {found.code: found.n_rows for found in account.findings if found.refused} == refused
    assert fixes.schema == FIX_SCHEMA
    for name, table in tables.items():
        assert table.schema == reader_schema(TABLES[name])


def test_positions_of_wildlife_computers_keep_class_radius_and_ellipse(tmp_path: Path) -> None:
    fixes, _, _ = read(tmp_path, LOCATIONS, taxon="Prionace glauca", study="Sharks")
    assert fixes["source_row"].to_pylist() == [2, 3, 4, 5, 6]
    assert fixes["location_class"].to_pylist() == ["0", "0", "2", "Z", None]
    assert fixes["sensor_type"].to_pylist() == ["argos-doppler-shift"] * 4 + ["gps"]
    assert fixes["uncertainty_m"].to_pylist() == [None, 2823, 500, None, None]
    ellipse = fixes.select(["semi_major_m", "semi_minor_m", "ellipse_orientation_deg"]).slice(1, 1).to_pylist()
    assert ellipse == [{"semi_major_m": 4350, "semi_minor_m": 1831, "ellipse_orientation_deg": 78}]
    assert fixes["time_utc"][4].as_py() == at("2017-07-29", "20:15:00.860001")
    first = fixes.slice(0, 1).to_pylist()[0]
    assert (first["study_id"], first["organism_id"], first["tag_id"]) == ("Sharks", "Don", "106744")
    assert first["taxon"] == "Prionace glauca"


def test_two_solutions_of_the_same_second_are_both_kept(tmp_path: Path) -> None:
    fixes, _, _ = read(tmp_path, LOCATIONS)
    assert fixes["time_utc"].to_pylist()[:2] == [at("2016-08-27", "23:29:04")] * 2


def test_a_point_of_the_owner_becomes_a_deployment_from_the_earliest_on(tmp_path: Path) -> None:
    earlier = "Don,106744,SPOT,21:00:00 27-Aug-2016,User,,41.4,-69.3,,,,,,,,,,\n"
    _, account, tables = read(tmp_path, LOCATIONS + earlier)
    point = by_code(account)["deployment-point"]
    assert (point.n_rows, point.example) == (2, "22:00:00 27-Aug-2016")
    assert (point.place.line, point.place.field) == (2, "Type")
    (deployment,) = tables["deployment"].to_pylist()
    assert (deployment["organism_id"], deployment["tag_id"]) == ("Don", "106744")
    assert deployment["deploy_on_utc"] == at("2016-08-27", "21:00:00")


def test_the_second_solution_is_counted_where_it_differs(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, PASSES)
    second = by_code(account)["second-solution"]
    assert (second.n_rows, second.refused, second.example) == (1, False, "31.5764 -90.6533")
    assert fixes["longitude"].to_pylist() == [-80.6533, -80.6533]


@pytest.mark.parametrize("second", ["inf", "-inf", "nan", "1e400", "west"])
def test_a_second_solution_that_is_no_position_does_no_harm(tmp_path: Path, second: str) -> None:
    assert read(tmp_path, PASSES.replace("-90.6533", second))[1].n_kept == 2


def test_longitudes_that_are_the_same_around_the_globe_are_no_second_solution(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, ARGOSWEB)
    assert "second-solution" not in by_code(account)
    assert by_code(account)["longitude-wrapped"].example == "279.34671"
    assert fixes["longitude"].to_pylist() == pytest.approx([-80.65329, -80.65329])
    assert fixes["location_class"].to_pylist() == ["3", "G"]
    assert fixes["sensor_type"].to_pylist() == ["argos-doppler-shift", "gps"]
    assert fixes["uncertainty_m"].to_pylist() == [143, 100]


def test_rows_of_the_web_service_may_be_longer_than_its_header(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, SERVICE)
    assert "line-rejected" not in by_code(account)
    assert fixes["time_utc"][0].as_py() == at("2014-09-25", "18:00:00")
    assert fixes["sensor_type"].to_pylist() == ["argos-doppler-shift"]


def test_radii_and_axes_of_zero_count_as_not_given(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, SMOOTHED)
    assert by_code(account)["uncertainty-unusable"].n_rows == 1
    assert fixes["uncertainty_m"].to_pylist() == fixes["semi_major_m"].to_pylist() == [None]
    assert fixes["time_utc"][0].as_py() == at("2014-01-02", "00:00:00")


@pytest.mark.parametrize(
    ("stamps", "day_of_first"),
    [(["07/19/2017 20:45:34", "07/05/2017 20:45:34"], 19), (["05/07/2017 20:45:34", "19/07/2017 20:45:34"], 5)],
)
def test_a_day_above_twelve_tells_the_order_of_day_and_month(
    tmp_path: Path, stamps: list[str], day_of_first: int
) -> None:
    header, row, _ = ARGOSWEB.splitlines()
    text = "\n".join([header, *(row.replace("07/19/2017 20:45:34", stamp) for stamp in stamps)])
    fixes, _, _ = read(tmp_path, text)
    assert [stamp.month for stamp in fixes["time_utc"].to_pylist()] == [7, 7]
    assert fixes["time_utc"][0].as_py().day == day_of_first


def test_dates_that_could_mean_two_things_are_refused(tmp_path: Path) -> None:
    header, row, _ = ARGOSWEB.splitlines()
    error = refusal(tmp_path, "\n".join([header, row.replace("07/19/2017", "07/05/2017")]))
    assert (error.code, error.place.line, error.place.field) == ("date-order", 2, "Loc. date")
    assert "07/05/2017 20:45:34" in error.message


def test_diag_takes_the_first_solution_and_signs_it_by_its_hemisphere(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, DIAG)
    assert fixes["source_row"].to_pylist() == [1, 2, 3]
    assert fixes["longitude"].to_pylist() == [-20.93, 64.993, -22.398]
    assert fixes["latitude"].to_pylist() == [76.651, -42.416, 76.998]
    assert fixes["location_class"].to_pylist() == ["0", "B", "Z"]
    assert fixes["time_utc"].to_pylist()[:2] == [at("2009-10-03", "08:41:12"), at("2018-02-27", "11:42:48")]
    found = by_code(account)
    assert found["second-solution"].n_rows == 2
    assert (found["hemisphere-missing"].place.line, found["hemisphere-missing"].example) == (15, "76.998 22.398W")
    assert found["record-broken"].place.line == 17
    assert found["organism-assumed"].example == "52061"


def test_ds_reads_the_position_of_its_header_and_counts_passes_without(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, DS)
    assert fixes["source_row"].to_pylist() == [2, 4]
    assert fixes["organism_id"].to_pylist() == ["02173", "049887"]
    assert fixes["longitude"].to_pylist() == pytest.approx([39.675, -119.659])
    assert fixes["time_utc"][0].as_py() == at("1999-12-31", "17:45:26")
    found = by_code(account)
    assert found["no-position"].n_rows == 2
    assert found["record-broken"].n_rows == 1


@pytest.mark.parametrize(
    ("old", "new", "code", "example"),
    [
        ("41.416,", "95,", "latitude-range", "95"),
        ("41.416,", "x,", "latitude-unreadable", "x"),
        ("-69.157,", "-181,", "longitude-range", "-181"),
        ("-69.157,", "inf,", "longitude-unreadable", "inf"),
        ("23:29:04 27-Aug-2016,Argos,0,41.416,", "23:29:04 27-Août-2016,Argos,0,41.416,", "time-unreadable", None),
        ("23:29:04 27-Aug-2016,Argos,0,41.416,", ",Argos,0,41.416,", "time-missing", None),
        ("23:40:04 27-Aug-2016", "23:40:04 27-Aug-2036", "time-future", "23:40:04 27-Aug-2036"),
        ("Don,106744,SPOT,23:40:04", ",,SPOT,23:40:04", "no-animal", None),
        (",2,41.4156,-69.1574,,,,,,,,,,", ",2,41.4156,-69.1574", "line-rejected", None),
        ("SPOT,23:40:04", "SP,OT,23:40:04", "line-rejected", None),
        ("SPOT,23:40:04", '"SPOT,23:40:04', "line-rejected", None),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(
    tmp_path: Path, old: str, new: str, code: str, example: str | None
) -> None:
    assert old in LOCATIONS
    fixes, account, _ = read(tmp_path, LOCATIONS.replace(old, new, 1))
    finding = by_code(account)[code]
    assert (account.n_rows, account.n_kept, len(fixes)) == (7, 4, 4)
    assert (finding.n_rows, finding.refused) == (1, True)
    assert example is None or finding.example == example
    assert finding.place.line in (3, 5)
    assert finding.message
    assert finding.hint


def test_an_unknown_class_is_remarked_on_and_the_fix_kept(tmp_path: Path) -> None:
    fixes, account, _ = read(tmp_path, LOCATIONS.replace("Argos,Z", "Argos,Q"))
    assert by_code(account)["class-unknown"].example == "Q"
    assert fixes["location_class"].to_pylist()[3] is None


def test_bytes_that_are_no_text_cost_their_row_only_where_they_matter(tmp_path: Path) -> None:
    broken = LOCATIONS.encode().replace(b"Don,106744,SPOT,23:40", b"D\xffn,106744,SPOT,23:40")
    broken = broken.replace(b"SPOT,01:02", b"SP\xff,01:02")
    fixes, account, _ = read(tmp_path, broken)
    assert by_code(account)["encoding"].n_rows == 1
    assert len(fixes) == 4


def test_stamps_are_utc_unless_the_source_names_a_zone(tmp_path: Path) -> None:
    fixes, _, _ = read(tmp_path, LOCATIONS, time_zone="America/Denver")
    assert fixes["time_utc"][0].as_py() == at("2016-08-28", "05:29:04")
    assert refusal(tmp_path, LOCATIONS, time_zone="Mars/Olympus").code == "time-zone-unknown"


def test_a_crs_other_than_degrees_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, LOCATIONS, crs="EPSG:32612").code == "crs-fixed"
    assert read(tmp_path, LOCATIONS, crs="EPSG:4326")[1].n_kept == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("just some words\n", "argos-unknown"),
        ("a,b,c,d,e\n1,2,3,4,5\n", "columns"),
        (LOCATIONS_HEADER, "no-rows"),
        ("", "file-empty"),
        ("<html>", "not-csv"),
    ],
)
def test_a_file_that_is_nothing_of_argos_is_refused_as_a_whole(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(tmp_path, text).code == code


def test_columns_can_be_mapped(tmp_path: Path) -> None:
    renamed = LOCATIONS.replace("Quality", "lc")
    assert refusal(tmp_path, renamed).code == "columns"
    assert read(tmp_path, renamed, columns={"quality": "lc"})[1].n_kept == 5


def test_a_line_without_end_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(LimitReached) as caught:
        read(tmp_path, LOCATIONS + "x" * 100_000)
    assert (caught.value.code, caught.value.place.line) == ("line-length", 9)


def test_lines_that_end_in_returns_alone_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, LOCATIONS.replace("\n", "\r"))[1].n_kept == 5
    assert read(tmp_path, LOCATIONS.replace("\n", "\r\n"))[1].n_kept == 5


@given(
    st.lists(
        st.tuples(
            st.floats(-90, 90).map(lambda value: round(value, 3)),
            st.floats(-179.999, 179.999).map(lambda value: round(value, 3)),
            st.integers(350_000_000, 1_700_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
            st.sampled_from("3210ABZ"),
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=30, deadline=None)
def test_what_is_written_as_diag_is_read_back(records: list[tuple[float, float, datetime, str]]) -> None:
    lines = []
    for latitude, longitude, when, location_class in records:
        sides = "S" if latitude < 0 else "N", "W" if longitude < 0 else "E"
        position = f"Lat1 : {abs(latitude):.3f}{sides[0]}  Lon1 : {abs(longitude):7.3f}{sides[1]}"
        lines += [f" 02170  Date : {when:%d.%m.%y %H:%M:%S}  LC : {location_class}  IQ : 66", f"      {position}"]
    found = list(read_diag(enumerate(lines, 1)))
    assert [record.line for record in found] == list(range(1, 2 * len(records), 2))
    assert [(float(record.latitude or 0), float(record.longitude or 0)) for record in found] == [
        (latitude, longitude) for latitude, longitude, _, _ in records
    ]
    assert [record.location_class for record in found] == [location_class for *_, location_class in records]
