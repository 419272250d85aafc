"""Occurrence of smoothed positions: ellipses as they are, time as it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.stats import multivariate_normal

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, smoothed_occurrence

UTM = CRS.from_epsg(32612)
X, Y, TIME = np.array([0.0, 300.0, 900.0]), np.array([0.0, -200.0, 100.0]), np.array([0.0, 3600.0, 7200.0])


def ellipse(rho, sx, sy, n=3):
    return np.repeat(np.array([[[sx * sx, rho * sx * sy], [rho * sx * sy, sy * sy]]]), n, axis=0)


def on(grid, ud):
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass
    return mass


@pytest.mark.parametrize(("rho", "sx", "sy"), [(0.9, 300, 150), (-0.98, 400, 200), (0.0, 100, 300), (0.5, 150, 400)])
def test_the_mass_is_the_integral_of_ellipses_over_time(rho, sx, sy):
    grid = Grid.covering(X, Y, crs=UTM, cell_m=100, margin_m=6 * max(sx, sy))
    fine = 12
    across = grid.west_m + (np.arange(grid.n_columns * fine) + 0.5) * grid.cell_m / fine
    down = grid.north_m - (np.arange(grid.n_rows * fine) + 0.5) * grid.cell_m / fine
    at = np.dstack(np.meshgrid(across, down))
    covariance = ellipse(rho, sx, sy)
    density = sum(
        weight * multivariate_normal([x, y], covariance[0]).pdf(at)
        for x, y, weight in zip(X, Y, (1, 2, 1), strict=True)
    )
    expected = density.reshape(grid.n_rows, fine, grid.n_columns, fine).sum(axis=(1, 3))
    ud = smoothed_occurrence(X, Y, TIME, covariance, grid=grid)
    assert 0.5 * np.abs(on(grid, ud) - expected / expected.sum()).sum() < 1e-3
    assert ud.represented_s == 7200


@settings(deadline=None, max_examples=20)
@given(st.floats(-0.999, 0.999), st.floats(1, 1000), st.floats(1, 1000), st.integers(-50, 50), st.integers(-50, 50))
def test_it_sums_to_one_and_moves_with_the_positions(rho, sx, sy, east, south):
    grid = Grid.covering(X, Y, crs=UTM, cell_m=200, margin_m=16_000)
    covariance = ellipse(rho, sx, sy)
    here = smoothed_occurrence(X, Y, TIME, covariance, grid=grid)
    there = smoothed_occurrence(X + east * 200, Y - south * 200, TIME, covariance, grid=grid)
    assert here.mass.sum() == pytest.approx(1, abs=1e-12)
    assert there.grid.offset_of(here.grid) == (-south, -east)
    np.testing.assert_allclose(here.mass, there.mass, atol=1e-9)


def test_time_in_gaps_does_not_count():
    grid = Grid.covering([0, 50_000], [0, 0], crs=UTM, cell_m=200, margin_m=2000)
    x, time = np.array([0, 0, 25_000, 50_000, 50_000.0]), np.array([0, 1, 100, 200, 201]) * 3600.0
    covariance = ellipse(0, 100, 100, 5)
    for options in ({"in_gap": [False, False, True, False, False]}, {"max_step_s": 7200.0}):
        ud = smoothed_occurrence(x, np.zeros(5), time, covariance, grid=grid, **options)
        across = on(grid, ud).sum(axis=0)
        assert ud.represented_s == 7200
        assert across[: across.size // 2].sum() == pytest.approx(0.5)
        assert across[20:-20].sum() == 0


def test_beads_and_coarse_cells_are_remarked_on():
    grid = Grid.covering([0, 50_000], [0, 0], crs=UTM, cell_m=500, margin_m=2000)
    ud = smoothed_occurrence([0, 25_000, 50_000], [0, 0, 0], TIME, ellipse(0, 100, 100), grid=grid)
    assert [remark.code for remark in ud.remarks] == ["positions-sparse", "cell-coarse"]


def test_mass_beyond_the_grid_is_reported():
    half = Grid(UTM, 50.0, 0.0, 5000.0, 200, 200)
    ud = smoothed_occurrence([0, 0], [0, 0], [0, 60], ellipse(0.5, 200, 200, 2), grid=half)
    assert ud.mass_outside == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"covariance_m2": np.ones((3, 2))}, "covariance"),
        ({"covariance_m2": np.full((3, 2, 2), np.nan)}, "covariance"),
        ({"covariance_m2": ellipse(1.5, 100, 100)}, "covariance"),
        ({"covariance_m2": -ellipse(0, 100, 100)}, "covariance"),
        ({"in_gap": [True, True, True]}, "no-bridges"),
        ({"in_gap": [True]}, "track-shape"),
        ({"max_step_s": 60.0}, "no-bridges"),
        ({"grid": Grid(UTM, 50.0, 9e6, 9e6, 10, 10)}, "grid-outside"),
    ],
)
def test_what_makes_no_sense_is_refused(change, code):
    given_ = {"x_m": X, "y_m": Y, "time_s": TIME, "covariance_m2": ellipse(0, 100, 100)}
    grid = Grid.covering(X, Y, crs=UTM, cell_m=100, margin_m=1000)
    with pytest.raises(BadInput) as refused:
        smoothed_occurrence(**(given_ | {"grid": grid} | change))
    assert refused.value.code == code


def test_errors_too_wide_for_the_cells_are_refused():
    n = 2000
    grid = Grid.covering([0, 1], [0, 1], crs=UTM, cell_m=50, margin_m=100_000)
    with pytest.raises(LimitReached) as refused:
        smoothed_occurrence(np.zeros(n), np.zeros(n), np.arange(n), ellipse(0.5, 50_000, 50_000, n), grid=grid)
    assert refused.value.code == "kernel-sums"
