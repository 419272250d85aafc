"""From points to fixes: any CRS, any order, nothing guessed."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from wildways.model import BadInput
from wildways.movement import fixes_from_points, flag_fixes
from wildways.movement.fixes import animal_bounds


def _points(crs: str | None = "EPSG:4326", **columns: object) -> gpd.GeoDataFrame:
    seen = pd.to_datetime(["2024-05-02 00:00", "2024-05-01 00:00", "2024-05-01 12:00"]).tz_localize("America/Denver")
    given = {"collar": ["b", "a", "b"], "seen": seen, **columns}
    return gpd.GeoDataFrame(given, geometry=gpd.points_from_xy([-110.0, -111.0, -112.0], [45.0, 46.0, 47.0]), crs=crs)


def test_fixes_are_in_order_and_in_utc() -> None:
    fixes = fixes_from_points(_points(), animal="collar", time="seen")
    assert list(fixes["animal_id"]) == ["a", "b", "b"]
    assert list(fixes["longitude"]) == [-111.0, -112.0, -110.0]
    assert str(fixes["time_utc"].dtype) == "datetime64[us, UTC]"
    assert fixes["time_utc"].iloc[0] == pd.Timestamp("2024-05-01 06:00", tz="UTC")
    assert len(animal_bounds(fixes)) == 3


def test_the_crs_does_not_matter() -> None:
    degrees = fixes_from_points(_points(), animal="collar", time="seen")
    metres = fixes_from_points(_points().to_crs(32612), animal="collar", time="seen")
    assert np.allclose(degrees[["longitude", "latitude"]], metres[["longitude", "latitude"]], atol=1e-9)


def test_other_columns_go_along_with_their_fixes() -> None:
    marks = pd.array([True, False, None], dtype="boolean")
    points = _points(manually_marked_outlier=marks, location_class=["3", "2", "1"], longitude=[0, 0, 0])
    fixes = fixes_from_points(points, animal="collar", time="seen")
    assert list(fixes["location_class"]) == ["2", "1", "3"]
    assert fixes["longitude"].iloc[0] == -111.0
    assert list(flag_fixes(fixes) > 0) == [False, False, True]


def test_the_points_are_left_as_they_are() -> None:
    points = _points()
    before = points.copy()
    fixes_from_points(points, animal="collar", time="seen")
    assert points.equals(before)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (_points(None), "fixes-crs"),
        (_points().rename(columns={"collar": "tag"}), "fixes-column"),
        (_points(seen=["2024-05-01"] * 3), "fixes-time-zone"),
        (_points(seen=pd.to_datetime(["2024-05-01"] * 3)), "fixes-time-zone"),
        (_points(seen=pd.to_datetime(["2024-05-01", None, "2024-05-01"], utc=True)), "fixes-missing"),
        (_points(collar=["a", None, "b"]), "fixes-missing"),
        (_points().set_geometry(_points().buffer(0)), "fixes-geometry"),
        (_points().set_geometry(gpd.GeoSeries([None, None, None], crs=4326)), "fixes-geometry"),
        (_points().set_geometry(gpd.points_from_xy([0, 500, 0], [0, 0, 95]), crs=4326), "fixes-position"),
    ],
    ids=["no-crs", "no-animal", "text-times", "naive-times", "no-time", "unnamed", "polygons", "nothing", "off-globe"],
)
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_what_is_unknown_is_refused(points: gpd.GeoDataFrame, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        fixes_from_points(points, animal="collar", time="seen")
    assert refused.value.code == code
    assert refused.value.hint


def test_no_points_are_no_fixes() -> None:
    assert fixes_from_points(_points().iloc[:0], animal="collar", time="seen").empty
