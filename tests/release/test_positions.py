"""Whether geometries show recorded positions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from wildways.release.positions import shows_any

LONGITUDE, LATITUDE = np.array([-109.1234567, 12.5]), np.array([41.7654321, -3.25])


def shapes(*geometries: object) -> np.ndarray:
    return np.array(geometries, dtype=object)


def test_a_line_through_a_fix_shows_it() -> None:
    assert shows_any(shapes(LineString([(0, 0), (-109.1234567, 41.7654321)])), LONGITUDE, LATITUDE)


def test_a_line_that_passes_a_centimetre_away_does_not() -> None:
    assert not shows_any(shapes(LineString([(0, 0), (-109.1234569, 41.7654321)])), LONGITUDE, LATITUDE)


def test_a_fix_in_the_middle_of_an_area_is_not_shown() -> None:
    assert not shows_any(shapes(box(-110, 41, -109, 42)), LONGITUDE, LATITUDE)


def test_the_antimeridian_is_one_line() -> None:
    assert shows_any(shapes(Point(-180, 5)), np.array([180.0]), np.array([5.0]))


def test_nothing_shows_nothing() -> None:
    assert not shows_any(shapes(), LONGITUDE, LATITUDE)
    assert not shows_any(shapes(Point(1, 1)), np.array([]), np.array([]))


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20), st.data())
def test_any_copied_fix_is_found(fixes: list[tuple[float, float]], data: st.DataObject) -> None:
    longitude, latitude = (np.array(axis) for axis in zip(*fixes, strict=True))
    copied = data.draw(st.sampled_from(fixes))
    assert shows_any(shapes(Point(copied)), longitude, latitude)
