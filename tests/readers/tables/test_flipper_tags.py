"""Tables of flipper tags: every row accounted for, animals known by their tags, times and places as exact as given."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.readers.tables.files import read_tables, table_source, template, write_table
from wildways.model import BadInput
from wildways.readers import Reader
from wildways.readers.fields import load_fields
from wildways.readers.tables.flipper_tags import FIELDS, FlipperTags

READER = FlipperTags()
COLUMNS = "tag_number,other_tags,tag_scheme,animal_id,event,date,latitude,longitude,sex,taxon"
SAMPLES = (template("flipper_tags.csv"),)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "formats" / "flipper-tags.md"


def row(**changes: str) -> str:
    """A sound row with some fields changed."""
    sound = {"tag_number": "A1", "tag_scheme": "CR", "event": "marking", "date": "2019-07-15"}
    values = dict.fromkeys(COLUMNS.split(","), "") | sound | {"latitude": "10.5", "longitude": "-83.5"} | changes
    return ",".join(values.values())


def test_the_template_is_claimed_and_read_without_a_word(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_bytes(SAMPLES[0])
    assert isinstance(READER, Reader)
    assert READER.claims(file)
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept, findings) == (3, 3, {})
    marking, recapture, recovery = tables["encounter"].to_pylist()
    assert (marking["event"], marking["position_of"]) == ("marking", "marking-place")
    assert marking["start_utc"] == marking["end_utc"] == datetime(2016, 8, 14, 22, 40, tzinfo=UTC)
    assert (recapture["organism_id"], recapture["position_of"]) == ("SIM A1001", "finding-place")
    assert (recovery["start_utc"], recovery["end_utc"]) == (
        datetime(2020, 2, 1, tzinfo=UTC),
        datetime(2020, 3, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )
    assert (recovery["condition"], recovery["uncertainty_m"], recovery["sex"], recovery["age"]) == (
        *("unknown", 20_000.0, "u"),
        None,
    )
    assert json.loads(recovery["verbatim"])["country"] == "NI"
    assert tables["organism"].to_pylist() == [
        {
            "study_id": "Simulated example",
            "organism_id": "SIM A1001",
            "taxon": "Chelonia mydas",
            "sex": "f",
            "life_stage": None,
            "ring_id": "A1001; A1002",
        }
    ]


def test_every_field_is_in_the_template_and_in_the_data_dictionary() -> None:
    header = SAMPLES[0].decode().splitlines()[0].split(",")
    names = [field.name.replace("-", "_") for field in load_fields(FIELDS)]
    assert sorted(header) == sorted(names)
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in names)


def test_rows_that_share_a_tag_are_one_animal_and_say_so(tmp_path: Path) -> None:
    rows = [
        row(other_tags="A2", animal_id="Tica"),
        row(tag_number="A2", other_tags="A3", event="recapture"),
        row(tag_number="a 3", event="recovery"),
        row(tag_number="A3", tag_scheme="AU"),
        row(tag_number="007"),
        row(tag_number="7"),
    ]
    tables, _, findings = read_tables(READER, write_table(tmp_path, COLUMNS, rows))
    assert tables["encounter"]["organism_id"].to_pylist() == ["Tica", "Tica", "Tica", "AU A3", "CR 007", "CR 7"]
    assert findings["animal-by-tag"].n_rows == 2
    assert not findings["animal-by-tag"].refused


def test_a_tag_that_two_animals_are_said_to_bear_joins_nothing(tmp_path: Path) -> None:
    rows = [row(animal_id="Tica"), row(animal_id="Pura", event="recapture"), row(event="recovery")]
    tables, _, findings = read_tables(READER, write_table(tmp_path, COLUMNS, rows))
    assert tables["encounter"]["organism_id"].to_pylist() == ["Tica", "Pura", "CR A1"]
    assert (findings["tag-of-two-animals"].n_rows, findings["tag-of-two-animals"].place.line) == (3, 2)


def test_what_rows_of_one_animal_contradict_is_noted(tmp_path: Path) -> None:
    rows = [row(sex="f", taxon="Chelonia mydas"), row(sex="m", taxon="Caretta caretta"), row(sex="u")]
    tables, _, findings = read_tables(READER, write_table(tmp_path, COLUMNS, rows))
    (animal,) = tables["organism"].to_pylist()
    assert (animal["taxon"], animal["sex"]) == ("Caretta caretta", None)
    assert {"taxon-differs", "sex-differs"} <= set(findings)


@pytest.mark.parametrize(
    ("changes", "code", "field", "example"),
    [
        ({"tag_number": ""}, "field-missing", "tag_number", None),
        ({"event": "eaten"}, "event-unknown", "event", "eaten"),
        ({"date": "15/07/2019"}, "date-unreadable", "date", "15/07/2019"),
        ({"date": "2019-02-30"}, "date-unreadable", "date", "2019-02-30"),
        ({"date": "1019-02-03"}, "date-unreadable", "date", "1019-02-03"),
        ({"date": "2019-02-03/2018"}, "date-unreadable", "date", "2019-02-03/2018"),
        ({"date": "2027"}, "date-future", "date", "2027"),
        ({"latitude": "10°30"}, "latitude-unreadable", "latitude", "10°30"),
        ({"latitude": "95"}, "latitude-range", "latitude", "95"),
        ({"longitude": "-181"}, "longitude-range", "longitude", "-181"),
        ({"longitude": "nan"}, "longitude-unreadable", "longitude", "nan"),
        ({"longitude": "４2"}, "longitude-unreadable", "longitude", "４2"),
        ({"longitude": "451234.5"}, "projected", "longitude", "451234.5"),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(
    tmp_path: Path, changes: dict[str, str], code: str, field: str, example: str | None
) -> None:
    file = write_table(tmp_path, COLUMNS, [row(), row(), row(**changes), row()])
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept) == (4, 3)
    assert tables["encounter"]["source_row"].to_pylist() == [1, 2, 4]
    finding = findings[code]
    assert finding.refused
    assert (finding.n_rows, finding.place.line, finding.place.field, finding.example) == (1, 4, field, example)
    assert finding.hint


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"latitude": ""}, "position-missing"),
        ({"latitude": "0", "longitude": "0.0"}, "position-zero"),
        ({"longitude": "276.5"}, "longitude-wrapped"),
        ({"date": ""}, "date-missing"),
        ({"tag_scheme": ""}, "scheme-missing"),
        ({"sex": "lady"}, "sex-unreadable"),
    ],
)
def test_an_odd_row_is_kept_and_remarked_on(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    tables, account, findings = read_tables(
        READER, write_table(tmp_path, COLUMNS, [row(tag_number="B"), row(**changes)])
    )
    assert account.n_kept == 2
    assert not findings[code].refused
    assert findings[code].place.line == 3
    if code == "longitude-wrapped":
        assert tables["encounter"]["longitude"].to_pylist() == [-83.5, -83.5]


def test_remarks_count_rows_that_were_kept_only(tmp_path: Path) -> None:
    _, _, findings = read_tables(READER, write_table(tmp_path, COLUMNS, [row(), row(latitude="", event="eaten")]))
    assert set(findings) == {"event-unknown"}


def test_days_and_clocks_follow_the_zone_of_the_source(tmp_path: Path) -> None:
    stamps = ["2019-07-15", "2019-07-15 21:30", "2019-07-15T21:30:05Z", "2019-11-03 01:30", "2019-03-10 02:30"]
    file = write_table(tmp_path, COLUMNS, [row(date=stamp) for stamp in stamps])
    tables, _, findings = read_tables(READER, file, table_source(time_zone="America/New_York"))
    spans = zip(*(tables["encounter"][name].to_pylist() for name in ("start_utc", "end_utc")), strict=True)
    day, evening, given, twice = [(start.strftime("%d %H:%M:%S"), end.strftime("%d %H:%M:%S")) for start, end in spans]
    assert day == ("15 04:00:00", "16 03:59:59")
    assert evening == ("16 01:30:00", "16 01:30:00")
    assert given == ("15 21:30:05", "15 21:30:05")
    assert twice == ("03 05:30:00", "03 06:30:00")
    assert (findings["date-ambiguous"].example, findings["time-nonexistent"].refused) == ("2019-11-03 01:30", True)


def test_mapped_columns_need_a_zone_for_clocks_and_say_so_for_days(tmp_path: Path) -> None:
    columns = {"tag-number": "tag", "event": "what", "date": "when"}
    file = write_table(tmp_path, "tag,what,when", ["A1,recovered,2019-07-15"])
    _, _, findings = read_tables(READER, file, table_source(columns=columns))
    assert findings["day-of-utc"].n_rows == 1
    file = write_table(tmp_path, "tag,what,when", ["A1,recovered,2019-07-15", "A1,recovered,2019-07-15 20:00"])
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file, table_source(columns=columns))
    assert (caught.value.code, caught.value.place.line, caught.value.place.field) == ("time-zone-missing", 3, "when")


def test_projected_coordinates_are_refused_as_a_whole_and_read_with_their_crs(tmp_path: Path) -> None:
    file = write_table(tmp_path, COLUMNS, [row(longitude="500000", latitude="4500000"), row(latitude="")])
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file)
    assert (caught.value.code, caught.value.place.line, caught.value.hint) == (
        *("projected", 2),
        "Are the columns projected? Set crs in the module.",
    )
    tables, _, _ = read_tables(READER, file, table_source(crs="EPSG:32612"))
    assert tables["encounter"]["longitude"].to_pylist() == [pytest.approx(-111), None]


@pytest.mark.parametrize(
    ("settings", "code"), [({"crs": "EPSG:0"}, "crs-unknown"), ({"time_zone": "X/Y"}, "time-zone-unknown")]
)
def test_an_unknown_crs_or_zone_is_refused(tmp_path: Path, settings: dict[str, str], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_tables(READER, write_table(tmp_path, COLUMNS, [row()]), table_source(**settings))
    assert caught.value.code == code


def test_a_file_without_study_and_taxon_says_what_was_assumed(tmp_path: Path) -> None:
    source = table_source(study=None, taxon=None)
    tables, _, findings = read_tables(READER, write_table(tmp_path, COLUMNS, [row()]), source)
    assert tables["study"].to_pylist() == [{"study_id": "s", "name": "s"}]
    assert set(findings) == {"study-assumed", "taxon-missing"}


def test_lines_the_parser_rejects_leave_the_row_numbers_right(tmp_path: Path) -> None:
    file = write_table(tmp_path, COLUMNS, [row(), "a,b", row(event="eaten"), row()])
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept) == (4, 2)
    assert tables["encounter"]["source_row"].to_pylist() == [1, 4]
    assert (findings["line-rejected"].place.line, findings["event-unknown"].place.line) == (3, 4)


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    for name, content in (
        ("nest", template("nesting_sites.csv")),
        ("links", template("network_links.csv")),
        ("x", b"\0"),
    ):
        (tmp_path / name).write_bytes(content)
        assert not READER.claims(tmp_path / name)
    assert not READER.claims(tmp_path / "missing")
