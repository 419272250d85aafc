"""The map against the polygons that it is built from, by another library."""

import warnings
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, Polygon

from wildways.context import Jurisdictions
from wildways.context.borders import clear_chords

GEOD = Geod(ellps="WGS84")
CIRCLE = np.linspace(0, 360, 180, endpoint=False)


@pytest.fixture(scope="session")
def corners(source: Any) -> Any:
    """Corners of all outlines that lie away from poles and antimeridian, where discs are polygons in degrees."""
    points = shapely.get_coordinates(source.parts.geometry.array)
    return points[(np.abs(points[:, 0]) < 170) & (np.abs(points[:, 1]) < 75)]


def test_countries_of_positions_near_borders_are_those_of_the_polygons(
    jurisdictions: Jurisdictions, source: Any
) -> None:
    rng = np.random.default_rng(11)
    points = shapely.get_coordinates(source.parts.geometry.array)
    points = points[rng.integers(0, len(points), 20_000)] + rng.normal(0, 0.02, (20_000, 2))
    points = points[np.abs(points[:, 1]) < 90]
    parts = source.parts
    number = np.arange(1, len(parts) + 1, dtype=np.uint16)
    held_by = source.builder.regions_at(parts.geometry, number, *points.T)
    codes = [(), *parts["codes"]]
    expected = [codes[part][0] if len(codes[part]) == 1 else None for part in held_by]
    country = jurisdictions.locate(*points.T).country.to_pylist()
    differ = [i for i in range(len(points)) if country[i] != expected[i]]
    assert len(differ) <= 2, points[differ]


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, 10**9),
    away=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    uncertainty_m=st.floats(10, 150_000),
)
def test_the_countries_of_a_disc_are_all_that_it_touches_and_few_more(
    jurisdictions: Jurisdictions,
    source: Any,
    corners: Any,
    at: int,
    away: tuple[float, float],
    uncertainty_m: float,
) -> None:
    longitude, latitude = corners[at % len(corners)] + away
    here = jurisdictions.locate(np.array([longitude]), np.array([latitude]), np.array([uncertainty_m]))
    found = set((here.countries[0].as_py() or here.country[0].as_py() or "").split())
    reach = uncertainty_m + jurisdictions.map_uncertainty_m
    assert _touched(source.parts, longitude, latitude, reach * 0.999) <= found
    assert found <= _touched(source.parts, longitude, latitude, reach * 1.013 + 30)


def _touched(parts: Any, longitude: float, latitude: float, radius_m: float) -> set[str]:
    n = len(CIRCLE)
    x, y, _ = GEOD.fwd(np.full(n, longitude), np.full(n, latitude), CIRCLE, np.full(n, radius_m))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        discs = [Polygon(zip(x + turn, y, strict=True)) for turn in (-360, 0, 360)]
        _, near = parts.sindex.query(discs, predicate="intersects")
    return {code for codes in parts["codes"].iloc[near] for code in codes}


def test_a_clearance_is_never_rounded_up() -> None:
    chords = clear_chords()
    assert chords[0] == 0
    assert (np.diff(chords) >= 0).all()
    assert chords[-1] == 2


def test_countries_on_both_sides_of_a_disc_over_the_antimeridian_are_found(jurisdictions: Jurisdictions) -> None:
    for longitude in (179.99, -179.99):
        here = jurisdictions.locate(np.array([longitude]), np.array([65.5]), np.array([700_000.0]))
        assert here.countries[0].as_py() == "RUS USA"


def test_a_disc_over_the_pole_reaches_all_around(jurisdictions: Jurisdictions) -> None:
    here = jurisdictions.locate(np.array([0.0]), np.array([90.0]), np.array([1_050_000.0]))
    assert here.countries[0].as_py() == "CAN GRL RUS SJM"


def test_the_point_of_a_part_is_inside_or_on_its_outline(source: Any, jurisdictions: Jurisdictions) -> None:
    first = source.parts.geometry.iloc[0]
    assert first.distance(Point(jurisdictions.map.part[0])) == 0
