"""The EURING reader: real files to the record, and what each field of a record becomes."""

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.readers.euring.records import by_code, decimal, fixed, piped, read, source, write
from wildways.model import TABLES
from wildways.readers import Reader, ReadingOptions, reader_schema
from wildways.readers.euring import Euring
from wildways.readers.fields import load_table

FORMS = pytest.mark.parametrize("form", [fixed, piped, decimal], ids=["2000", "2000+", "2020"])


@pytest.fixture(scope="module")
def shrikes(shared: Path) -> Path:
    return shared / "data/euring_shrike/RBShrike2000.TXT"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def test_it_is_a_reader() -> None:
    assert isinstance(Euring(), Reader)
    assert Euring().name == "euring"
    assert Euring().description


def test_every_shrike_is_read_and_every_ring_has_one_marking(shrikes: Path) -> None:
    encounters, account, tables = read(shrikes)
    assert (account.n_rows, account.n_kept, len(encounters)) == (2483, 2483, 2483)
    assert not any(finding.refused for finding in account.findings)
    per_ring = Counter(encounter["organism_id"] for encounter in encounters)
    assert len(per_ring) == len(tables["organism"]) == 1074
    assert min(per_ring.values()) == 2
    marked = Counter(encounter["organism_id"] for encounter in encounters if encounter["event"] == "marking")
    assert marked == dict.fromkeys(per_ring, 1)
    assert Counter(encounter["event"] for encounter in encounters) == {
        "marking": 1074,
        "recapture": 1194,
        "recovery": 144,
        "resighting": 71,
    }
    assert {encounter["taxon"] for encounter in encounters} == {"Lanius collurio"}
    assert [study["study_id"] for study in tables["study"]] == ["BLB", "DEH", "DER"]


def test_oddities_of_the_shrikes_are_counted(shrikes: Path) -> None:
    found = by_code(read(shrikes)[1])
    assert {code: finding.n_rows for code, finding in found.items()} == {
        "date-open": 6,
        "date-padded": 421,
        "position-sixty": 14,
        "sex-code": 19,
        "time-zone-open": 2477,
    }
    assert (found["date-padded"].place.line, found["date-padded"].example) == (473, "306 1991")
    assert found["position-sixty"].example == "+506000+0134200"


def test_coordinates_and_dates_of_the_shrikes_are_exact(shrikes: Path, shared: Path) -> None:
    encounters, _, _ = read(shrikes)
    with (shared / "reference/euring_shrike_exact.csv").open() as file:
        for encounter, exact in zip(encounters, csv.DictReader(file), strict=True):
            assert encounter["latitude"] == pytest.approx(float(exact["lat"]), abs=5.1e-9, rel=0)
            assert encounter["longitude"] == pytest.approx(float(exact["lon"]), abs=5.1e-9, rel=0)
            assert encounter["source_row"] == int(exact["line"])
            ring = json.loads(encounter["verbatim"])["identification_number"]
            assert (encounter["study_id"], ring) == (exact["scheme"], exact["ring"])
            day = datetime.strptime(exact["date"].replace(" ", ""), "%Y-%m-%d")  # noqa: DTZ007 - a day
            if encounter["start_utc"] and exact["date_acc"] == "0":
                middle = encounter["start_utc"] + (encounter["end_utc"] - encounter["start_utc"]) / 2
                assert abs((middle.replace(tzinfo=None) - day).total_seconds() - 11 * 3600) <= 13 * 3600


def test_lines_that_end_after_57_fields_are_records(shared: Path) -> None:
    encounters, account, _ = read(shared / "data/euring_shrike/REEWAExport_50.psv")
    assert (account.n_rows, account.n_kept) == (35, 35)
    assert {encounter["event"] for encounter in encounters} == {"marking"}
    assert {(encounter["taxon"], encounter["place"]) for encounter in encounters} == {
        ("Acrocephalus scirpaceus", "Bulgaria (Burgas)")
    }
    assert encounters[0]["organism_id"] == "BGS A074576"


def test_the_reader_claims_the_three_forms_and_no_others(tmp_path: Path, shared: Path) -> None:
    reader = Euring()
    for index, line in enumerate((fixed(), piped(), piped(57), decimal())):
        assert reader.claims(write(tmp_path, [line] * 3, name=f"{index}.txt"))
        assert reader.claims(write(tmp_path, [line], name=f"{index}.txt", end=""))
        assert reader.claims(write(tmp_path, [line] * 3, name=f"{index}.txt", end="\r"))
    (tmp_path / "rings.gz").write_bytes(gzip.compress(("\n".join([fixed()] * 2_000)).encode()))
    assert reader.claims(tmp_path / "rings.gz")
    assert reader.claims(shared / "data/euring_shrike/RBShrike2000.TXT")
    assert not reader.claims(shared / "data/euring_shrike/README.md")
    assert not reader.claims(tmp_path / "missing")
    assert not reader.claims(tmp_path)
    for content in (b"", b"\0\1\2", b"a,b\n1,2\n", b"|" * 59, b"x" * 94, b"\x1f\x8bno", fixed().lower().encode()):
        (tmp_path / "other").write_bytes(content)
        assert not reader.claims(tmp_path / "other")


@FORMS
def test_a_record_becomes_an_encounter(tmp_path: Path, form) -> None:  # type: ignore[no-untyped-def]
    (encounter,), account, tables = read(write(tmp_path, [form()]))
    assert (account.n_rows, account.n_kept) == (1, 1)
    verbatim = json.loads(encounter.pop("verbatim"))
    assert verbatim["date"] == "04062004"
    assert verbatim["species_concluded"] == "15150"
    assert encounter.pop("latitude") == pytest.approx(54.25833, abs=1e-4)
    assert encounter.pop("longitude") == pytest.approx(-0.91667, abs=1e-4)
    assert {name: value for name, value in encounter.items() if value is not None} == {
        "source_row": 1,
        "study_id": "DEH",
        "organism_id": "DEH OA97604",
        "taxon": "Lanius collurio",
        "start_utc": utc(2004, 6, 3, 20),
        "end_utc": utc(2004, 6, 4, 22, 59, 59, 999999),
        "uncertainty_m": 5000.0,
        "position_of": "marking-place",
        "place": "Germany (Dresden)",
        "mark_type": "metal ring",
        "event": "marking",
        "condition": "alive, released by a ringer",
        "circumstances": "intentionally taken, as by ringers",
        "sex": "f",
        "age": "hatched before this calendar year",
    }
    assert tables["study"] == [{"study_id": "DEH", "name": "Hiddensee, Germany"}]
    assert tables["organism"] == [
        {
            "study_id": "DEH",
            "organism_id": "DEH OA97604",
            "taxon": "Lanius collurio",
            "sex": "f",
            "life_stage": None,
            "ring_id": "OA...97604",
        }
    ]


def test_the_tables_have_the_schemas_of_the_model(tmp_path: Path) -> None:
    with Euring().read(write(tmp_path, [fixed(), "broken"]), source(), ReadingOptions()) as reading:
        for name, table in reading.tables().items():
            assert table.schema == reader_schema(TABLES[name])
            table.validate(full=True)
        assert isinstance(reading.tables()["encounter"], pa.Table)


def test_the_study_of_the_source_stands_for_the_scheme(tmp_path: Path) -> None:
    file = write(tmp_path, [fixed(), fixed(ringing_scheme="GBT")])
    encounters, _, tables = read(file, source(study="Shrikes"))
    assert [encounter["study_id"] for encounter in encounters] == ["Shrikes", "Shrikes"]
    assert [encounter["organism_id"] for encounter in encounters] == ["DEH OA97604", "GBT OA97604"]
    assert tables["study"] == [{"study_id": "Shrikes", "name": "Shrikes"}]


@pytest.mark.parametrize(
    ("number", "organism"),
    [
        ("OA...97604", "DEH OA97604"),
        (".OA..97604", "DEH OA97604"),
        ("OA97604XYZ", "DEH OA97604XYZ"),
        ("..80655695", "DEH 80655695"),
        ("11B......3", "DEH 11B3"),
        ("3....12345", "DEH 3.12345"),
        (".3...12345", "DEH 3.12345"),
        ("....312345", "DEH 312345"),
        ("A.1.2.3..4", "DEH A1.2.3.4"),
    ],
)
def test_padding_dots_are_no_part_of_a_ring_but_part_digits(tmp_path: Path, number: str, organism: str) -> None:
    (encounter,), _, _ = read(write(tmp_path, [fixed(identification_number=number)]))
    assert encounter["organism_id"] == organism


def test_a_number_on_another_mark_is_not_the_ring_with_that_number(tmp_path: Path) -> None:
    rows, _, tables = read(write(tmp_path, [fixed(), fixed(primary_identification_method="C0")]))
    assert [row["organism_id"] for row in rows] == ["DEH OA97604", "DEH C0 OA97604"]
    assert rows[1]["mark_type"] == "neck ring"
    assert len(tables["organism"]) == 2


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({"metal_ring_information": "1"}, "marking"),
        ({"metal_ring_information": "1", "condition": "-", "circumstances": "--"}, "marking"),
        ({"metal_ring_information": "1", "derived_data_elapsed_time": "-----"}, "marking"),
        ({"metal_ring_information": "1", "derived_data_elapsed_time": "00015"}, "recapture"),
        ({"metal_ring_information": "1", "condition": "2"}, "recovery"),
        ({"metal_ring_information": "4"}, "recapture"),
        ({"metal_ring_information": "5", "condition": "-", "circumstances": "--"}, "recapture"),
        ({"metal_ring_information": "4", "condition": "7"}, "recapture"),
        ({"metal_ring_information": "4", "condition": "8", "circumstances": "28"}, "resighting"),
        ({"metal_ring_information": "4", "condition": "9", "circumstances": "81"}, "resighting"),
        ({"metal_ring_information": "4", "condition": "2", "circumstances": "40"}, "recovery"),
        ({"metal_ring_information": "4", "condition": "6", "circumstances": "21"}, "recovery"),
        ({"metal_ring_information": "4", "condition": "0", "circumstances": "99"}, "recovery"),
        ({"metal_ring_information": "9", "condition": "9", "circumstances": "01"}, "recovery"),
        (
            {"primary_identification_method": "C0", "metal_ring_information": "4", "other_marks_information": "CB"},
            "marking",
        ),
        (
            {"primary_identification_method": "C0", "metal_ring_information": "2", "other_marks_information": "CC"},
            "recapture",
        ),
    ],
)
def test_events_are_told_apart_by_the_codes(tmp_path: Path, changes: dict[str, str], event: str) -> None:
    (encounter,), _, _ = read(write(tmp_path, [fixed(**changes)]))
    assert encounter["event"] == event
    assert encounter["position_of"] == ("marking-place" if event == "marking" else "finding-place")


@pytest.mark.parametrize(
    ("accuracy", "start", "end"),
    [
        ("0", utc(2004, 6, 4), utc(2004, 6, 5)),
        ("1", utc(2004, 6, 3), utc(2004, 6, 6)),
        ("2", utc(2004, 6, 1), utc(2004, 6, 8)),
        ("3", utc(2004, 5, 28), utc(2004, 6, 12)),
        ("4", utc(2004, 5, 21), utc(2004, 6, 19)),
        ("5", utc(2004, 4, 23), utc(2004, 7, 17)),
        ("6", utc(2004, 3, 4), utc(2004, 9, 5)),
        ("7", utc(2003, 12, 3), utc(2004, 12, 6)),
    ],
)
def test_dates_are_intervals_as_wide_as_their_accuracy(
    tmp_path: Path, accuracy: str, start: datetime, end: datetime
) -> None:
    file = write(tmp_path, [fixed(accuracy_of_date=accuracy, time="----")])
    (encounter,), _, _ = read(file, source(time_zone="UTC"))
    assert encounter["start_utc"] == start
    assert (end - encounter["end_utc"]).total_seconds() == pytest.approx(1e-6)


@pytest.mark.parametrize(
    ("time", "accuracy", "first", "last"),
    [
        ("1030", "0", (8, 30), (8, 30)),
        ("10--", "0", (8, 0), (8, 59)),
        ("10  ", "0", (8, 0), (8, 59)),
        ("----", "0", (22, 0), (21, 59)),
        ("1030", "1", (22, 0), (21, 59)),
        ("2560", "0", (22, 0), (21, 59)),
    ],
)
def test_with_a_time_zone_the_time_of_a_certain_day_is_an_hour_or_a_minute(
    tmp_path: Path, time: str, accuracy: str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    file = write(tmp_path, [fixed(time=time, accuracy_of_date=accuracy)])
    (encounter,), account, _ = read(file, source(time_zone="Europe/Berlin"))
    assert (encounter["start_utc"].hour, encounter["start_utc"].minute) == first
    assert (encounter["end_utc"].hour, encounter["end_utc"].minute) == last
    assert "time-zone-open" not in by_code(account)
    assert ("time-unreadable" in by_code(account)) == (time == "2560")


@pytest.mark.parametrize("accuracy", ["8", "9", "-", "X"])
def test_a_date_that_nothing_bounds_is_no_time(tmp_path: Path, accuracy: str) -> None:
    (encounter,), account, _ = read(write(tmp_path, [fixed(accuracy_of_date=accuracy)]))
    assert (encounter["start_utc"], encounter["end_utc"]) == (None, None)
    assert json.loads(encounter["verbatim"])["date"] == "04062004"
    assert by_code(account)["date-open"].example == (accuracy if accuracy != "-" else "-")


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("+003000+0001500", 0.5, 0.25),
        ("-003000-0001500", -0.5, -0.25),
        ("-000030-0000030", -30 / 3600, -30 / 3600),
        ("+511800-0004200", 51.3, -0.7),
        ("-900000+1800000", -90, 180),
        ("+506000+0134200", 51, 13.7),
        ("+515960+0135960", 52, 14),
    ],
)
def test_the_sign_character_is_the_sign(tmp_path: Path, text: str, latitude: float, longitude: float) -> None:
    for line in (fixed(geographical_coordinates=text), piped(geographical_coordinates=text)):
        (encounter,), account, _ = read(write(tmp_path, [line]))
        assert (encounter["latitude"], encounter["longitude"]) == (latitude, longitude)
        assert ("position-sixty" in by_code(account)) == ("60" in text[3:7])


@pytest.mark.parametrize(
    ("code", "radius"),
    [(row["code"], row["value"]) for row in load_table("euring/accuracies.csv") if "coord" in row["field"]],
)
def test_accuracies_are_radii_and_a_region_is_no_point(tmp_path: Path, code: str, radius: str) -> None:
    for line in (fixed(accuracy_of_coordinates=code), decimal(accuracy_of_coordinates=code)):
        (encounter,), account, _ = read(write(tmp_path, [line]))
        assert encounter["uncertainty_m"] == (float(radius) if radius else None)
        assert (encounter["latitude"] is None) == (encounter["longitude"] is None) == (not radius)
        assert encounter["place"] == "Germany (Dresden)"
        assert ("position-region" in by_code(account)) == (code in "9Z")


def test_records_born_in_the_code_of_1966_are_no_finer_than_a_tenth_of_a_degree(tmp_path: Path) -> None:
    lines = [fixed(euring_code_identifier=code, accuracy_of_coordinates="0") for code in "0124"]
    assert [row["uncertainty_m"] for row in read(write(tmp_path, lines))[0]] == [7_900, 7_900, 1_000, 1_000]
    wide = fixed(euring_code_identifier="0", accuracy_of_coordinates="5")
    assert read(write(tmp_path, [wide]))[0][0]["uncertainty_m"] == 100_000


def test_decimal_coordinates_win_and_keep_their_text(tmp_path: Path) -> None:
    line = decimal("-0.4000", "0.7", geographical_coordinates="+541530-0005500", current_place_code='D"SD')
    (encounter,), account, _ = read(write(tmp_path, [line]))
    assert (encounter["latitude"], encounter["longitude"]) == (-0.4, 0.7)
    verbatim = json.loads(encounter["verbatim"])
    assert (verbatim["latitude"], verbatim["longitude"], verbatim["current_place_code"]) == ("-0.4000", "0.7", 'D"SD')
    assert by_code(account)["position-twice"].example == "+541530-0005500"


def test_unknown_differs_from_not_given_and_from_a_strange_code(tmp_path: Path) -> None:
    lines = [
        fixed(condition="0", circumstances="99", age_concluded="0", sex_concluded="U"),
        fixed(
            condition="-",
            circumstances="--",
            age_concluded="-",
            age_mentioned="-",
            sex_concluded=" ",
            sex_mentioned="-",
        ),
        fixed(
            condition="X",
            circumstances="98",
            age_concluded="+",
            age_mentioned="-",
            sex_concluded="3",
            sex_mentioned="M",
        ),
    ]
    rows, account, _ = read(write(tmp_path, lines))
    named = [[row[name] for name in ("condition", "circumstances", "age", "sex")] for row in rows]
    assert named == [["unknown", "unknown", "unknown", "u"], [None, None, None, None], [None, None, None, "m"]]
    found = by_code(account)
    for code, example in (("condition-code", "X"), ("circumstances-code", "98"), ("age-code", "+"), ("sex-code", "3")):
        assert (found[code].n_rows, found[code].place.line, found[code].example) == (1, 3, example)


@pytest.mark.parametrize(
    ("concluded", "mentioned", "taxon"),
    [
        ("15150", "00000", "Lanius collurio"),
        ("00000", "15150", "Lanius collurio"),
        ("-----", "15150", "Lanius collurio"),
        ("00000", "00000", None),
        ("99998", "15150", "99998"),
    ],
)
def test_the_species_concluded_goes_before_the_one_mentioned(
    tmp_path: Path, concluded: str, mentioned: str, taxon: str | None
) -> None:
    file = write(tmp_path, [fixed(species_concluded=concluded, species_mentioned=mentioned)])
    (encounter,), account, _ = read(file)
    assert encounter["taxon"] == taxon
    assert ("taxon-missing" in by_code(account)) == (taxon is None)
    assert ("species-code" in by_code(account)) == (taxon == "99998")
    assert read(file, source(taxon="Lanius"))[0][0]["taxon"] == (taxon or "Lanius")


def test_places_have_the_name_given_else_that_of_the_code_else_the_code(tmp_path: Path) -> None:
    lines = [
        piped(place_name="Málaga, finca"),
        piped(place_name="  "),
        fixed(place_code="QQ99"),
        fixed(place_code="----"),
    ]
    rows, account, _ = read(write(tmp_path, lines))
    assert [row["place"] for row in rows] == ["Málaga, finca", "Germany (Dresden)", "QQ99", None]
    assert (by_code(account)["text-latin-1"].n_rows, by_code(account)["text-latin-1"].example) == (1, "Málaga, finca")


def test_an_animal_has_the_sex_its_records_agree_on(tmp_path: Path) -> None:
    sexes = {"A": "UF", "B": "FM", "C": "UU", "D": "--"}
    lines = [
        fixed(identification_number=f"{ring}........1", sex_concluded=sex, sex_mentioned="-")
        for ring, given in sexes.items()
        for sex in given
    ]
    tables = read(write(tmp_path, lines))[2]
    assert [(row["ring_id"][0], row["sex"]) for row in tables["organism"]] == [
        ("A", "f"),
        ("B", "u"),
        ("C", "u"),
        ("D", None),
    ]
