"""GeoJSON: collections and sequences, numbers as written, and what is no GeoJSON."""

import json
from pathlib import Path

import pytest

from tests.readers.files import by_code, source
from tests.readers.tracks.files import MAPPED, read_with, write_text
from wildways.model import BadInput, LimitReached
from wildways.readers.tracks import GeoJson
from wildways.readers.tracks import geojson as geojson_module


def feature(x: object = 7.5, y: object = 48.25, **properties: object) -> dict[str, object]:
    """A feature of a point."""
    given = {"when": "2020-05-01T10:00:00Z", "animal": "a", **properties}
    return {"type": "Feature", "properties": given, "geometry": {"type": "Point", "coordinates": [x, y, 3]}}


def collection(folder: Path, *features: object, **members: object) -> Path:
    """A collection, one feature a line."""
    head = "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in members.items())
    body = ",\n".join(json.dumps(each) for each in features)
    return write_text(folder, "deer.geojson", f'{{{head}"type": "FeatureCollection",\n"features": [\n{body}\n]}}\n')


def test_ids_and_coordinates_are_kept_as_written(tmp_path: Path) -> None:
    features = [feature(animal=20432407608), feature(animal="0051"), feature(animal=True)]
    fixes, _, _ = read_with(GeoJson(), collection(tmp_path, *features), source(columns=MAPPED))
    assert fixes["organism_id"].to_pylist() == ["20432407608", "0051", "true"]
    assert fixes["longitude"][0].as_py() == 7.5


def test_findings_are_placed_on_the_lines_of_their_features(tmp_path: Path) -> None:
    file = collection(tmp_path, feature(), feature(y=95), 5, feature(x=None))
    _, account, _ = read_with(GeoJson(), file, source(columns=MAPPED))
    found = by_code(account)
    assert (account.n_rows, account.n_kept) == (4, 1)
    assert found["latitude-range"].place.line == 4
    assert found["not-a-feature"].place.line == 5
    assert found["no-position"].place.line == 6


@pytest.mark.parametrize("separator", ["\n", "\n\x1e", "\r\n", ""])
def test_sequences_of_features_are_read(tmp_path: Path, separator: str) -> None:
    file = write_text(tmp_path, "deer.jsonl", separator.join(json.dumps(feature()) for _ in range(5)))
    assert GeoJson().claims(file)
    assert read_with(GeoJson(), file, source(columns=MAPPED))[1].n_kept == 5


def test_the_crs_member_of_2008_is_honoured(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32612"}}
    file = collection(tmp_path, feature(500_000, 4_649_776), crs=crs)
    fixes, _, _ = read_with(GeoJson(), file, source(columns=MAPPED))
    assert (round(fixes["longitude"][0].as_py(), 6), round(fixes["latitude"][0].as_py(), 2)) == (-111, 42)
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    fixes, _, _ = read_with(GeoJson(), collection(tmp_path, feature(), crs=named), source(columns=MAPPED))
    assert fixes["longitude"][0].as_py() == 7.5


def test_properties_may_differ_between_features(tmp_path: Path) -> None:
    bare = {"type": "Feature", "properties": None, "geometry": feature()["geometry"]}
    _, account, _ = read_with(GeoJson(), collection(tmp_path, feature(), bare), source(columns=MAPPED))
    assert by_code(account)["time-missing"].n_rows == 1


def test_text_with_half_a_surrogate_pair_is_read(tmp_path: Path) -> None:
    file = collection(tmp_path, feature(animal="\ud83e"), feature(animal="🦌"))
    fixes, _, _ = read_with(GeoJson(), file, source(columns=MAPPED))
    assert fixes["organism_id"].to_pylist() == ["?", "🦌"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("[1, 2]", "json-malformed"),
        ("{", "json-malformed"),
        ('{"type": "FeatureCollection"}', "json-malformed"),
        ('{"type": "FeatureCollection", "features": [1 2]}', "json-malformed"),
        ('{"type": "FeatureCollection", "features": [', "json-malformed"),
        ('{"type": "FeatureCollection", "features": [' + "[" * 100_000, "json-malformed"),
        ('{"type" "x"}', "json-malformed"),
        ('{"type": "Feature", "crs": {}, "features": []}', "crs-unknown"),
        ("\ufeff", "json-malformed"),
    ],
)
def test_what_is_no_geojson_is_refused(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_with(GeoJson(), write_text(tmp_path, "deer.geojson", content), source(columns=MAPPED))
    assert caught.value.code == code


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    file = write_text(tmp_path, "deer.geojson", '{"type": "Gämse"}', "latin-1")
    with pytest.raises(BadInput) as caught:
        read_with(GeoJson(), file, source(columns=MAPPED))
    assert caught.value.code == "encoding"


def test_a_single_value_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson_module, "MAX_VALUE", 100_000)
    file = collection(tmp_path, feature(), name="x" * 3_000_000)
    with pytest.raises(LimitReached) as caught:
        read_with(GeoJson(), file, source(columns=MAPPED))
    assert caught.value.code == "json-length"


def test_a_crs_after_many_features_is_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson_module, "N_LOOKED_AT", 1)
    crs = '"crs": {"type": "name", "properties": {"name": "EPSG:32612"}}'
    text = f'{{"features": [{json.dumps(feature())}, {json.dumps(feature())}], {crs}}}'
    with pytest.raises(BadInput) as caught:
        read_with(GeoJson(), write_text(tmp_path, "deer.geojson", text), source(columns=MAPPED))
    assert caught.value.code == "crs-late"
