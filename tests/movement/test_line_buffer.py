"""The line buffer: the area that is covered, and no more."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, footprint_of, line_buffer

from .tracks import brownian_track

UTM = CRS.from_epsg(32612)
HOUR = 3600.0


def covering(x, y, *, cell_m=100.0, margin_m=2000.0):
    return Grid.covering(x, y, crs=UTM, cell_m=cell_m, margin_m=margin_m)


@pytest.mark.parametrize(("cell_m", "radius_m"), [(50.0, 200.0), (500.0, 200.0), (100.0, 333.0)])
def test_the_mass_is_the_area_that_is_covered(cell_m, radius_m):
    x, y, time = brownian_track(15, lag_s=12 * HOUR)
    x[5], y[8] = x[4], y[7]
    x[11], y[11] = x[10], y[10]
    ud = line_buffer(x, y, time, grid=covering(x, y, cell_m=cell_m), radius_m=radius_m)
    buffer = shapely.LineString(np.column_stack([x, y])).buffer(radius_m, quad_segs=64)
    rows, columns = np.indices(ud.grid.shape)
    west, north = ud.grid.west_m + columns * cell_m, ud.grid.north_m - rows * cell_m
    covered = shapely.area(shapely.intersection(buffer, shapely.box(west, north - cell_m, west + cell_m, north)))
    assert covered.sum() == pytest.approx(buffer.area)
    assert 0.5 * np.abs(ud.mass - covered / covered.sum()).sum() < 1e-3


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(-300, 300), st.integers(-300, 300))
def test_moving_a_track_by_whole_cells_moves_its_buffer_by_as_many(seed, east, south):
    x, y, time = brownian_track(8, seed=seed)
    here = covering(x, y, margin_m=40_000)
    before = line_buffer(x, y, time, grid=here)
    after = line_buffer(x + east * 100.0, y - south * 100.0, time, grid=here)
    assert before.mass.sum() == pytest.approx(1, abs=1e-12)
    assert before.grid.offset_of(after.grid) == (south, east)
    np.testing.assert_allclose(before.mass, after.mass, atol=1e-9)


def test_its_footprint_is_every_cell_it_touches():
    ud = line_buffer([50, 950], [50, 50], [0, HOUR], grid=covering([50, 950], [50, 50]), radius_m=40)
    assert footprint_of(ud, 1.0).mask.sum() == 10


def test_a_year_without_fixes_is_not_joined():
    x, time = np.array([0, 1000, 51_000, 52_000.0]), np.array([0, 1, 24 * 365, 24 * 365 + 1]) * HOUR
    grid = covering(x, np.zeros(4))
    ud = line_buffer(x, np.zeros(4), time, grid=grid)
    assert ud.represented_s == 2 * HOUR
    assert ud.mass.sum(axis=0)[15:-15].sum() == 0


def test_area_beyond_the_grid_is_reported():
    half = Grid(UTM, 100.0, 0.0, 500.0, 40, 10)
    ud = line_buffer([-1000, 1000], [0, 0], [0, HOUR], grid=half, radius_m=100)
    assert ud.mass_outside == pytest.approx(0.5, abs=1e-3)


def test_cells_wider_than_the_buffer_are_remarked_on():
    x, y, time = brownian_track(5)
    assert line_buffer(x, y, time, grid=covering(x, y, cell_m=500)).remarks[0].code == "cell-coarse"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"radius_m": 0.0}, "parameter"),
        ({"max_lag_s": 60.0}, "no-bridges"),
        ({"grid": Grid(UTM, 100.0, 9e6, 9e6, 10, 10)}, "mass-none"),
    ],
)
def test_what_makes_no_sense_is_refused(change, code):
    x, y, time = brownian_track(10)
    with pytest.raises(BadInput) as refused:
        line_buffer(x, y, time, **({"grid": covering(x, y)} | change))
    assert refused.value.code == code


def test_a_buffer_too_large_for_memory_is_refused():
    grid = Grid(UTM, 100.0, 0.0, 0.0, 10, 10)
    with pytest.raises(LimitReached) as refused:
        line_buffer([0, 3_000_000], [0, 3_000_000], [0, HOUR], grid=grid)
    assert refused.value.code == "grid-too-large"
