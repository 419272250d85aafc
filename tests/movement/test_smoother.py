"""The smoother against Gaussian algebra written out, against simulated truth, and by its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wildways.model import BadInput
from wildways.movement import CtcrwFit, fit_ctcrw, smooth, standardized_innovations
from wildways.movement._smoother_kernels import transition

from .walks import Walk, argos_walk, integrated_covariance

SEEDS = range(8)
DAY = 86_400.0


def walk_fit(sigma2: float, beta: float, n: int = 30) -> CtcrwFit:
    return CtcrwFit("ctcrw", sigma2, beta, 1.0, 0.0, n)


def stacked(errors):
    """Covariances of fixes as one matrix, all x before all y."""
    n = len(errors)
    whole = np.zeros((2 * n, 2 * n))
    for i, error in enumerate(errors):
        whole[np.ix_([i, n + i], [i, n + i])] = error
    return whole


def gaussian_log_likelihood(walk: Walk, sigma2, beta):
    """Density of the way of each fix from the first one, which has no place of its own."""
    n = len(walk.time_s)
    from_first = np.kron(np.eye(2), np.hstack((-np.ones((n - 1, 1)), np.eye(n - 1))))
    way = from_first @ walk.seen_m.T.ravel()
    cov = np.kron(np.eye(2), integrated_covariance(walk.time_s, sigma2, beta)) + stacked(walk.covariance_m2)
    cov = from_first @ cov @ from_first.T
    return -0.5 * (way @ np.linalg.solve(cov, way) + np.linalg.slogdet(2 * np.pi * cov)[1])


def kriged(walk: Walk, at_s, sigma2, beta):
    """Best linear unbiased positions and their covariances; the place of the track is a nuisance parameter."""
    n, m = len(walk.time_s), len(at_s)
    order = np.concatenate((walk.time_s, at_s))
    motion = integrated_covariance(np.concatenate(([order.min()], order)), sigma2, beta)[1:, 1:]
    motion = np.kron(np.eye(2), motion)
    fixes, wanted = np.r_[0:n, n + m : 2 * n + m], np.r_[n : n + m, 2 * n + m : 2 * (n + m)]
    precision = np.linalg.inv(motion[np.ix_(fixes, fixes)] + stacked(walk.covariance_m2))
    place = np.kron(np.eye(2), np.ones((n, 1)))
    place_cov = np.linalg.inv(place.T @ precision @ place)
    centre = place_cov @ place.T @ precision @ walk.seen_m.T.ravel()
    weight = motion[np.ix_(wanted, fixes)] @ precision
    rest = np.kron(np.eye(2), np.ones((m, 1))) - weight @ place
    mean = np.kron(np.eye(2), np.ones((m, 1))) @ centre + weight @ (walk.seen_m.T.ravel() - place @ centre)
    cov = motion[np.ix_(wanted, wanted)] - weight @ motion[np.ix_(fixes, wanted)] + rest @ place_cov @ rest.T
    return mean.reshape(2, m).T, np.array([cov[np.ix_([i, m + i], [i, m + i])] for i in range(m)])


@pytest.mark.parametrize(("sigma2", "beta"), [(3e4, 1 / 28_800), (500.0, 1 / 600), (3e6, 1 / 4e6)])
def test_the_log_likelihood_is_that_of_the_gaussian_written_out(sigma2, beta):
    from wildways.movement._smoother_kernels import log_likelihood

    walk = argos_walk(1, n=40)
    error = walk.covariance_m2[:, [0, 0, 1], [0, 1, 1]]
    start = np.array([np.inf, sigma2 * beta / 2, np.inf, sigma2 * beta / 2])
    ours = log_likelihood(walk.time_s, *walk.seen_m.T, error, sigma2, beta, start)
    assert ours == pytest.approx(gaussian_log_likelihood(walk, sigma2, beta), abs=1e-6)


@pytest.mark.parametrize(("sigma2", "beta"), [(3e4, 1 / 28_800), (500.0, 1 / 600), (3e6, 1 / 4e6)])
def test_smoothed_positions_are_the_best_linear_unbiased_ones(sigma2, beta):
    walk = argos_walk(2, n=40)
    at = np.linspace(walk.time_s[0], walk.time_s[-1], 33)
    smoothed = smooth(walk_fit(sigma2, beta), *walk.track, at_s=at)
    mean, covariance = kriged(walk, at, sigma2, beta)
    np.testing.assert_allclose(np.column_stack((smoothed.x_m, smoothed.y_m)), mean, atol=0.01)
    np.testing.assert_allclose(smoothed.covariance_m2, covariance, rtol=1e-6, atol=1e-6 * covariance.max())


@pytest.mark.parametrize("seed", SEEDS)
def test_smoothing_finds_the_truth_through_the_errors_of_argos(seed):
    walk = argos_walk(seed)
    smoothed = smooth(fit_ctcrw(*walk.track), *walk.track)
    miss = np.column_stack((smoothed.x_m, smoothed.y_m)) - walk.truth_m
    assert rms(miss) < 0.6 * rms(walk.seen_m - walk.truth_m)
    deviations = miss / np.sqrt(np.diagonal(smoothed.covariance_m2, axis1=1, axis2=2))
    assert 0.90 <= np.mean(np.abs(deviations) < 1.96) <= 0.98


@pytest.mark.parametrize("seed", SEEDS)
def test_intervals_between_fixes_hold_the_truth_too(seed):
    walk = argos_walk(seed)
    seen = np.arange(400) % 3 != 1
    seen[[0, -1]] = True
    track = [values[seen] for values in walk.track]
    smoothed = smooth(fit_ctcrw(*track), *track, at_s=walk.time_s[~seen])
    miss = np.column_stack((smoothed.x_m, smoothed.y_m)) - walk.truth_m[~seen]
    deviations = miss / np.sqrt(np.diagonal(smoothed.covariance_m2, axis1=1, axis2=2))
    assert 0.90 <= np.mean(np.abs(deviations) < 1.96) <= 0.98


def test_the_parameters_are_found_again():
    fits = [fit_ctcrw(*argos_walk(seed).track) for seed in SEEDS]
    assert np.median([fit.speed_mps for fit in fits]) == pytest.approx(1.0, rel=0.05)
    assert np.median([1 / fit.beta_per_s / 3600 for fit in fits]) == pytest.approx(8.0, rel=0.15)
    assert all(fit.model == "ctcrw" and not fit.at_bounds for fit in fits)


def test_errors_stated_too_small_are_found_out():
    walk = argos_walk(3)
    fit = fit_ctcrw(*walk.track[:3], walk.covariance_m2 / 2.0**2, estimate_error_scale=True)
    assert fit.error_scale == pytest.approx(2.0, rel=0.1)
    right = fit_ctcrw(*walk.track)
    assert fit.sigma2_m2_per_s == pytest.approx(right.sigma2_m2_per_s, rel=0.1)


def test_innovations_of_the_right_model_are_standard_normal_and_independent():
    walk = argos_walk(4, n=1000)
    white = standardized_innovations(fit_ctcrw(*walk.track), *walk.track)
    assert np.isnan(white[0]).all()
    assert np.mean(white[1:]) == pytest.approx(0, abs=0.1)
    assert np.std(white[1:]) == pytest.approx(1, abs=0.06)
    for axis in range(2):
        assert np.corrcoef(white[1:-1, axis], white[2:, axis])[0, 1] == pytest.approx(0, abs=0.1)
    assert np.corrcoef(white[1:].T)[0, 1] == pytest.approx(0, abs=0.1)


def test_an_outlier_stands_out_of_the_innovations():
    walk = argos_walk(5)
    walk.seen_m[200] += 300_000.0
    white = standardized_innovations(walk_fit(28_800.0, 1 / 28_800), *walk.track)
    assert np.flatnonzero(np.abs(white).max(axis=1) > 6)[0] == 200


@given(beta=st.floats(1e-9, 0.05), lags=st.tuples(st.floats(1.0, 1e7), st.floats(1.0, 1e7)))
def test_two_steps_are_one_long_step(beta, lags):
    def matrices(lag):
        reach, left, pp, pv, vv = transition(beta, lag)
        return np.array([[1, reach], [0, left]]), np.array([[pp, pv], [pv, vv]])

    (first, noise_1), (second, noise_2), (whole, noise) = matrices(lags[0]), matrices(lags[1]), matrices(sum(lags))
    np.testing.assert_allclose(second @ first, whole, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(second @ noise_1 @ second.T + noise_2, noise, rtol=1e-9)


@given(beta=st.floats(1e-9, 1e-4), lag=st.floats(1.0, 1e3))
def test_over_short_times_the_noise_is_that_of_integrated_brownian_motion(beta, lag):
    z = beta * lag
    _, _, pp, pv, vv = transition(beta, lag)
    assert pp == pytest.approx(beta**2 * lag**3 / 3, rel=z + 1e-9)
    assert pv == pytest.approx(beta**2 * lag**2 / 2, rel=1.1 * z + 1e-9)
    assert vv == pytest.approx(beta**2 * lag, rel=1.1 * z + 1e-9)


def test_the_series_meets_the_formula():
    below, above = transition(1.0, 0.1 * (1 - 1e-12)), transition(1.0, 0.1)
    np.testing.assert_allclose(below, above, rtol=1e-10)


@settings(deadline=None, max_examples=20)
@given(east=st.floats(-1e7, 1e7), north=st.floats(-1e7, 1e7), later=st.floats(0, 2e9))
def test_a_track_elsewhere_and_at_another_time_is_smoothed_alike(east, north, later):
    walk = argos_walk(6, n=60)
    fit = walk_fit(28_800.0, 1 / 28_800)
    here = smooth(fit, *walk.track)
    time, x, y, covariance = walk.track
    there = smooth(fit, time + later, x + east, y + north, covariance)
    np.testing.assert_allclose(there.x_m - east, here.x_m, atol=0.02)
    np.testing.assert_allclose(there.y_m - north, here.y_m, atol=0.02)
    np.testing.assert_allclose(there.covariance_m2, here.covariance_m2, rtol=1e-4, atol=1.0)


@settings(deadline=None, max_examples=20)
@given(angle=st.floats(0, 2 * np.pi))
def test_a_turned_track_is_smoothed_to_the_turned_positions(angle):
    walk = argos_walk(7, n=60)
    fit = walk_fit(28_800.0, 1 / 28_800)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    straight = smooth(fit, *walk.track)
    turned_covariance = turn @ walk.covariance_m2 @ turn.T
    turned_covariance = (turned_covariance + turned_covariance.transpose(0, 2, 1)) / 2
    turned = smooth(fit, walk.time_s, *(walk.seen_m @ turn.T).T, turned_covariance)
    expected = np.column_stack((straight.x_m, straight.y_m)) @ turn.T
    np.testing.assert_allclose(np.column_stack((turned.x_m, turned.y_m)), expected, atol=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_track_and_its_reverse_are_smoothed_alike_and_equally_likely(seed):
    walk = argos_walk(seed, n=60)
    there = fit_ctcrw(*walk.track)
    reverse = (-walk.time_s[::-1], *walk.seen_m[::-1].T, walk.covariance_m2[::-1])
    back = fit_ctcrw(*reverse)
    forward, backward = smooth(there, *walk.track), smooth(there, *reverse)
    np.testing.assert_allclose(backward.x_m[::-1], forward.x_m, atol=1e-3)
    np.testing.assert_allclose(backward.y_m[::-1], forward.y_m, atol=1e-3)
    np.testing.assert_allclose(backward.covariance_m2[::-1], forward.covariance_m2, rtol=1e-6, atol=1e-3)
    assert back.log_likelihood == pytest.approx(there.log_likelihood, abs=1e-5)
    assert back.sigma2_m2_per_s == pytest.approx(there.sigma2_m2_per_s, rel=1e-3)
    assert back.beta_per_s == pytest.approx(there.beta_per_s, rel=1e-3)


def test_an_animal_at_constant_velocity_is_found_on_its_line():
    time = np.arange(0, 10 * DAY, 7200.0)
    track = time, 1.5 * time, -0.5 * time, np.full(time.size, 250.0**2)
    at = np.linspace(0, time[-1], 777)
    smoothed = smooth(fit_ctcrw(*track), *track, at_s=at)
    np.testing.assert_allclose(smoothed.x_m, 1.5 * at, atol=25.0)
    np.testing.assert_allclose(smoothed.y_m, -0.5 * at, atol=25.0)


def test_an_animal_at_rest_is_found_where_it_rests():
    rng = np.random.default_rng(0)
    time = np.arange(0, 30 * DAY, 3600.0)
    track = time, *rng.normal(scale=500.0, size=(2, time.size)), np.full(time.size, 500.0**2)
    smoothed = smooth(fit_ctcrw(*track), *track)
    assert rms(np.column_stack((smoothed.x_m, smoothed.y_m))) < 100


def test_two_fixes_at_one_time_are_one_better_fix():
    walk = argos_walk(0, n=30)
    fit = walk_fit(28_800.0, 1 / 28_800)
    twice = np.repeat(np.arange(30), np.where(np.arange(30) == 12, 2, 1))
    covariance = walk.covariance_m2[twice].copy()
    covariance[[12, 13]] *= 2
    doubled = smooth(fit, walk.time_s[twice], *walk.seen_m[twice].T, covariance, at_s=walk.time_s)
    single = smooth(fit, *walk.track)
    np.testing.assert_allclose(doubled.x_m, single.x_m, atol=1e-3)
    np.testing.assert_allclose(doubled.covariance_m2, single.covariance_m2, rtol=1e-6, atol=1e-3)


def test_fixes_that_say_nothing_change_nothing():
    walk = argos_walk(1, n=60)
    covariance = walk.covariance_m2.copy()
    silent = np.arange(60) % 7 == 0
    covariance[silent] = [[np.inf, 0], [0, np.inf]]
    x, y = walk.seen_m.T.copy()
    x[silent], y[silent] = np.nan, 1e9
    loud = [values[~silent] for values in walk.track]
    with_silent = walk.time_s, x, y, covariance
    assert fit_ctcrw(*with_silent) == fit_ctcrw(*loud)
    white = standardized_innovations(walk_fit(28_800.0, 1 / 28_800), *with_silent)
    assert np.isnan(white[silent]).all()
    assert np.isfinite(white[~silent][1:]).all()


def test_a_gap_of_a_year_is_bridged_and_marked():
    walk = argos_walk(2, n=80)
    time = walk.time_s + np.where(np.arange(80) >= 40, 365 * DAY, 0.0)
    at = np.arange(time[0], time[-1], 6 * 3600.0)
    track = (time, *walk.track[1:])
    smoothed = smooth(fit_ctcrw(*track), *track, at_s=at)
    inside = (at > time[39]) & (at < time[40])
    np.testing.assert_array_equal(smoothed.in_gap, inside)
    assert np.isfinite(smoothed.x_m).all()
    assert (np.linalg.eigvalsh(smoothed.covariance_m2) > 0).all()
    largest = smoothed.covariance_m2[:, 0, 0].argmax()
    assert at[largest] == pytest.approx((time[39] + time[40]) / 2, abs=2 * DAY)


def test_a_gap_is_measured_by_the_lags_of_the_track():
    time = np.arange(40) * 12 * 3600.0
    time[20:] += 2 * DAY
    track = time, np.arange(40) * 1e4, np.zeros(40), np.full(40, 1e6)
    fit = walk_fit(1e4, 1e-5)
    assert not smooth(fit, *track, at_s=np.array([time[19] + DAY])).in_gap.any()
    time[20:] += 2 * DAY
    assert smooth(fit, *track, at_s=np.array([time[19] + DAY])).in_gap.all()
    assert not smooth(fit, *track).in_gap.any()


def test_fixes_of_every_second_are_smoothed():
    rng = np.random.default_rng(3)
    time = np.arange(4 * DAY, step=20.0)
    time = np.sort(np.concatenate((time, np.arange(500.0) + 1e5 + 0.5)))
    x = np.cumsum(rng.normal(size=time.size)) * 3
    smoothed = smooth(walk_fit(1e3, 1e-4), time, x, -x, np.full(time.size, 25.0))
    assert np.isfinite(smoothed.x_m).all()
    assert (np.linalg.eigvalsh(smoothed.covariance_m2) > 0).all()
    np.testing.assert_allclose(smoothed.y_m, -smoothed.x_m, atol=1e-6)
    fit = fit_ctcrw(time[:2000], x[:2000], -x[:2000], np.full(2000, 25.0), model="ctcrw")
    assert np.isfinite(fit.log_likelihood)


@settings(deadline=None, max_examples=60)
@given(log_sigma2=st.floats(-6, 18), log_beta=st.floats(-18, -3), seed=st.integers(0, 1000), spread=st.floats(0.0, 3.0))
def test_covariances_are_positive_whatever_the_parameters(log_sigma2, log_beta, seed, spread):
    rng = np.random.default_rng(seed)
    time = np.cumsum(np.round(rng.lognormal(np.log(3600), spread, 60)))
    root = rng.normal(size=(60, 2, 2)) * rng.lognormal(np.log(500), spread, (60, 1, 1))
    covariance = root @ root.transpose(0, 2, 1) + np.eye(2)
    covariance = (covariance + covariance.transpose(0, 2, 1)) / 2
    track = time, *rng.normal(scale=5000, size=(2, 60)), covariance
    at = np.linspace(time[0], time[-1], 50)
    smoothed = smooth(walk_fit(np.exp(log_sigma2), np.exp(log_beta)), *track, at_s=at)
    assert np.isfinite(smoothed.x_m).all()
    assert (np.linalg.eigvalsh(smoothed.covariance_m2) > 0).all()


def test_times_may_be_asked_for_in_any_order_and_twice():
    walk = argos_walk(4, n=40)
    fit = walk_fit(28_800.0, 1 / 28_800)
    at = np.linspace(walk.time_s[0], walk.time_s[-1], 9)
    mixed = np.array([5, 0, 8, 5, 2])
    np.testing.assert_allclose(
        smooth(fit, *walk.track, at_s=at[mixed]).x_m, smooth(fit, *walk.track, at_s=at).x_m[mixed], atol=1e-6
    )


def test_more_fixes_make_a_position_better_known():
    walk = argos_walk(5, n=60)
    fit = walk_fit(28_800.0, 1 / 28_800)
    some = np.arange(60) % 2 == 0
    at = walk.time_s[:59:2]
    fewer = smooth(fit, *(values[some] for values in walk.track), at_s=at)
    more = smooth(fit, *walk.track, at_s=at)
    assert (np.linalg.eigvalsh(fewer.covariance_m2 - more.covariance_m2) > -1e-3).all()


@pytest.mark.parametrize(("n", "lag_h", "model"), [(19, 24.0, "rw"), (20, 24.0, "ctcrw"), (40, 1.0, "rw")])
def test_few_fixes_or_days_make_a_plain_random_walk(n, lag_h, model):
    walk = argos_walk(6, n=n)
    time = np.arange(n) * lag_h * 3600
    track = (time, *walk.track[1:])
    fit = fit_ctcrw(*track)
    assert fit.model == model
    assert np.isfinite(smooth(fit, *track).x_m).all()
    assert np.isnan(fit.speed_mps) == (model == "rw")


def test_the_plain_random_walk_finds_its_diffusion():
    rng = np.random.default_rng(8)
    time = np.cumsum(rng.exponential(3600, 2000))
    steps = rng.normal(size=(2, 2000)) * np.sqrt(50.0 * np.diff(time, prepend=0))
    x, y = np.cumsum(steps, axis=1) + rng.normal(scale=200.0, size=(2, 2000))
    fit = fit_ctcrw(time, x, y, np.full(2000, 200.0**2), model="rw")
    assert fit.sigma2_m2_per_s == pytest.approx(50.0, rel=0.1)


def test_a_parameter_the_track_does_not_tell_is_named():
    rng = np.random.default_rng(9)
    time = np.arange(200) * 6 * 3600.0
    x, y = np.cumsum(rng.normal(scale=3000, size=(2, 200)), axis=1)
    assert "beta_per_s" in fit_ctcrw(time, x, y, np.full(200, 1.0)).at_bounds


def track_of(n=30, **changed):
    walk = argos_walk(0, n=30)
    columns = dict(zip(("time_s", "x_m", "y_m", "covariance_m2"), walk.track, strict=True)) | changed
    return [columns[name][:n] for name in ("time_s", "x_m", "y_m", "covariance_m2")]


@pytest.mark.parametrize(
    ("track", "code"),
    [
        (track_of(4), "smoother-too-few"),
        (track_of(time_s=np.zeros(30)), "smoother-too-few"),
        (track_of(covariance_m2=np.full(30, np.inf)), "smoother-too-few"),
        (track_of(time_s=-np.arange(30.0)), "smoother-unsorted"),
        (track_of(time_s=np.r_[np.arange(29.0), np.nan]), "smoother-unsorted"),
        (track_of(x_m=np.r_[np.nan, np.arange(29.0)]), "smoother-not-finite"),
        (track_of(x_m=np.arange(29.0)), "smoother-shape"),
        (track_of(covariance_m2=np.ones((30, 3))), "smoother-shape"),
        (track_of(covariance_m2=np.full((30, 2, 2), 1e4)), "smoother-covariance"),
        (track_of(covariance_m2=np.full((30), -1e4)), "smoother-covariance"),
    ],
)
def test_a_track_that_cannot_be_smoothed_is_refused(track, code):
    with pytest.raises(BadInput) as refused:
        fit_ctcrw(*track)
    assert refused.value.code == code


def test_times_outside_the_track_are_refused():
    walk = argos_walk(0, n=30)
    for at in (walk.time_s[0] - 1, walk.time_s[-1] + 1, np.nan):
        with pytest.raises(BadInput) as refused:
            smooth(walk_fit(1e4, 1e-4), *walk.track, at_s=at)
        assert refused.value.code == "smoother-outside"


def rms(miss):
    return float(np.sqrt(np.mean(np.sum(miss**2, axis=-1))))
