"""EURING records against the package ``euring``, field by field, and through the forms and back."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from euring.codes import (
    LOOKUP_ACCURACY_OF_COORDINATES,
    LOOKUP_ACCURACY_OF_DATE,
    LOOKUP_AGE,
    LOOKUP_CIRCUMSTANCES,
    LOOKUP_CONDITION,
    LOOKUP_PRIMARY_IDENTIFICATION_METHOD,
    LOOKUP_SEX,
    lookup_date,
    lookup_place_code,
    lookup_ring_number,
    lookup_ringing_scheme,
    lookup_species,
    parse_geographical_coordinates,
)
from euring.exceptions import EuringParseException
from euring.fields import EURING_FIELDS
from euring.record import EuringRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.euring.records import decimal, fixed, piped, read, source, write
from wildways.readers.euring.fields import fixed_fields, load_euring_fields
from wildways.readers.euring.layout import Records, lay_out
from wildways.readers.fields import load_table

WORDED = {
    "primary_identification_method": LOOKUP_PRIMARY_IDENTIFICATION_METHOD,
    "sex": LOOKUP_SEX,
    "age": LOOKUP_AGE,
    "condition": LOOKUP_CONDITION,
    "circumstances": LOOKUP_CIRCUMSTANCES,
}


def test_fields_are_those_of_the_package_in_order_and_width() -> None:
    ours = list(load_euring_fields().values())
    assert [field.name for field in ours] == [field["key"] for field in EURING_FIELDS]
    for field, theirs in zip(ours[:33], EURING_FIELDS, strict=False):
        assert field.width == theirs.get("length", theirs.get("max_length"))
    assert ours[32].span == slice(89, 94)


@pytest.mark.parametrize("field", WORDED)
def test_every_code_of_the_package_has_words_and_no_other(field: str) -> None:
    rows = [row for row in load_table("euring/codes.csv") if row["field"] == field]
    assert {row["code"] for row in rows} == set(WORDED[field])
    assert len(rows) == len({row["code"] for row in rows})
    assert all(row["words"] for row in rows)


def test_every_accuracy_of_the_package_is_known_but_the_reserved_one() -> None:
    rows = load_table("euring/accuracies.csv")
    known = {(row["field"], row["code"]) for row in rows}
    assert known == {("accuracy_of_coordinates", code) for code in LOOKUP_ACCURACY_OF_COORDINATES if code != "8"} | {
        ("accuracy_of_date", code) for code in LOOKUP_ACCURACY_OF_DATE
    }
    for row in rows:
        if row["field"] == "accuracy_of_coordinates" and row["value"]:
            metres = float(row["value"])
            text = f"{metres / 1000:,.0f} km" if metres >= 1000 else f"{metres:.0f} m"
            assert f"radius {text}" in LOOKUP_ACCURACY_OF_COORDINATES[row["code"]]


def _fields(records: Records, row: int) -> dict[str, str]:
    return {field.name: bytes(records.field(field.name)[row]).decode() for field in fixed_fields()}


@pytest.mark.parametrize("name", ["RBShrike2000.TXT", "REEWAExport_50.psv"])
def test_real_records_have_the_fields_and_meanings_that_the_package_finds(shared: Path, name: str) -> None:
    file = shared / "data/euring_shrike" / name
    encounters, _, _ = read(file)
    content = file.read_bytes()
    lines, records = content.decode().splitlines(), lay_out(content)
    assert len(lines) == len(records) == len(encounters)
    for row, (line, encounter) in enumerate(zip(lines, encounters, strict=True)):
        theirs = {key: field["value"] for key, field in EuringRecord.decode(line).fields.items()}
        ours = _fields(records, row)
        assert {key: value.rstrip() for key, value in ours.items()} == {key: theirs[key].rstrip() for key in ours}
        _compare(theirs, encounter)


def _looked_up(lookup: Any, value: str) -> Any:
    try:
        return lookup(value) if callable(lookup) else lookup.get(value)
    except EuringParseException:
        return None


def _compare(theirs: Mapping[str, str], encounter: Mapping[str, Any]) -> None:
    """What the package makes of a record against an encounter; where it fails, ours may know more."""
    number = _looked_up(lookup_ring_number, theirs["identification_number"])
    assert encounter["organism_id"].replace(".", "").endswith(number)
    species, place = theirs["species_concluded"], theirs["place_code"]
    if species != "00000":
        assert encounter["taxon"] == (_looked_up(lookup_species, species) or species)
    assert encounter["place"] == (_looked_up(lookup_place_code, place) or place.strip("-") or None)
    for name in ("condition", "circumstances"):
        assert (encounter[name] is None) == (_looked_up(WORDED[name], theirs[name]) is None)
    if (sex := _looked_up(LOOKUP_SEX, theirs["sex_concluded"])) is not None:
        assert encounter["sex"] == sex[0].lower()
    if (day := _looked_up(lookup_date, theirs["date"])) and encounter["start_utc"]:
        assert encounter["start_utc"].date() <= day <= encounter["end_utc"].date()
    point = _looked_up(parse_geographical_coordinates, theirs["geographical_coordinates"])
    if point and theirs["accuracy_of_coordinates"] not in "9Z":
        assert abs(encounter["latitude"]) == pytest.approx(abs(point["lat"]), abs=1e-12)
        assert abs(encounter["longitude"]) == pytest.approx(abs(point["lng"]), abs=1e-12)
        if abs(point["lng"]) >= 1:
            assert np.sign(encounter["longitude"]) == np.sign(point["lng"])


def _digits(least: int, most: int, width: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda number: f"{number:0{width}d}")


def _coordinate(degrees: int, width: int) -> st.SearchStrategy[str]:
    parts = (st.sampled_from("+-"), _digits(0, degrees - 1, width), _digits(0, 59, 2), _digits(0, 59, 2))
    return st.tuples(*parts).map("".join)


CHANGES = st.fixed_dictionaries(
    {
        "ringing_scheme": st.sampled_from(["DEH", "GBT", "ESA", "FRP"]),
        "identification_number": st.tuples(st.sampled_from(["A", "OA", "11B", ""]), _digits(1, 99_999, 1)).map(
            lambda parts: parts[0] + parts[1].rjust(10 - len(parts[0]), ".")
        ),
        "species_concluded": st.sampled_from(["15150", "12510", "00020", "99998"]),
        "sex_concluded": st.sampled_from("UMF"),
        "age_concluded": st.sampled_from(sorted(LOOKUP_AGE)),
        "date": st.dates(date(1900, 1, 1), date(2025, 12, 31)).map(lambda day: f"{day:%d%m%Y}"),
        "accuracy_of_date": st.sampled_from(sorted(LOOKUP_ACCURACY_OF_DATE)),
        "time": st.one_of(
            st.just("----"),
            _digits(0, 23, 2).map(lambda hour: f"{hour}--"),
            st.tuples(_digits(0, 23, 2), _digits(0, 59, 2)).map("".join),
        ),
        "place_code": st.sampled_from(["DESD", "BL20", "GR--", "QQ99"]),
        "geographical_coordinates": st.tuples(_coordinate(90, 2), _coordinate(180, 3)).map("".join),
        "accuracy_of_coordinates": st.sampled_from("012345679"),
        "condition": st.sampled_from(sorted(LOOKUP_CONDITION)),
        "circumstances": st.sampled_from(sorted(LOOKUP_CIRCUMSTANCES)),
        "metal_ring_information": st.sampled_from("012345679"),
        "derived_data_elapsed_time": st.one_of(st.just("-----"), _digits(0, 9999, 5)),
    }
)


def _encounter(line: str, **options: object) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        (encounter,), _, _ = read(write(Path(folder), [line]), source(**options))
    return encounter


@settings(max_examples=60, deadline=None)
@given(CHANGES)
def test_generated_records_mean_what_the_package_says(changes: dict[str, str]) -> None:
    encounter = _encounter(fixed(**changes))
    theirs = {key: field["value"] for key, field in EuringRecord.decode(fixed(**changes)).fields.items()}
    _compare(theirs, encounter)
    verbatim = json.loads(encounter["verbatim"])
    assert verbatim == {name: theirs[name] for name in verbatim}
    assert verbatim.keys() >= changes.keys() - {"ringing_scheme"}


@settings(max_examples=40, deadline=None)
@given(CHANGES)
def test_a_record_means_the_same_in_every_form(changes: dict[str, str]) -> None:
    assert _encounter(fixed(**changes)) == _encounter(piped(60, **changes)) == _encounter(piped(64, **changes))


@settings(max_examples=40, deadline=None)
@given(CHANGES, st.integers(-900_000, 900_000), st.integers(-1_800_000, 1_800_000))
def test_decimal_coordinates_come_back_to_the_last_digit(changes: dict[str, str], north: int, east: int) -> None:
    changes = changes | {"geographical_coordinates": "." * 15, "accuracy_of_coordinates": "A"}
    encounter = _encounter(decimal(f"{north / 10_000:.4f}", f"{east / 10_000:.4f}", **changes))
    assert (encounter["latitude"], encounter["longitude"]) == (north / 10_000, east / 10_000)


@settings(max_examples=80, deadline=None)
@given(st.integers(-90 * 3600, 90 * 3600), st.integers(-180 * 3600, 180 * 3600))
def test_seconds_come_back_from_sexagesimal_coordinates(north: int, east: int) -> None:
    text = _sexagesimal(north, 2) + _sexagesimal(east, 3)
    encounter = _encounter(fixed(geographical_coordinates=text))
    assert (encounter["latitude"], encounter["longitude"]) == (north / 3600, east / 3600)


def _sexagesimal(seconds: int, width: int) -> str:
    size = abs(seconds)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{size // 3600:0{width}d}{size // 60 % 60:02d}{size % 60:02d}"


@settings(max_examples=40, deadline=None)
@given(CHANGES)
def test_a_time_zone_only_narrows_the_interval(changes: dict[str, str]) -> None:
    wide, narrow = (_encounter(fixed(**changes), **zone) for zone in ({}, {"time_zone": "Europe/Berlin"}))
    if wide["start_utc"] is not None:
        assert wide["start_utc"] < narrow["start_utc"] <= narrow["end_utc"] < wide["end_utc"]
    else:
        assert narrow["start_utc"] is None


def test_the_defects_of_the_package_are_not_ours() -> None:
    assert parse_geographical_coordinates("-003000-0001500") == {"lat": 0.5, "lng": 0.25}
    encounter = _encounter(fixed(geographical_coordinates="-003000-0001500"))
    assert (encounter["latitude"], encounter["longitude"]) == (-0.5, -0.25)
    errors = EuringRecord.decode(decimal("51.5000", "-0.1000")).errors["fields"]
    assert [error["key"] for error in errors] == ["longitude"]
    assert _encounter(decimal("51.5000", "-0.1000"))["longitude"] == -0.1


def test_schemes_are_named_as_in_the_package(tmp_path: Path) -> None:
    lines = [fixed(ringing_scheme=scheme) for scheme in ("DEH", "GBT", "BLB")]
    for study in read(write(tmp_path, lines))[2]["study"]:
        assert study["name"] == " ".join(lookup_ringing_scheme(study["study_id"]).split())
