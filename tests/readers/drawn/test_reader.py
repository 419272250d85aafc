"""Drawn shapes: classes with their scheme, sound geometries in degrees on both sides of 180°, nothing guessed."""

import json
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.tables.files import read_tables, table_source
from wildways.model import BadInput, LimitReached
from wildways.readers import Reader
from wildways.readers.drawn import Drawn
from wildways.readers.drawn import files as drawn_files
from wildways.readers.drawn import reading as drawn_reading
from wildways.readers.drawn.antimeridian import cut_at_antimeridian, unwrap
from wildways.readers.drawn.shapes import Placing, place_shape
from wildways.readers.tables.rows import Refused

READER = Drawn()
SOURCE = table_source(citation="Someone (2021)")
BOX = shapely.box(10, 50, 11, 51)
WRITERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "kml": "KML", "shp": "ESRI Shapefile", "parquet": None}


def write(folder: Path, ending: str = "geojson", *, crs: str | None = "EPSG:4326", **columns: list[Any]) -> Path:
    """A file of shapes; the first column is the geometries."""
    shapes = columns.pop("geometry", [BOX])
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    file = folder / f"shapes.{ending}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_parquet(file) if ending == "parquet" else frame.to_file(file, driver=WRITERS[ending])
    return file


def feature(geometry: object, **properties: object) -> dict[str, object]:
    """A feature of GeoJSON."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(folder: Path, *features: dict[str, object]) -> Path:
    """A GeoJSON file, written without any help that would mend it."""
    file = folder / "shapes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def shapes_of(tables: Any) -> Any:
    """The geometries stored, each valid and within the degrees there are."""
    shapes = shapely.from_wkb(tables["drawn"]["geometry_wkb"].to_pylist())
    assert shapely.is_valid(shapes).all()
    west, south, east, north = shapely.total_bounds(shapes)
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    return shapes


@pytest.mark.parametrize("ending", WRITERS)
def test_every_kind_of_file_is_claimed_and_gives_the_same_shapes(tmp_path: Path, ending: str) -> None:
    columns = {"name": ["Red Desert"], "type": ["Migration corridor"], "class": ["high"], "scheme": ["GIUM"]}
    file = write(tmp_path, ending, start=["2014"], end_date=["2017-06"], **columns)
    assert isinstance(READER, Reader)
    assert READER.claims(file)
    tables, account, findings = read_tables(READER, file, SOURCE)
    assert (account.n_rows, account.n_kept) == (1, 1)
    (record,) = tables["drawn"].to_pylist()
    assert shapes_of(tables)[0].equals(BOX)
    assert (record["name"], record["drawn_type"]) == ("Red Desert", "migration-corridor")
    assert (record["use_class"], record["class_scheme"], record["evidence_class"]) == ("high", "GIUM", "expert")
    assert (record["citation"], record["taxon"]) == ("Someone (2021)", "Chelonia mydas")
    assert record["start_utc"] == datetime(2014, 1, 1, tzinfo=UTC)
    assert record["end_utc"].date() == datetime(2017, 6, 30, tzinfo=UTC).date()
    assert set(findings) <= {"id-missing", "id-repeated"}


def test_classes_without_a_scheme_are_found_and_a_scheme_can_be_given_for_all(tmp_path: Path) -> None:
    file = write(tmp_path, "gpkg", geometry=[BOX, BOX], contour=[50.0, 5.0], what=["a", None])
    _, _, findings = read_tables(READER, file, SOURCE)
    assert findings["columns-unread"].example == "contour → class"
    source = table_source(columns={"class": "contour"})
    tables, _, findings = read_tables(READER, file, source)
    assert tables["drawn"]["use_class"].to_pylist() == ["50", "5"]
    assert (findings["class-scheme-missing"].n_rows, findings["class-scheme-missing"].example) == (2, "50")
    given = {"class": "contour", "scheme": "=percent of use", "type": "=corridor", "evidence": "=tracking"}
    tables, _, findings = read_tables(READER, file, table_source(columns=given, citation="x"))
    assert tables["drawn"]["class_scheme"].to_pylist() == ["percent of use"] * 2
    assert set(tables["drawn"]["evidence_class"].to_pylist()) == {"tracking"}
    assert set(findings) == {"date-missing", "id-missing"}


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"class": "contours"}, "columns-missing"),
        ({"klass": "contour"}, "columns-field"),
        ({"klass": "=x"}, "columns-field"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(tmp_path: Path, columns: dict[str, str], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_tables(READER, write(tmp_path, contour=[1]), table_source(columns=columns))
    assert caught.value.code == code


def test_all_layers_are_read_and_ids_repeated_over_them_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "layers.gpkg"
    for layer, crs in (("spring", "EPSG:4326"), ("autumn", "EPSG:3857")):
        frame = gpd.GeoDataFrame({"id": ["A"], layer: ["x"]}, geometry=[BOX], crs="EPSG:4326")
        frame.to_crs(crs).to_file(file, layer=layer, driver="GPKG")
    tables, account, findings = read_tables(READER, file, SOURCE)
    assert (account.n_rows, account.n_kept) == (2, 2)
    assert tables["drawn"]["drawn_id"].to_pylist() == ["A", "A #2"]
    assert findings["id-repeated"].n_rows == 1
    assert shapely.total_bounds(shapes_of(tables)) == pytest.approx([10, 50, 11, 51])


def test_projected_shapes_become_degrees_by_the_crs_of_the_file_or_else_of_the_source(tmp_path: Path) -> None:
    utm = gpd.GeoSeries([BOX], crs="EPSG:4326").to_crs("EPSG:32632")
    for crs, source in (("EPSG:32632", SOURCE), (None, table_source(crs="EPSG:32632"))):
        tables, _, _ = read_tables(READER, write(tmp_path, "gpkg", geometry=list(utm), crs=crs), source)
        assert shapes_of(tables)[0].intersection(BOX).area == pytest.approx(1, rel=1e-3)
    _, _, findings = read_tables(
        READER, write(tmp_path, "gpkg", geometry=list(utm), crs="EPSG:32633"), table_source(crs="EPSG:32632")
    )
    assert findings["crs-overridden"].place.file == "shapes.gpkg"


def test_a_file_without_crs_is_refused_until_the_source_gives_one(tmp_path: Path) -> None:
    file = write(tmp_path, "gpkg")
    (tmp_path / "no").mkdir()
    shapefile = write(tmp_path / "no", "shp", crs=None)
    with pytest.raises(BadInput) as caught:
        read_tables(READER, shapefile)
    assert (caught.value.code, caught.value.place.file) == ("crs-missing", "shapes.shp")
    assert "crs" in caught.value.hint
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file, table_source(crs="EPSG:1"))
    assert caught.value.code == "crs-unknown"


def test_projected_coordinates_in_geojson_are_refused_as_a_whole(tmp_path: Path) -> None:
    metres = shapely.geometry.mapping(shapely.box(500_000, 4_500_000, 501_000, 4_501_000))
    with pytest.raises(BadInput) as caught:
        read_tables(READER, geojson(tmp_path, feature(metres)))
    assert (caught.value.code, caught.value.hint) == ("projected", "Are the columns projected? Set crs in the module.")
    tables, _, _ = read_tables(READER, geojson(tmp_path, feature(metres)), table_source(crs="EPSG:32612"))
    assert shapely.total_bounds(shapes_of(tables))[0] == pytest.approx(-111, abs=1e-6)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "geometry-missing"),
        ({"type": "Polygon", "coordinates": []}, "geometry-missing"),
        ({"type": "Point", "coordinates": [1, 2]}, "geometry-kind"),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}, "geometry-kind"),
        ({"type": "LineString", "coordinates": [[1, 2], [1, 2]]}, "geometry-degenerate"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, "geometry-degenerate"),
        ({"type": "LineString", "coordinates": [[1, 2], [1, 95]]}, "latitude-range"),
        ({"type": "LineString", "coordinates": [[1, 2], [4000, 9]]}, "projected"),
    ],
)
def test_a_bad_shape_is_refused_and_counted(tmp_path: Path, geometry: object, code: str) -> None:
    sound = feature(shapely.geometry.mapping(BOX))
    tables, account, findings = read_tables(READER, geojson(tmp_path, sound, feature(geometry), sound), SOURCE)
    assert (account.n_rows, account.n_kept) == (3, 2)
    assert tables["drawn"]["source_row"].to_pylist() == [1, 3]
    assert findings[code].refused
    assert findings[code].example.startswith("feature 2")


@pytest.mark.parametrize(
    ("properties", "code", "field"),
    [
        ({"start": "soon"}, "date-unreadable", "start"),
        ({"start": "2019", "end": "2017"}, "date-order", "start"),
        ({"evidence": "rumour"}, "evidence-class-unknown", "evidence"),
    ],
)
def test_a_bad_attribute_is_refused_with_its_column(tmp_path: Path, properties: Any, code: str, field: str) -> None:
    shape = shapely.geometry.mapping(BOX)
    _, account, findings = read_tables(READER, geojson(tmp_path, feature(shape), feature(shape, **properties)), SOURCE)
    assert account.n_kept == 1
    assert (findings[code].refused, findings[code].place.field) == (True, field)


def test_crossing_outlines_are_repaired_and_mixed_collections_reduced_and_both_are_said(tmp_path: Path) -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    point, line = {"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    mixed = {"type": "GeometryCollection", "geometries": [point, line, shapely.geometry.mapping(BOX)]}
    with_heights = {"type": "LineString", "coordinates": [[0, 0, 5], [1, 1, 7]]}
    tables, account, findings = read_tables(
        READER, geojson(tmp_path, feature(bow_tie), feature(mixed), feature(with_heights)), SOURCE
    )
    assert account.n_kept == 3
    repaired, kept, flat = shapes_of(tables)
    assert repaired.area == pytest.approx(2)
    assert kept.equals(BOX)
    assert not flat.has_z
    assert (findings["geometry-repaired"].n_rows, findings["geometry-mixed"].n_rows) == (1, 1)


def test_a_shape_across_the_antimeridian_is_cut_there_however_it_is_written(tmp_path: Path) -> None:
    ways = [
        [[170, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]],
        [[170, 0], [190, 0], [190, 10], [170, 10], [170, 0]],
        [[-190, 0], [-170, 0], [-170, 10], [-190, 10], [-190, 0]],
        [[170, 0], [180, 0], [-180, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]],
    ]
    tables, _, findings = read_tables(
        READER, geojson(tmp_path, *(feature({"type": "Polygon", "coordinates": [way]}) for way in ways)), SOURCE
    )
    expected = shapely.union_all([shapely.box(170, 0, 180, 10), shapely.box(-180, 0, -170, 10)])
    assert all(shape.equals(expected) for shape in shapes_of(tables))
    assert findings["antimeridian-cut"].n_rows == 4


def test_shapes_that_need_no_cut_are_left_as_they_are(tmp_path: Path) -> None:
    world = shapely.box(-180, -60, 180, 80)
    split = shapely.multipolygons([shapely.box(170, 0, 180, 10), shapely.box(-180, 0, -170, 10)])
    shapes = [shapely.geometry.mapping(shape) for shape in (world, split, BOX)]
    tables, _, findings = read_tables(READER, geojson(tmp_path, *map(feature, shapes)), SOURCE)
    assert [shape.area for shape in shapes_of(tables)] == pytest.approx([360 * 140, 200, 1])
    assert "antimeridian-cut" not in findings


def test_a_ring_around_the_pole_is_closed_over_it_and_its_hole_stays(tmp_path: Path) -> None:
    circle = shapely.Point(0, 0).buffer(3_000_000, quad_segs=64).difference(shapely.Point(0, 0).buffer(1_000_000))
    file = write(tmp_path, "gpkg", geometry=[circle], crs="EPSG:3031")
    tables, _, _ = read_tables(READER, file, SOURCE)
    (ring,) = shapes_of(tables)
    geod, parts = pyproj.Geod(ellps="WGS84"), shapely.get_parts(ring.segmentize(0.5))
    area = sum(abs(geod.geometry_area_perimeter(part)[0]) for part in parts)
    assert (ring.bounds[0], ring.bounds[2]) == (-180, 180)
    assert area == pytest.approx(circle.area, rel=0.05)


@given(
    st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=3, max_size=8, unique=True),
    st.floats(-180, 180),
)
@settings(max_examples=60, deadline=None)
def test_moving_a_shape_around_the_earth_moves_what_is_stored_and_keeps_its_area(
    points: list[tuple[float, float]], shift: float
) -> None:
    hull = shapely.MultiPoint([(x / 4, y) for x, y in points]).convex_hull
    if hull.area < 1e-3:
        return
    wrapped = shapely.transform(hull, lambda x, y: ((x + shift + 180) % 360 - 180, y), interleaved=False)
    placed, _ = place_shape(wrapped, Placing())
    assert placed.area == pytest.approx(hull.area, rel=1e-6, abs=1e-6)
    assert -180 <= placed.bounds[0] <= placed.bounds[2] <= 180


def test_lines_around_the_earth_are_cut_each_time_and_too_many_turns_are_refused() -> None:
    line = shapely.LineString([(0, 0), (170, 5), (-60, 5), (60, 10), (175, 10), (-175, 12)])
    cut, is_cut = cut_at_antimeridian(unwrap(line))
    assert is_cut
    assert len(cut.geoms) == 3
    spiral = shapely.LineString([(x % 360 - 180, x / 1000) for x in range(0, 360 * 20, 100)])
    with pytest.raises(Refused) as caught:
        place_shape(spiral, Placing())
    assert caught.value.code == "longitude-range"


def test_tracks_points_and_infrastructure_are_not_claimed(tmp_path: Path, shared: Path) -> None:
    assert not READER.claims(write(tmp_path, geometry=[shapely.Point(1, 2)]))
    for ending in ("gpkg", "geojson", "parquet"):
        assert not READER.claims(write(tmp_path, ending, timestamp=["2019-01-01 00:00:00"]))
        assert not READER.claims(write(tmp_path, ending, geometry=[BOX, shapely.Point(1, 2)]))
    assert not READER.claims(tmp_path / "missing.gpkg")
    for name in (
        "infra_utah/roads.shp",
        "infra_wyoming_fences/fences.geojson",
        "infra_wyoming_fences/fences_utm12n.gpkg",
    ):
        assert not READER.claims(shared / "data" / name)


def test_xml_with_entities_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    content = write(tmp_path, "kml").read_text(encoding="utf-8")
    head, rest = content.split("?>", 1)
    bomb = tmp_path / "bomb.kml"
    bomb.write_text(f'{head}?>\n<!DOCTYPE kml [<!ENTITY a "aaaa">]>{rest}', encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_tables(READER, bomb)
    assert (caught.value.code, caught.value.place.line) == ("xml-doctype", 2)
    bomb.write_bytes(content.encode("utf-16"))
    assert not READER.claims(bomb)
    bomb.write_text(content.replace("utf-8", "utf-7").replace("UTF-8", "UTF-7"), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_tables(READER, bomb)
    assert caught.value.code == "encoding"


def test_a_pipeline_in_json_is_never_run(tmp_path: Path) -> None:
    file = tmp_path / "shapes.geojson"
    file.write_text('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}')
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file)
    assert caught.value.code == "not-shapes"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-shapes"),
        (b"just text", "not-shapes"),
        (b'{"type": "FeatureCollection", "features": [', "file-damaged"),
        (b'{"type": "FeatureCollection", "features": []}', "no-rows"),
        (b"PAR1 and then nothing", "file-damaged"),
        (b"\x00\x00\x27\x0a" + b"\0" * 96, "file-damaged"),
    ],
)
def test_a_file_that_holds_no_shapes_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "shapes.data"
    file.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file)
    assert (caught.value.code, caught.value.place.file) == (code, "shapes.data")
    assert caught.value.hint


def test_a_missing_file_and_half_a_shapefile_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "shp")
    file.with_suffix(".shx").unlink()
    for path, code in ((file, "file-damaged"), (tmp_path / "none.shp", "file-missing")):
        with pytest.raises(BadInput) as caught:
            read_tables(READER, path)
        assert caught.value.code == code


def test_files_and_shapes_beyond_the_limits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, geometry=[BOX, BOX, BOX])
    monkeypatch.setattr(drawn_reading, "MAX_SHAPES", 2)
    with pytest.raises(LimitReached) as caught:
        read_tables(READER, file)
    assert caught.value.code == "shapes"
    monkeypatch.setattr(drawn_files, "MAX_TEXT_BYTES", 10)
    with pytest.raises(LimitReached) as caught:
        read_tables(READER, file)
    assert caught.value.code == "file-size"


@pytest.mark.parametrize(
    ("file", "n_shapes", "area_km2"),
    [
        ("mapp/PopUse_Area/Pop_use_contours.shp", 1136, 5994.25),
        ("mapp/PopUse_Volume/Pop_use_contours.shp", 812, 1266.0),
        ("mapp/PopFoot/Footprint_contours.shp", 278, 782.0),
    ],
)
def test_published_contours_keep_their_number_and_their_area(
    shared: Path, file: str, n_shapes: int, area_km2: float
) -> None:
    source = table_source(columns={"class": "contour", "scheme": "=percent", "type": "=corridor"})
    assert READER.claims(shared / "reference" / file)
    tables, account, _ = read_tables(READER, shared / "reference" / file, source)
    assert (account.n_rows, account.n_kept) == (n_shapes, n_shapes)
    geod = pyproj.Geod(ellps="WGS84")
    area = sum(abs(geod.geometry_area_perimeter(shape)[0]) for shape in shapes_of(tables)) / 1e6
    assert area == pytest.approx(area_km2, rel=1e-3)


def test_published_sites_and_breeding_areas_are_read(shared: Path) -> None:
    for file, n_shapes in (
        ("reference/track2kba_site.geojson", 35),
        ("data/connectivity_oven/target_sites.geojson", 3),
        ("data/connectivity_oven/origin_sites.geojson", 2),
    ):
        assert READER.claims(shared / file)
        tables, account, _ = read_tables(READER, shared / file, SOURCE)
        assert (account.n_rows, account.n_kept, len(shapes_of(tables))) == (n_shapes,) * 3
