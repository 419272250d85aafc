"""The motion variance against hand-made likelihoods and known motion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from wildways.model.errors import BadInput
from wildways.movement import estimate_motion_variance

from .tracks import brownian_track


def deviance(variance, x, y, time, error, *, reversed_share=False):
    """The likelihood written out, a term a fix."""
    total = 0.0
    for i in range(1, len(x) - 1, 2):
        before, after = time[i] - time[i - 1], time[i + 1] - time[i]
        whole = before + after
        a = (after if reversed_share else before) / whole
        v = whole * a * (1 - a) * variance + (1 - a) ** 2 * error**2 + a**2 * error**2
        miss = np.hypot(x[i] - x[i - 1] - a * (x[i + 1] - x[i - 1]), y[i] - y[i - 1] - a * (y[i + 1] - y[i - 1]))
        total += np.log(2 * np.pi * v) + miss**2 / (2 * v)
    return total


@pytest.mark.parametrize("compat", [None, "BBMM"])
def test_it_maximises_the_likelihood(compat):
    x, y, time = brownian_track(101, jitter=0.4, seed=5)
    found = estimate_motion_variance(x, y, time, compat=compat)
    best = minimize_scalar(
        lambda log: deviance(np.exp(log), x, y, time, 20.0, reversed_share=compat == "BBMM"),
        bounds=(-3, 6),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert found == pytest.approx(np.exp(best.x), rel=1e-6)


def test_a_known_motion_is_recovered():
    tracks = [brownian_track(1001, seed=seed, variance=4.0, error_m=1.0) for seed in range(10)]
    found = [estimate_motion_variance(*track, location_error_m=1.0) for track in tracks]
    assert np.mean(found) == pytest.approx(4.0, rel=0.05)


def test_the_share_of_time_matters_only_where_lags_differ():
    regular, irregular = brownian_track(101), brownian_track(101, jitter=0.5)
    assert estimate_motion_variance(*regular) == pytest.approx(estimate_motion_variance(*regular, compat="BBMM"))
    assert estimate_motion_variance(*irregular) != pytest.approx(
        estimate_motion_variance(*irregular, compat="BBMM"), rel=1e-3
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.1, 30))
def test_doubling_all_lengths_makes_it_four_times_as_large(seed, factor):
    x, y, time = brownian_track(41, seed=seed, jitter=0.3)
    once = estimate_motion_variance(x, y, time, location_error_m=20)
    scaled = estimate_motion_variance(x * factor, y * factor, time, location_error_m=20 * factor)
    assert scaled == pytest.approx(once * factor**2, rel=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_the_same_way_back_gives_the_same(seed):
    x, y, time = brownian_track(41, seed=seed, jitter=0.3)
    back = estimate_motion_variance(x[::-1], y[::-1], -time[::-1])
    assert back == pytest.approx(estimate_motion_variance(x, y, time), rel=1e-6)


def test_an_animal_that_stays_has_none():
    x, y, time = brownian_track(101, variance=0.0, error_m=5.0)
    assert estimate_motion_variance(x, y, time, location_error_m=20.0) == 0.0


def test_a_fix_beside_a_long_gap_is_not_left_out():
    x, y, time = brownian_track(61)
    gap = np.where(np.arange(61) >= 31, 10 * 86_400.0, 0.0)
    moved = np.where(np.arange(61) >= 31, 3e5, 0.0)
    with_gap = estimate_motion_variance(x + moved, y, time + gap)
    assert with_gap == pytest.approx(estimate_motion_variance(x, y, time), rel=0.5)


def test_two_fixes_to_predict_are_too_few():
    x, y, time = brownian_track(5)
    with pytest.raises(BadInput, match="Only 2 fixes") as refused:
        estimate_motion_variance(x, y, time)
    assert refused.value.code == "motion-variance"


def test_without_short_lags_there_is_none():
    x, y, time = brownian_track(50, lag_s=10 * 3600)
    with pytest.raises(BadInput) as refused:
        estimate_motion_variance(x, y, time)
    assert refused.value.code == "motion-variance"


@pytest.mark.parametrize(("option", "code"), [({"max_lag_s": 0}, "parameter"), ({"compat": "R"}, "compat-unknown")])
def test_an_option_that_makes_no_sense_is_refused(option, code):
    with pytest.raises(BadInput) as refused:
        estimate_motion_variance(*brownian_track(21), **option)
    assert refused.value.code == code
