"""The Brownian bridge: exact integrals, conservation, symmetry, refusals."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.special import ndtr

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, UtilisationDistribution, bridge, brownian_bridge

from .tracks import brownian_track

UTM = CRS.from_epsg(32612)
HOUR = 3600.0
modes = st.sampled_from([None, "BBMM"])


def covering(x, y, *, cell_m=250.0, margin_m=5000.0):
    return Grid.covering(x, y, crs=UTM, cell_m=cell_m, margin_m=margin_m)


def on(grid: Grid, ud: UtilisationDistribution):
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass
    return mass


def integrated(grid, x, y, time, *, variance, error, max_lag=8 * HOUR, n=4000):
    """Cell integrals by brute force: thousands of instants a bridge, the normal distribution at every cell edge."""
    columns = grid.west_m + np.arange(grid.n_columns + 1) * grid.cell_m
    rows = grid.north_m - np.arange(grid.n_rows + 1) * grid.cell_m
    mass = np.zeros(grid.shape)
    for i in range(len(x) - 1):
        lag = time[i + 1] - time[i]
        if lag > max_lag:
            continue
        a = ((np.arange(n) + 0.5) / n)[:, None]
        sigma = np.sqrt(lag * a * (1 - a) * variance + ((1 - a) * error) ** 2 + (a * error) ** 2)
        across = np.diff(ndtr((columns - x[i] - a * (x[i + 1] - x[i])) / sigma))
        down = -np.diff(ndtr((rows - y[i] - a * (y[i + 1] - y[i])) / sigma))
        mass += lag / n * down.T @ across
    return mass / mass.sum()


def at_centres(grid, x, y, time, *, variance, error, step):
    """The formula of BBMM on the whole grid, cell by cell."""
    columns = grid.west_m + (np.arange(grid.n_columns) + 0.5) * grid.cell_m
    rows = (grid.north_m - (np.arange(grid.n_rows) + 0.5) * grid.cell_m)[:, None]
    mass = np.zeros(grid.shape)
    for i in range(len(x) - 1):
        lag = time[i + 1] - time[i]
        for instant in np.arange(0, lag + 1e-9, step):
            a = instant / lag
            v = lag * a * (1 - a) * variance + ((1 - a) * error) ** 2 + (a * error) ** 2
            apart = (columns - x[i] - a * (x[i + 1] - x[i])) ** 2 + (rows - y[i] - a * (y[i + 1] - y[i])) ** 2
            mass += np.exp(-apart / (2 * v)) / (2 * np.pi * v)
    return mass / mass.sum()


@pytest.mark.parametrize(("cell_m", "variance"), [(500.0, 4.0), (100.0, 4.0), (50.0, 1.0), (250.0, 0.0)])
def test_mass_is_the_integral_over_cell_and_time(cell_m, variance):
    x, y, time = brownian_track(12, variance=max(variance, 1.0), jitter=0.4)
    grid = covering(x, y, cell_m=cell_m, margin_m=2500)
    ud = brownian_bridge(x, y, time, grid=grid, motion_variance_m2_per_s=variance, time_step_s=30)
    expected = integrated(grid, x, y, time, variance=variance, error=20.0)
    assert 0.5 * np.abs(on(grid, ud) - expected).sum() < 1e-4


def test_steps_of_five_minutes_are_fine_enough():
    x, y, time = brownian_track(30, lag_s=2 * HOUR)
    grid = covering(x, y, cell_m=100)
    coarse, fine = (
        on(grid, brownian_bridge(x, y, time, grid=grid, motion_variance_m2_per_s=4.0, time_step_s=step))
        for step in (300.0, 5.0)
    )
    assert 0.5 * np.abs(coarse - fine).sum() < 2e-3


def test_compat_is_the_formula_of_bbmm():
    x, y, time = brownian_track(15)
    grid = covering(x, y)
    ud = brownian_bridge(x, y, time, grid=grid, motion_variance_m2_per_s=4.0, time_step_s=600, compat="BBMM")
    expected = at_centres(grid, x, y, time, variance=4.0, error=20.0, step=600.0)
    assert 0.5 * np.abs(on(grid, ud) - expected).sum() < 1e-7


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(10, 800), st.floats(0, 50), modes)
def test_the_mass_sums_to_one(seed, cell_m, variance, compat):
    x, y, time = brownian_track(10, seed=seed, jitter=0.5)
    ud = brownian_bridge(
        x,
        y,
        time,
        grid=covering(x, y, cell_m=cell_m),
        motion_variance_m2_per_s=variance,
        location_error_m=300.0,
        compat=compat,
    )
    assert ud.mass.sum() == pytest.approx(1, abs=1e-12)
    assert ud.mass.min() >= 0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(-300, 300), st.integers(-300, 300), modes)
def test_moving_a_track_by_whole_cells_moves_its_distribution_by_as_many(seed, east, south, compat):
    x, y, time = brownian_track(20, seed=seed, jitter=0.5)
    here = covering(x, y)
    x_there, y_there = x + east * 250.0, y - south * 250.0
    there = covering(x_there, y_there)
    before = on(here, brownian_bridge(x, y, time, grid=here, compat=compat))
    after = on(there, brownian_bridge(x_there, y_there, time, grid=there, compat=compat))
    assert here.offset_of(there) == (south, east)
    np.testing.assert_allclose(before, after, atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_the_same_way_back_gives_the_same_distribution(seed):
    x, y, time = brownian_track(21, seed=seed, jitter=0.5)
    grid = covering(x, y)
    there = brownian_bridge(x, y, time, grid=grid)
    back = brownian_bridge(x[::-1], y[::-1], -time[::-1], grid=grid)
    np.testing.assert_allclose(on(grid, there), on(grid, back), atol=1e-8)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_scaling_all_lengths_leaves_the_mass_of_the_cells(seed, factor):
    x, y, time = brownian_track(20, seed=seed)
    grid = Grid(UTM, 250.0, float(x.min()) - 5010, float(y.max()) + 5010, 100, 100)
    scaled = Grid(UTM, 250.0 * factor, grid.west_m * factor, grid.north_m * factor, 100, 100)
    small = brownian_bridge(x, y, time, grid=grid, motion_variance_m2_per_s=4.0)
    large = brownian_bridge(
        x * factor,
        y * factor,
        time,
        grid=scaled,
        location_error_m=20 * factor,
        motion_variance_m2_per_s=4.0 * factor**2,
    )
    np.testing.assert_allclose(on(grid, small), on(scaled, large), atol=1e-8)


def test_turning_the_map_turns_the_distribution():
    x, y, time = brownian_track(20)
    x, y = x - 500_000, y - 4_700_000
    square = Grid(UTM, 250.0, -25_000.0, 25_000.0, 200, 200)
    upright = on(square, brownian_bridge(x, y, time, grid=square))
    turned = on(square, brownian_bridge(y, x, time, grid=square))
    np.testing.assert_allclose(turned, upright[::-1, ::-1].T, atol=1e-12)


def test_threads_give_the_same_bytes():
    x, y, time = brownian_track(300)
    grid = covering(x, y)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(brownian_bridge(x, y, time, grid=grid).mass.tobytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(found) == {brownian_bridge(x, y, time, grid=grid).mass.tobytes()}


def test_two_fixes_are_enough_with_a_given_variance():
    grid = covering([0, 1000], [0, 0])
    ud = brownian_bridge([0, 1000], [0, 0], [0, HOUR], grid=grid, motion_variance_m2_per_s=4.0)
    assert (ud.n_fixes, ud.represented_s, ud.motion_variance_m2_per_s) == (2, HOUR, 4.0)
    assert ud.mass_outside == 0.0
    with pytest.raises(BadInput) as refused:
        brownian_bridge([0, 1000], [0, 0], [0, HOUR], grid=grid)
    assert refused.value.code == "motion-variance"


def test_nothing_is_known_of_long_gaps():
    x, y, time = np.array([0, 1000, 51_000, 52_000.0]), np.zeros(4), np.array([0, 1, 50, 51]) * HOUR
    grid = covering(x, y)
    ud = brownian_bridge(x, y, time, grid=grid, motion_variance_m2_per_s=4.0)
    mass = on(grid, ud).sum(axis=0)
    centres = grid.west_m + (np.arange(grid.n_columns) + 0.5) * grid.cell_m
    assert ud.represented_s == 2 * HOUR
    assert mass[(centres > 5000) & (centres < 47_000)].sum() == 0
    assert mass[centres < 5000].sum() == pytest.approx(0.5)


def test_an_error_of_zero_is_not_singular():
    x, y, time = brownian_track(10)
    ud = brownian_bridge(x, y, time, grid=covering(x, y), location_error_m=0, motion_variance_m2_per_s=1.0)
    assert np.isfinite(ud.mass).all()


def test_an_animal_that_stays_fills_the_cells_of_its_error():
    time = np.arange(50) * HOUR
    x = y = np.full(50, 125.0)
    ud = brownian_bridge(x, y, time, grid=covering(x, y))
    assert ud.motion_variance_m2_per_s == 0
    assert ud.mass.max() == pytest.approx(1)


def test_a_bridge_of_fast_movement_has_no_beads():
    x, y, time = np.array([0.0, 200_000.0]), np.array([125.0, 125.0]), np.array([0.0, 4 * HOUR])
    ud = brownian_bridge(x, y, time, grid=covering(x, y), motion_variance_m2_per_s=0.0, time_step_s=HOUR)
    along = ud.mass.sum(axis=0)[5:-5]
    assert along.max() / along.min() < 1.01


@pytest.mark.parametrize("compat", [None, "BBMM"])
def test_mass_beyond_the_grid_is_reported(compat):
    x, y, time = np.array([-1000.0, 1000.0]), np.array([0.0, 0.0]), np.array([0.0, HOUR])
    half = Grid(UTM, 50.0, 0.0, 5000.0, 200, 200)
    ud = brownian_bridge(x, y, time, grid=half, motion_variance_m2_per_s=1.0, compat=compat)
    assert ud.mass_outside == pytest.approx(0.5, abs=1e-6)
    assert ud.mass.sum() == pytest.approx(1)
    assert ud.grid.west_m == 0


def test_the_result_names_what_made_it():
    x, y, time = brownian_track(10)
    ud = brownian_bridge(x, y, time, grid=covering(x, y))
    assert ud.method == "brownian-bridge"
    assert ud.parameters == {
        "location_error_m": 20.0,
        "motion_variance_given": False,
        "max_lag_s": 28_800.0,
        "time_step_s": 300.0,
        "cell_m": 250.0,
        "compat": None,
    }
    own_errors = brownian_bridge(x, y, time, grid=covering(x, y), location_error_m=np.arange(10.0, 20.0))
    assert own_errors.parameters["location_error_m"] == "given for each fix"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"max_lag_s": 60.0}, "no-bridges"),
        ({"max_lag_s": float("nan")}, "parameter"),
        ({"time_step_s": 0.0}, "parameter"),
        ({"motion_variance_m2_per_s": -1.0}, "parameter"),
        ({"motion_variance_m2_per_s": float("inf")}, "parameter"),
        ({"compat": "move"}, "compat-unknown"),
        ({"grid": Grid(UTM, 250.0, 0.0, 0.0, 10, 10)}, "mass-none"),
        ({"location_error_m": -5}, "location-error"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(change, code):
    x, y, time = brownian_track(20)
    with pytest.raises(BadInput) as refused:
        brownian_bridge(x, y, time, **({"grid": covering(x, y)} | change))
    assert refused.value.code == code


def test_duplicate_times_are_refused():
    with pytest.raises(BadInput) as refused:
        brownian_bridge([0, 1, 2], [0, 0, 0], [0, 60, 60], grid=covering([0], [0]))
    assert refused.value.code == "track-duplicate-time"


def test_steps_too_short_to_finish_are_refused():
    x, y, time = brownian_track(20)
    with pytest.raises(LimitReached) as refused:
        brownian_bridge(x, y, time, grid=covering(x, y), time_step_s=1e-6)
    assert refused.value.code == "bridge-samples"


def test_a_window_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr(bridge, "MAX_WINDOW_CELLS", 10)
    x, y, time = brownian_track(20)
    with pytest.raises(LimitReached) as refused:
        brownian_bridge(x, y, time, grid=covering(x, y))
    assert refused.value.code == "grid-too-large"
