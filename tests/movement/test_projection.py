"""Positions on the ellipsoid and on the plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from wildways.model import BadInput
from wildways.movement import choose_crs, geodesic_distances, project, step_lengths, unproject
from wildways.movement.projection import from_unit_vectors, to_unit_vectors

centres = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
offsets = st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=2, max_size=20)


def _around(centre: tuple[float, float], degrees: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    east, north = np.array(degrees).T
    longitude = (centre[0] + east / np.cos(np.radians(centre[1])) + 180) % 360 - 180
    return longitude, np.clip(centre[1] + north, -90, 90)


def _centre(crs: CRS) -> tuple[float, float]:
    parameters = {p.name: p.value for p in crs.coordinate_operation.params}
    return parameters["Longitude of natural origin"], parameters["Latitude of natural origin"]


@given(centres, offsets)
def test_unprojecting_gives_the_positions_back(centre: tuple[float, float], degrees: list[tuple[float, float]]) -> None:
    longitude, latitude = _around(centre, degrees)
    crs = choose_crs(longitude, latitude)
    lon, lat = unproject(*project(longitude, latitude, crs), crs)
    assert geodesic_distances(longitude, latitude, lon, lat).max() < 0.01


@given(centres, offsets)
def test_distances_near_the_centre_are_true_on_the_plane(
    centre: tuple[float, float], degrees: list[tuple[float, float]]
) -> None:
    longitude, latitude = _around(centre, degrees)
    x, y = project(longitude, latitude, choose_crs(longitude, latitude))
    steps = step_lengths(longitude, latitude)
    assert np.hypot(np.diff(x), np.diff(y)) == pytest.approx(steps, rel=0.01, abs=1e-3)


def test_the_centre_is_on_the_antimeridian_where_the_positions_straddle_it() -> None:
    assert _centre(choose_crs([179.0, -179.0], [65.0, 65.0])) == (-180.0, 65.0)


def test_the_centre_is_the_pole_where_the_positions_are_around_it() -> None:
    assert _centre(choose_crs([0, 90, 180, -90], [85, 85, 85, 85]))[1] == 90.0


def test_one_more_fix_keeps_the_plane() -> None:
    longitude, latitude = np.full(500, 10.02), np.full(500, 50.02)
    assert choose_crs(longitude, latitude) is choose_crs([*longitude, 10.1], [*latitude, 50.1])


@pytest.mark.parametrize(
    ("longitude", "latitude", "code"),
    [
        ([], [], "positions-empty"),
        ([np.nan], [0], "position-invalid"),
        ([0], [np.nan], "position-invalid"),
        ([0], [91], "position-invalid"),
        ([0, 1], [0], "positions-shape"),
        ([0, 180], [0, 0], "positions-scattered"),
    ],
)
def test_positions_without_a_centre_are_refused(longitude: list[float], latitude: list[float], code: str) -> None:
    with pytest.raises(BadInput) as error:
        choose_crs(longitude, latitude)
    assert error.value.code == code


def test_a_position_off_the_plane_is_named() -> None:
    with pytest.raises(BadInput, match=r"-170\.0, -50\.0"):
        project([10.0, -170.0], [50.0, -50.0], choose_crs([10.0], [50.0]))


def test_a_degree_of_latitude_at_the_equator_has_its_known_length() -> None:
    assert step_lengths([0, 0], [0, 1]) == pytest.approx([110_574.3886], abs=1e-3)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_positions_have_no_steps(n: int) -> None:
    assert step_lengths(np.zeros(n), np.zeros(n)).size == 0


@given(st.floats(-179.999, 179.999), st.floats(-89.999, 89.999))
def test_unit_vectors_keep_positions(longitude: float, latitude: float) -> None:
    vector = to_unit_vectors(longitude, latitude)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert from_unit_vectors(vector) == (pytest.approx(longitude, abs=1e-6), pytest.approx(latitude, abs=1e-6))
