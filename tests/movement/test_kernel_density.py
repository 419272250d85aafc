"""Kernel densities: exact integrals, two ways to one result, bandwidths, refusals."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.special import ndtr

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, kernel_density, least_squares_bandwidth, reference_bandwidth

UTM = CRS.from_epsg(32612)
options = st.sampled_from(
    [{}, {"kernel": "epanechnikov"}, {"compat": "adehabitatHR"}, {"kernel": "epanechnikov", "compat": "adehabitatHR"}]
)


def points(n=200, *, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(500_000, 2000, n), rng.normal(4_700_000, 1000, n)


def covering(x, y, *, cell_m=250.0, margin_m=10_000.0):
    return Grid.covering(x, y, crs=UTM, cell_m=cell_m, margin_m=margin_m)


def on(grid, ud):
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass
    return mass


@pytest.mark.parametrize("bandwidth_m", [60.0, 400.0, 1500.0])
def test_the_mass_is_the_integral_of_the_gaussians(bandwidth_m):
    x, y = points(50)
    grid = covering(x, y)
    columns = grid.west_m + np.arange(grid.n_columns + 1) * grid.cell_m
    rows = grid.north_m - np.arange(grid.n_rows + 1) * grid.cell_m
    across = np.diff(ndtr((columns - x[:, None]) / bandwidth_m))
    down = -np.diff(ndtr((rows - y[:, None]) / bandwidth_m))
    expected = down.T @ across / x.size
    ud = kernel_density(x, y, grid=grid, bandwidth_m=bandwidth_m)
    assert 0.5 * np.abs(on(grid, ud) - expected).sum() < 5e-6


def test_epanechnikovs_kernel_is_integrated():
    x, y = np.array([500_010.0, 500_800.0]), np.array([4_700_033.0, 4_700_400.0])
    grid = covering(x, y, margin_m=3000)
    fine = 25
    centres = (np.arange(grid.n_columns * fine) + 0.5) * grid.cell_m / fine + grid.west_m
    rows = grid.north_m - (np.arange(grid.n_rows * fine) + 0.5) * grid.cell_m / fine
    square = (centres - x[:, None, None]) ** 2 + (rows[:, None] - y[:, None, None]) ** 2
    density = np.maximum(0, 1 - square / 900.0**2).sum(axis=0)
    expected = density.reshape(grid.n_rows, fine, grid.n_columns, fine).sum(axis=(1, 3))
    ud = kernel_density(x, y, grid=grid, bandwidth_m=900.0, kernel="epanechnikov")
    assert 0.5 * np.abs(on(grid, ud) - expected / expected.sum()).sum() < 5e-4


def test_the_fourier_transform_gives_what_the_sum_gives(monkeypatch):
    x, y = points(300)
    grid = covering(x, y, cell_m=100)
    module = sys.modules[kernel_density.__module__]
    found = []
    for cost in (0.0, np.inf):
        monkeypatch.setattr(module, "_FFT_COST", cost)
        found.append(on(grid, kernel_density(x, y, grid=grid)))
    assert 0.5 * np.abs(found[0] - found[1]).sum() < 1e-6


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(50, 3000), options)
def test_the_mass_sums_to_one(seed, bandwidth_m, changes):
    x, y = points(20, seed=seed)
    ud = kernel_density(x, y, grid=covering(x, y), bandwidth_m=bandwidth_m, **changes)
    assert ud.mass.sum() == pytest.approx(1, abs=1e-12)
    assert ud.mass.min() >= 0


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(-300, 300), st.integers(-300, 300), options)
def test_moving_points_by_whole_cells_moves_their_distribution_by_as_many(seed, east, south, changes):
    x, y = points(20, seed=seed)
    x_there, y_there = x + east * 250.0, y - south * 250.0
    here, there = covering(x, y), covering(x_there, y_there)
    before = on(here, kernel_density(x, y, grid=here, **changes))
    after = on(there, kernel_density(x_there, y_there, grid=there, **changes))
    np.testing.assert_allclose(before, after, atol=1e-9)


def test_the_order_of_points_does_not_matter():
    x, y = points()
    grid = covering(x, y)
    one, other = kernel_density(x, y, grid=grid), kernel_density(x[::-1], y[::-1], grid=grid)
    np.testing.assert_allclose(on(grid, one), on(grid, other), atol=1e-12)


def test_the_reference_bandwidth_is_that_of_one_gaussian():
    x, y = points(1000)
    spread = np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    assert reference_bandwidth(x, y) == pytest.approx(spread * 1000 ** (-1 / 6))
    assert reference_bandwidth(x, y, kernel="epanechnikov") == pytest.approx(1.77 * reference_bandwidth(x, y))


def test_cross_validation_finds_narrower_kernels_for_two_centres():
    x, y = points(300)
    x = np.append(x, x + 15_000)
    found = least_squares_bandwidth(x, np.append(y, y))
    assert found.bandwidth_m < 0.3 * reference_bandwidth(x, np.append(y, y))
    scores = [pairwise_score(x, np.append(y, y), h) for h in (found.tried_m[5], found.bandwidth_m, found.tried_m[40])]
    np.testing.assert_allclose(scores, found.score_per_m2[[5, int(found.score_per_m2.argmin()), 40]], rtol=2e-3)
    assert found.remarks == ()


def pairwise_score(x, y, h):
    i, j = np.triu_indices(x.size, 1)
    square = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
    pairs = (np.exp(-square / (4 * h * h)) - 4 * np.exp(-square / (2 * h * h))).sum()
    n = x.size
    return 1 / (np.pi * h * h * n) + (2 * pairs - 3 * n) / (4 * np.pi * h * h * n * n)


def test_cross_validation_that_fails_is_remarked_on():
    x, y = points(20)
    ud = kernel_density(np.repeat(x, 10), np.repeat(y, 10), grid=covering(x, y), bandwidth_m="lscv")
    assert "bandwidth-not-found" in [remark.code for remark in ud.remarks]


def test_two_points_and_equal_points_need_a_bandwidth():
    grid = covering([0.0], [0.0])
    for x, code in (([0.0, 1.0], "bandwidth-points"), ([5.0] * 10, "bandwidth")):
        with pytest.raises(BadInput) as refused:
            kernel_density(x, np.zeros(len(x)), grid=grid)
        assert refused.value.code == code
        assert kernel_density(x, np.zeros(len(x)), grid=grid, bandwidth_m=500).mass.sum() == pytest.approx(1)


def test_mass_beyond_the_grid_is_reported():
    half = Grid(UTM, 50.0, 0.0, 5000.0, 200, 200)
    ud = kernel_density([0.0], [0.0], grid=half, bandwidth_m=300)
    assert ud.mass_outside == pytest.approx(0.5, abs=1e-5)


def test_cells_wider_than_the_kernel_are_remarked_on():
    ud = kernel_density([0.0], [0.0], grid=covering([0.0], [0.0], cell_m=1000), bandwidth_m=100)
    assert [remark.code for remark in ud.remarks] == ["cell-coarse"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kernel": "box"}, "kernel-unknown"),
        ({"kernel": "box", "bandwidth_m": 100}, "kernel-unknown"),
        ({"bandwidth_m": "best"}, "parameter"),
        ({"bandwidth_m": 0}, "parameter"),
        ({"bandwidth_m": float("nan")}, "parameter"),
        ({"compat": "move"}, "compat-unknown"),
        ({"x_m": [0.0, np.inf], "y_m": [0, 0]}, "track-not-finite"),
        ({"x_m": [0.0], "y_m": []}, "track-shape"),
    ],
)
def test_what_makes_no_sense_is_refused(change, code):
    x, y = points()
    with pytest.raises(BadInput) as refused:
        kernel_density(**({"x_m": x, "y_m": y, "grid": covering(x, y)} | change))
    assert refused.value.code == code


def test_a_window_too_large_for_memory_is_refused_with_a_cell_that_fits():
    wide = Grid.covering([0, 4_000_000], [0, 1_000_000], crs=UTM, cell_m=250)
    with pytest.raises(LimitReached) as refused:
        kernel_density([0, 4_000_000], [0, 1_000_000], grid=wide, bandwidth_m=1000)
    assert refused.value.code == "grid-too-large"
    assert "470 m" in refused.value.hint


def test_too_many_sums_are_refused():
    x, y = points(100)
    grid = covering(x, y, cell_m=10)
    with pytest.raises(LimitReached) as refused:
        kernel_density(np.tile(x, 2000), np.tile(y, 2000), grid=grid, kernel="epanechnikov", bandwidth_m=3000)
    assert refused.value.code == "kernel-sums"
