"""Features read back from the files of a release."""

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box

from tests.release.samples import corridor_frame, route_frame
from wildways.model import Corrupt
from wildways.release.features import (
    Features,
    flat_columns,
    order_features,
    read_features,
    write_geopackage,
    write_geoparquet,
)

STEM = "ungulates.sagebrush"
ABOUT = {"title": "T", "method": "M", "licence": "CC-BY-4.0", "citation": "C"}


@pytest.fixture
def parquet(written_release: Path) -> Path:
    return written_release / "data" / f"{STEM}.corridors.parquet"


@pytest.fixture
def geopackage(written_release: Path) -> Path:
    return written_release / "data" / f"{STEM}.corridors.gpkg"


def test_geoparquet_is_read_back_by_geopandas(parquet: Path) -> None:
    frame = gpd.read_parquet(parquet)
    assert frame.crs.to_epsg() == 4326
    assert list(frame.columns) == ["n_animals", "class", "geometry"]
    original = corridor_frame().set_index("class").geometry
    for _, row in frame.iterrows():
        assert row.geometry.equals(original[row["class"]])


def test_geoparquet_says_version_covering_and_extent(parquet: Path) -> None:
    metadata = pq.read_schema(parquet).metadata
    geo = json.loads(metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert column["geometry_types"] == ["Polygon"]
    assert column["bbox"] == [-110.0, 41.0, -109.0, 42.0]
    assert metadata[b"licence"] == b"CC-BY-4.0"
    assert b"Brownian" in metadata[b"method"]


def test_the_covering_prunes_rows_outside_a_window(parquet: Path) -> None:
    assert len(gpd.read_parquet(parquet, bbox=(-109.95, 41.0, -109.9, 41.1))) == 1
    assert len(gpd.read_parquet(parquet, bbox=(-109.55, 41.45, -109.45, 41.55))) == 3


def test_geoparquet_is_compressed_with_zstd_and_has_microseconds(written_release: Path) -> None:
    file = pq.ParquetFile(written_release / "data" / f"{STEM}.routes.parquet")
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    assert file.schema_arrow.field("start_utc").type == pa.timestamp("us", tz="UTC")


def test_polygons_are_counter_clockwise(parquet: Path) -> None:
    assert all(polygon.exterior.is_ccw for polygon in gpd.read_parquet(parquet).geometry)


def test_geopackage_is_read_back_with_the_same_rows_in_the_same_order(parquet: Path, geopackage: Path) -> None:
    frame, expected = pyogrio.read_dataframe(geopackage, fid_as_index=True), gpd.read_parquet(parquet)
    assert frame.crs.to_epsg() == 4326
    assert frame.index.tolist() == [1, 2, 3]
    assert frame["class"].tolist() == expected["class"].tolist()
    assert list(frame.columns) == ["n_animals", "class", "geometry"]


def test_geopackage_tells_its_method_licence_and_citation(geopackage: Path) -> None:
    info = pyogrio.read_info(geopackage, layer="corridors")
    assert info["layer_metadata"]["licence"] == "CC-BY-4.0"
    with sqlite3.connect(geopackage) as database:
        ((identifier, description, changed),) = database.execute(
            "SELECT identifier, description, last_change FROM gpkg_contents"
        )
    database.close()
    assert "Brownian bridges" in description
    assert "Collars of the Sagebrush herd" in description
    assert identifier.startswith("Corridors")
    assert changed.startswith("1970")


def test_times_in_a_geopackage_have_milliseconds_for_old_readers(written_release: Path) -> None:
    with sqlite3.connect(written_release / "data" / f"{STEM}.routes.gpkg") as database:
        rows = database.execute("SELECT start_utc FROM routes").fetchall()
    database.close()
    assert all(value.endswith(".000Z") for (value,) in rows)


def test_lists_become_json_text_where_a_format_has_none() -> None:
    table = pa.table(
        {"years": [[2009, 2010], None], "kind": pa.array(["a", "b"]).dictionary_encode(), "no": [None] * 2}
    )
    flat = flat_columns(table)
    assert flat["years"].to_pylist() == ["[2009, 2010]", None]
    assert flat.schema.types == [pa.string(), pa.string(), pa.string()]


def test_single_and_multiple_polygons_share_a_layer(tmp_path: Path) -> None:
    geometry = np.array([box(0, 0, 1, 1), MultiPolygon([box(2, 2, 3, 3)])], dtype=object)
    write_geopackage(order_features(pa.table({"n": [1, 2]}), geometry), tmp_path / "x.gpkg", "x", ABOUT)
    assert pyogrio.read_info(tmp_path / "x.gpkg")["geometry_type"] == "MultiPolygon"


def test_a_layer_of_several_kinds_of_geometry_is_allowed(tmp_path: Path) -> None:
    geometry = np.array([Point(0, 0), LineString([(0, 0), (1, 1)])], dtype=object)
    write_geopackage(order_features(pa.table({"n": [1, 2]}), geometry), tmp_path / "x.gpkg", "x", ABOUT)
    assert set(pyogrio.read_dataframe(tmp_path / "x.gpkg").geom_type) == {"Point", "LineString"}


def test_neighbours_on_the_map_are_neighbours_in_the_file() -> None:
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(16.0), np.arange(16.0)))
    features = order_features(pa.table({"n": np.arange(256)}), shapely.points(x, y))
    steps = shapely.distance(features.geometry[1:], features.geometry[:-1])
    assert steps.mean() < 1.5


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=20))
@settings(max_examples=25, deadline=None)
def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[float, float]]
) -> None:
    file = tmp_path_factory.mktemp("law") / "points.parquet"
    geometry = np.array([Point(point) for point in points], dtype=object)
    written = order_features(pa.table({"n": pa.array(range(len(points)), pa.int64())}), geometry)
    write_geoparquet(written, file, ABOUT)
    back = read_features(file, ["n"])
    assert back.table.equals(written.table)
    assert shapely.equals_exact(back.geometry, written.geometry, 0).all()


def test_features_in_another_crs_are_refused(tmp_path: Path) -> None:
    route_frame().to_crs(32612).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(Corrupt, match="WGS 84"):
        read_features(tmp_path / "x.parquet", ["season"])


def test_features_without_geometry_metadata_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1]}), tmp_path / "x.parquet")
    with pytest.raises(Corrupt):
        read_features(tmp_path / "x.parquet", ["n"])


def test_an_empty_layer_has_no_box() -> None:
    assert Features(pa.table({"n": pa.array([], pa.int64())}), np.array([], dtype=object)).box is None
