"""Layers of points in any format: the same points give the same fixes, in the CRS of the file."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from tests.readers.files import by_code, source
from tests.readers.tracks.files import MAPPED, read_with
from wildways.model import BadInput, LimitReached
from wildways.readers import Reader
from wildways.readers.tracks import FlatGeobuf, GeoJson, GeoPackage, GeoParquet, Shapefile

READERS: dict[str, Reader] = {
    ".geojson": GeoJson(),
    ".geojsonl": GeoJson(),
    ".gpkg": GeoPackage(),
    ".parquet": GeoParquet(),
    ".fgb": FlatGeobuf(),
    ".shp": Shapefile(),
    ".zip": Shapefile(),
}
EVERY = pytest.mark.parametrize("suffix", list(READERS))
WITH_CRS = pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".shp", ".zip"])


def points(n_rows: int = 6, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    """Points of two animals, two hours apart."""
    rows = np.arange(n_rows)
    when = pd.Timestamp("2020-05-01T10:00:00Z") + pd.to_timedelta(rows * 2, "h")
    columns = {"when": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "animal": np.where(rows < n_rows // 2, "a", "0051")}
    layer = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(-110 + rows / 10, 42 + rows / 10), crs="EPSG:4326")
    return layer if crs == "EPSG:4326" else layer.to_crs(crs) if crs else layer.set_crs(None, allow_override=True)


def write_layer(layer: gpd.GeoDataFrame, folder: Path, suffix: str, name: str = "deer") -> Path:
    """A layer in the format of a suffix."""
    file = folder / f"{name}{suffix}"
    if suffix == ".parquet":
        layer.to_parquet(file)
    elif suffix == ".zip":
        folder.joinpath("parts").mkdir()
        layer.to_file(folder / "parts/loose.shp")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(folder.glob("parts/*")):
                archive.write(part, f"folder/{part.name}")
    else:
        options = {"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}
        layer.to_file(file, **options)
    return file


@EVERY
def test_every_format_gives_the_same_fixes(tmp_path: Path, suffix: str) -> None:
    layer = points()
    file = write_layer(layer, tmp_path, suffix)
    fixes, account, tables = read_with(READERS[suffix], file, source(columns=MAPPED, taxon="Cervus elaphus"))
    assert (account.n_rows, account.n_kept) == (6, 6)
    assert set(by_code(account)) == {"study-assumed"}
    assert fixes["source_row"].to_pylist() == [1, 2, 3, 4, 5, 6]
    assert fixes["organism_id"].to_pylist() == ["a"] * 3 + ["0051"] * 3
    assert fixes["time_utc"].to_pylist() == pd.to_datetime(layer["when"]).to_list()
    np.testing.assert_allclose(fixes["longitude"].to_numpy(), layer.geometry.x, atol=1e-7)
    np.testing.assert_allclose(fixes["latitude"].to_numpy(), layer.geometry.y, atol=1e-7)
    assert tables["organism"]["organism_id"].to_pylist() == ["0051", "a"]


@EVERY
def test_each_file_is_claimed_by_its_reader_alone_and_lines_by_none(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(), tmp_path, suffix)
    assert {reader.name for reader in READERS.values() if reader.claims(file)} == {READERS[suffix].name}
    (tmp_path / "more").mkdir()
    line = gpd.GeoDataFrame({"animal": ["a"]}, geometry=[LineString([(0, 0), (1, 1)])], crs="EPSG:4326")
    assert not READERS[suffix].claims(write_layer(line, tmp_path / "more", suffix))


@WITH_CRS
def test_positions_are_transformed_from_the_crs_of_the_file(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(crs="EPSG:32612"), tmp_path, suffix)
    fixes, _, _ = read_with(READERS[suffix], file, source(columns=MAPPED))
    np.testing.assert_allclose(fixes["longitude"].to_numpy(), points().geometry.x, atol=1e-7)
    np.testing.assert_allclose(fixes["latitude"].to_numpy(), points().geometry.y, atol=1e-7)


def test_many_positions_are_transformed_alike_whatever_the_threads(tmp_path: Path) -> None:
    layer = points(10, crs="EPSG:32612")
    file = write_layer(layer.loc[layer.index.repeat(30_000)], tmp_path, ".parquet")
    one, two = (read_with(GeoParquet(), file, source(columns=MAPPED), threads=threads)[0] for threads in (1, 2))
    assert one.equals(two)


@WITH_CRS
def test_a_source_may_not_contradict_the_crs_of_the_file(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(crs="EPSG:32612"), tmp_path, suffix)
    with pytest.raises(BadInput) as caught:
        read_with(READERS[suffix], file, source(columns=MAPPED, crs="EPSG:32613"))
    assert caught.value.code == "crs-conflict"
    assert read_with(READERS[suffix], file, source(columns=MAPPED, crs="EPSG:32612"))[1].n_kept == 6


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".shp"])
def test_projected_coordinates_without_any_crs_are_refused_and_read_with_that_of_the_source(
    tmp_path: Path, suffix: str
) -> None:
    layer = points(crs="EPSG:32612").set_crs(None, allow_override=True)
    file = write_layer(layer, tmp_path, suffix)
    with pytest.raises(BadInput) as caught:
        read_with(READERS[suffix], file, source(columns=MAPPED))
    assert (caught.value.code, caught.value.place.line) == ("projected", 2)
    fixes, _, _ = read_with(READERS[suffix], file, source(columns=MAPPED, crs="EPSG:32612"))
    np.testing.assert_allclose(fixes["latitude"].to_numpy(), points().geometry.y, atol=1e-7)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".shp"])
def test_degrees_without_any_crs_are_an_assumption_that_is_told(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(crs=None), tmp_path, suffix)
    finding = by_code(read_with(READERS[suffix], file, source(columns=MAPPED))[1])["crs-assumed"]
    assert (finding.n_rows, finding.refused) == (6, False)


@EVERY
def test_columns_that_are_missing_are_named_with_the_remedy(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(), tmp_path, suffix)
    with pytest.raises(BadInput) as caught:
        read_with(READERS[suffix], file)
    assert caught.value.code == "columns"
    assert 'individual-local-identifier = "animal"' in caught.value.hint


@EVERY
def test_times_without_offset_need_a_zone_unless_the_columns_are_those_of_movebank(tmp_path: Path, suffix: str) -> None:
    layer = points()
    layer["when"] = layer["when"].str.removesuffix("Z")
    file = write_layer(layer, tmp_path, suffix)
    with pytest.raises(BadInput) as caught:
        read_with(READERS[suffix], file, source(columns=MAPPED))
    assert caught.value.code == "time-zone-missing"
    fixes, _, _ = read_with(READERS[suffix], file, source(columns=MAPPED, time_zone="US/Mountain"))
    assert fixes["time_utc"][0].as_py().hour == 16
    if suffix in (".shp", ".zip"):
        return
    (tmp_path / "native").mkdir()
    native = layer.rename(columns={"when": "timestamp", "animal": "individual-local-identifier"})
    fixes, _, _ = read_with(READERS[suffix], write_layer(native, tmp_path / "native", suffix))
    assert fixes["time_utc"][0].as_py().hour == 10


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet", ".fgb"])
def test_typed_times_and_numeric_ids_are_read_as_they_are(tmp_path: Path, suffix: str) -> None:
    layer = points()
    layer["when"] = pd.to_datetime(layer["when"])
    layer["animal"] = 20432407608.0
    fixes, _, _ = read_with(READERS[suffix], write_layer(layer, tmp_path, suffix), source(columns=MAPPED))
    assert set(fixes["organism_id"].to_pylist()) == {"20432407608"}
    assert fixes["time_utc"].to_pylist() == layer["when"].to_list()


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet", ".fgb"])
def test_features_that_are_no_points_are_counted_and_missing_ones_refused(tmp_path: Path, suffix: str) -> None:
    layer = points()
    shapes = [*layer.geometry[:3], LineString([(0, 0), (1, 1)]), None, Point()]
    layer = layer.set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4326"))
    fixes, account, _ = read_with(READERS[suffix], write_layer(layer, tmp_path, suffix), source(columns=MAPPED))
    found = by_code(account)
    assert (account.n_rows, account.n_kept) == (6, 3)
    assert (found["geometry-kind"].n_rows, found["geometry-kind"].example) == (1, "LineString")
    assert found["geometry-kind"].place.line
    assert found["no-position"].n_rows == 2
    assert fixes["source_row"].to_pylist() == [1, 2, 3]


@EVERY
def test_a_cut_off_or_foreign_file_is_refused(tmp_path: Path, suffix: str) -> None:
    file = write_layer(points(300), tmp_path, suffix)
    content = file.read_bytes()
    for broken in (content[: len(content) // 3], b"nothing of the kind", b""):
        file.write_bytes(broken)
        try:
            _, account, _ = read_with(READERS[suffix], file, source(columns=MAPPED))
        except (BadInput, LimitReached) as error:
            assert error.code
        else:
            assert account.n_kept < 300


@EVERY
def test_order_holds_over_many_batches(tmp_path: Path, suffix: str) -> None:
    layer = points(10)
    layer = layer.loc[layer.index.repeat(15_000)].reset_index(drop=True)
    fixes, _, _ = read_with(READERS[suffix], write_layer(layer, tmp_path, suffix), source(columns=MAPPED))
    assert fixes["source_row"].to_pylist() == list(range(1, 150_001))
    np.testing.assert_allclose(fixes["longitude"].to_numpy(), layer.geometry.x, atol=1e-7)


def test_a_shapefile_without_its_table_is_refused(tmp_path: Path) -> None:
    file = write_layer(points(), tmp_path, ".shp")
    file.with_suffix(".dbf").unlink()
    with pytest.raises(BadInput) as caught:
        read_with(Shapefile(), file, source(columns=MAPPED))
    assert caught.value.code == "shapefile-parts"


def test_an_archive_of_two_shapefiles_is_refused(tmp_path: Path) -> None:
    file = write_layer(points(), tmp_path, ".zip")
    with zipfile.ZipFile(file, "a") as archive:
        archive.write(tmp_path / "parts/loose.shp", "folder/second.shp")
    with pytest.raises(BadInput) as caught:
        read_with(Shapefile(), file, source(columns=MAPPED))
    assert caught.value.code == "layer-ambiguous"


def test_of_several_layers_the_one_called_like_the_source_is_read(tmp_path: Path) -> None:
    file = tmp_path / "two.gpkg"
    points().to_file(file, layer="deer")
    points(4).to_file(file, layer="elk")
    assert read_with(GeoPackage(), file, source(columns=MAPPED))[1].n_kept == 6
    with pytest.raises(BadInput) as caught:
        read_with(GeoPackage(), file, source(id="moose", columns=MAPPED))
    assert caught.value.code == "layer-ambiguous"


def test_coordinates_in_columns_count_where_the_source_names_them(tmp_path: Path) -> None:
    layer = points()
    layer["location_long"], layer["location_lat"] = 1.0, 2.0
    file = write_layer(layer, tmp_path, ".gpkg")
    assert read_with(GeoPackage(), file, source(columns=MAPPED))[0]["longitude"][0].as_py() == -110
    named = {**MAPPED, "location-long": "location_long", "location-lat": "location_lat"}
    assert read_with(GeoPackage(), file, source(columns=named))[0]["longitude"][0].as_py() == 1


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_geoparquet_is_read_with_wkb_and_with_native_points(tmp_path: Path, encoding: str) -> None:
    points().to_parquet(tmp_path / "deer.parquet", geometry_encoding=encoding)
    assert read_with(GeoParquet(), tmp_path / "deer.parquet", source(columns=MAPPED))[1].n_kept == 6


def test_parquet_without_geometries_is_read_by_its_columns(tmp_path: Path) -> None:
    layer = points()
    table = pd.DataFrame({"when": layer["when"], "animal": layer["animal"]})
    table["location-long"], table["location-lat"] = layer.geometry.x, layer.geometry.y
    table.to_parquet(tmp_path / "deer.parquet")
    assert GeoParquet().claims(tmp_path / "deer.parquet")
    assert read_with(GeoParquet(), tmp_path / "deer.parquet", source(columns=MAPPED))[1].n_kept == 6


def test_a_column_without_plain_values_is_refused(tmp_path: Path) -> None:
    layer = points()
    layer["animal"] = [{"name": "a"}] * 6
    layer.to_parquet(tmp_path / "deer.parquet")
    with pytest.raises(BadInput) as caught:
        read_with(GeoParquet(), tmp_path / "deer.parquet", source(columns=MAPPED))
    assert (caught.value.code, caught.value.place.field) == ("column-type", "animal")


def test_storks_give_the_same_fixes_from_a_layer_as_from_csv(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "data/whitestork_lifetrack").glob("*.csv"))
    table = pd.read_csv(files[0], nrows=20_000).dropna(subset=["location-long"])
    layer = gpd.GeoDataFrame(
        table[["timestamp", "individual-local-identifier", "individual-taxon-canonical-name", "study-name"]],
        geometry=gpd.points_from_xy(table["location-long"], table["location-lat"]),
        crs="EPSG:4326",
    )
    fixes, account, tables = read_with(GeoPackage(), write_layer(layer.to_crs("EPSG:3035"), tmp_path, ".gpkg"))
    assert account.n_kept == len(table)
    assert tables["organism"].num_rows == table["individual-local-identifier"].nunique()
    assert fixes["time_utc"].to_pylist() == pd.to_datetime(table["timestamp"], utc=True).to_list()
    np.testing.assert_allclose(fixes["longitude"].to_numpy(), table["location-long"], atol=1e-6)
