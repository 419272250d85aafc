"""The dynamic motion variance and its bridges: known variances, changes of behaviour, gaps, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, brownian_bridge, dynamic_brownian_bridge, dynamic_motion_variance

from .tracks import brownian_track

UTM = CRS.from_epsg(32612)
HOUR = 3600.0


def covering(x, y, *, cell_m=250.0, margin_m=5000.0):
    return Grid.covering(x, y, crs=UTM, cell_m=cell_m, margin_m=margin_m)


def on(grid, ud):
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass
    return mass


def test_the_variance_of_brownian_motion_is_found_within_ten_percent():
    found = [
        np.nanmean(dynamic_motion_variance(*brownian_track(2000, seed=seed, error_m=1.0)).variance_m2_per_s)
        for seed in range(5)
    ]
    assert np.mean(found) == pytest.approx(4.0, rel=0.1)


def test_a_change_of_behaviour_is_found_where_it_is():
    slow, fast = brownian_track(200, seed=1, variance=0.5), brownian_track(200, seed=2, variance=50.0)
    x, y = (np.append(a, b - b[0] + a[-1]) for a, b in zip(slow[:2], fast[:2], strict=True))
    found = dynamic_motion_variance(x, y, np.arange(400) * HOUR)
    variance = found.variance_m2_per_s
    assert np.nanmean(variance[:190]) < 1.5
    assert np.nanmean(variance[210:]) == pytest.approx(50, rel=0.25)
    assert abs(int(found.n_breaks.argmax()) - 200) <= 2


def test_every_step_but_the_margins_has_an_estimate():
    found = dynamic_motion_variance(*brownian_track(60), window=21, margin=7)
    is_known = np.isfinite(found.variance_m2_per_s)
    assert not is_known[:6].any()
    assert not is_known[-6:].any()
    assert is_known[6:-6].all()
    assert found.n_windows.max() == 21 - 2 * 7 + 1
    assert (found.is_complete <= is_known).all()


def test_windows_do_not_reach_over_a_gap_but_with_compat():
    x, y, time = brownian_track(80)
    time = time + np.where(np.arange(80) >= 40, 365 * 24 * HOUR, 0)
    parted, joined = (dynamic_motion_variance(x, y, time, compat=compat) for compat in (None, "move"))
    assert np.isnan(parted.variance_m2_per_s[30:50]).all()
    assert np.isfinite(joined.variance_m2_per_s[30:50]).all()
    ud = dynamic_brownian_bridge(x, y, time, grid=covering(x, y))
    assert ud.represented_s == pytest.approx(2 * 19 * HOUR)


def test_an_animal_that_stays_has_no_variance():
    x = y = np.full(40, 125.0)
    time = np.arange(40) * HOUR
    found = dynamic_motion_variance(x, y, time)
    assert np.nanmax(found.variance_m2_per_s) == 0
    assert dynamic_brownian_bridge(x, y, time, grid=covering(x, y)).mass.max() == pytest.approx(1)


def test_fixes_a_second_apart_are_bridged():
    x, y, time = brownian_track(100, lag_s=1.0, error_m=2.0)
    ud = dynamic_brownian_bridge(x, y, time, grid=covering(x, y, cell_m=20, margin_m=200), location_error_m=2)
    assert ud.mass.sum() == pytest.approx(1)
    assert ud.represented_s < 100


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.floats(20, 600), st.sampled_from([None, "move"]))
def test_the_mass_sums_to_one(seed, cell_m, compat):
    x, y, time = brownian_track(50, seed=seed, jitter=0.5)
    grid = covering(x, y, cell_m=cell_m, margin_m=20_000 if compat else 5000)
    ud = dynamic_brownian_bridge(x, y, time, grid=grid, time_step_s=600, compat=compat)
    assert ud.mass.sum() == pytest.approx(1, abs=1e-12)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(-300, 300), st.integers(-300, 300))
def test_moving_a_track_by_whole_cells_moves_its_distribution_by_as_many(seed, east, south):
    x, y, time = brownian_track(50, seed=seed, jitter=0.5)
    x_there, y_there = x + east * 250.0, y - south * 250.0
    here, there = covering(x, y), covering(x_there, y_there)
    before = on(here, dynamic_brownian_bridge(x, y, time, grid=here))
    after = on(there, dynamic_brownian_bridge(x_there, y_there, time, grid=there))
    np.testing.assert_allclose(before, after, atol=1e-9)


def test_the_bridges_are_those_of_the_brownian_bridge():
    x, y, time = brownian_track(31)
    grid = covering(x, y)
    variance = dynamic_motion_variance(x, y, time).variance_m2_per_s[10:20]
    parts = [
        on(grid, brownian_bridge(x[i : i + 2], y[i : i + 2], time[i : i + 2], grid=grid, motion_variance_m2_per_s=v))
        for i, v in zip(range(10, 20), variance, strict=True)
    ]
    whole = on(grid, dynamic_brownian_bridge(x, y, time, grid=grid))
    np.testing.assert_allclose(whole, np.mean(parts, axis=0), atol=1e-9)


def test_the_result_names_what_made_it():
    x, y, time = brownian_track(40)
    ud = dynamic_brownian_bridge(x, y, time, grid=covering(x, y))
    assert ud.method == "dynamic-brownian-bridge"
    assert ud.parameters["window"] == 31
    assert ud.n_fixes == 40
    assert len(ud.input_hash) == 64
    assert ud.code_version
    assert ud.motion_variance_m2_per_s is None


def test_cells_wider_than_the_corridor_are_remarked_on():
    x, y, time = brownian_track(40, variance=0.01)
    ud = dynamic_brownian_bridge(x, y, time, grid=covering(x, y, cell_m=5000, margin_m=10_000))
    assert [remark.code for remark in ud.remarks] == ["cell-coarse"]
    assert dynamic_brownian_bridge(x, y, time, grid=covering(x, y, cell_m=25)).remarks == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"window": 30}, "dynamic-window"),
        ({"margin": 10}, "dynamic-window"),
        ({"margin": 17}, "dynamic-window"),
        ({"margin": 1}, "dynamic-window"),
        ({"window": 101}, "dynamic-too-few"),
        ({"max_lag_s": 60.0}, "dynamic-too-few"),
        ({"compat": "BBMM"}, "compat-unknown"),
        ({"compat": "move", "grid": Grid(UTM, 250.0, 500_000.0, 4_700_000.0, 4, 4)}, "grid-outside"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(change, code):
    x, y, time = brownian_track(60)
    with pytest.raises(BadInput) as refused:
        dynamic_brownian_bridge(x, y, time, **({"grid": covering(x, y)} | change))
    assert refused.value.code == code


def test_two_fixes_and_what_is_not_finite_are_refused():
    with pytest.raises(BadInput) as refused:
        dynamic_motion_variance([0, 1], [0, 1], [0, 60])
    assert refused.value.code == "dynamic-too-few"
    with pytest.raises(BadInput) as refused:
        dynamic_motion_variance([0, np.nan, 2], [0, 1, 2], [0, 60, 120])
    assert refused.value.code == "track-not-finite"


def test_a_lag_of_a_second_among_long_ones_is_refused_in_compat_mode():
    x, y, time = brownian_track(60, lag_s=30 * 24 * HOUR)
    time[10:] += 1 - (time[10] - time[9])
    with pytest.raises(LimitReached) as refused:
        dynamic_brownian_bridge(x, y, time, grid=covering(x, y), compat="move")
    assert refused.value.code == "bridge-samples"


def test_fixes_beyond_the_time_of_interest_bring_its_ends_in() -> None:
    x, y, time_s = brownian_track(120, seed=4)
    grid, own = covering(x, y), slice(40, 80)
    between_s = (time_s[40], time_s[79])
    alone = dynamic_brownian_bridge(x[own], y[own], time_s[own], grid=grid)
    within = dynamic_brownian_bridge(x, y, time_s, grid=grid, between_s=between_s)
    assert within.represented_s == between_s[1] - between_s[0] > alone.represented_s
    assert within.n_fixes == alone.n_fixes == 40
    estimate = dynamic_motion_variance(x, y, time_s)
    assert np.isfinite(estimate.variance_m2_per_s[40:79]).all()
    with pytest.raises(BadInput) as caught:
        dynamic_brownian_bridge(x, y, time_s, grid=grid, between_s=(time_s[0], time_s[3]))
    assert caught.value.code == "no-bridges"
