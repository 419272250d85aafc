"""Positions with their uncertainty at any time, from a continuous-time correlated random walk seen with error."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from wildways.model.errors import BadInput
from wildways.movement import _smoother_kernels as kernels
from wildways.movement.observed import ObservedTrack, checked_observations

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Model = Literal["ctcrw", "rw"]
SmootherCompat = Literal["crawl"] | None

MIN_FIXES = {"ctcrw": 20, "rw": 5}
MIN_SPAN_S = 3 * 86_400.0
"""Below 20 fixes or three days the persistence of movement cannot be told from its speed: no correlated walk."""
MIN_GAP_S = 86_400.0
GAP_LAGS = 5.0

_PER_HOUR = 1 / 3600
_LOG_BOUNDS = {
    "sigma2_m2_per_s": (np.log(1e-6), np.log(1e12)),
    "beta_per_s": (-10 + np.log(_PER_HOUR), 5 + np.log(_PER_HOUR)),
    "error_scale": (-3.0, 3.0),
}
_UNCORRELATED_PER_S = 1e4
_LOG_STEP = 1e-4


@dataclass(frozen=True)
class CtcrwFit:
    """A continuous-time correlated random walk, fitted to a track."""

    model: Model
    """``ctcrw``, or ``rw`` for the plain random walk, whose velocity has no memory."""
    sigma2_m2_per_s: float
    """Growth of the variance of the position along each axis over long times, m²/s."""
    beta_per_s: float
    """Rate at which the velocity is forgotten, 1/s."""
    error_scale: float
    """Factor on the standard deviations of the fixes; 1 where it was not estimated."""
    log_likelihood: float
    """Of all fixes but the first, which says where the track begins; in compat mode as the other tool states it."""
    n_fixes: int
    """Fixes used: those with finite variances."""
    at_bounds: tuple[str, ...] = ()
    """Parameters that ended at a bound of the search: the track does not tell them."""
    compat: SmootherCompat = None

    @property
    def speed_mps(self) -> float:
        """Root mean square of the speed, metres a second; NaN for the plain random walk, which has none."""
        return float(np.sqrt(self.sigma2_m2_per_s * self.beta_per_s)) if self.model == "ctcrw" else float("nan")


@dataclass(frozen=True, eq=False)
class SmoothedTrack:
    """Smoothed positions: arrays of n, metres in the plane of the fixes."""

    time_s: Floats
    x_m: Floats
    y_m: Floats
    covariance_m2: Floats
    """Shape (n, 2, 2), m²."""
    in_gap: Booleans
    """Whether the time lies inside a gap, longer than a day and than five median lags: the position is a guess."""


def fit_ctcrw(
    time_s: ArrayLike,
    x_m: ArrayLike,
    y_m: ArrayLike,
    covariance_m2: ArrayLike,
    *,
    model: Model | None = None,
    estimate_error_scale: bool = False,
    compat: SmootherCompat = None,
) -> CtcrwFit:
    """Fit a continuous-time correlated random walk by maximum likelihood.

    Along each axis the velocity ``v`` is an Ornstein-Uhlenbeck process and the position its integral. Over ``D``
    seconds, with ``b = beta`` and ``s² = sigma2``::

        x' = x + v (1 - e^-bD) / b + e₁      v' = v e^-bD + e₂
        var e₁ = s² (D - 2 (1 - e^-bD) / b + (1 - e^-2bD) / 2b)
        var e₂ = s² b (1 - e^-2bD) / 2       cov = s² (1 - e^-bD)² / 2

    A fix is the position with a Gaussian error of the covariance given. The track begins anywhere, at a velocity from
    the process's own distribution ``N(0, s² b / 2)``, so that a track and its reverse have the same likelihood. The
    likelihood comes from the Kalman filter and is maximised by a quasi-Newton method from three starts, with ``b`` in
    e^-10…e^5 an hour. Cost O(n) an evaluation, some two hundred evaluations.

    Parameters
    ----------
    time_s : shape (n,), seconds, ascending; equal times are allowed
    x_m, y_m : shape (n,), metres in one projected CRS
    covariance_m2 : shape (n, 2, 2), or (n,) for the same variance along both axes, m²; a fix of infinite variance is
        not used, one of less than 1 m² is taken as 1 m²
    model : by default ``ctcrw``, or ``rw`` (the limit for b → ∞) for fewer than 20 fixes or three days
    estimate_error_scale : also estimate a factor on the standard deviations of the fixes
    compat : ``"crawl"`` begins the track as the R package crawl 2.3 does, at the first fix with the variance of all
        fixes, and states the log-likelihood without its constant

    Raises
    ------
    BadInput : ``smoother-too-few``, fewer than five fixes can be used, or all are at one time; ``smoother-shape``,
        ``smoother-unsorted``, ``smoother-not-finite``, ``smoother-covariance``; ``smoother-failed``, no maximum

    References
    ----------
    Johnson et al. (2008), Ecology 89:1208, doi:10.1890/07-1032.1.
    """
    track = checked_observations(time_s, x_m, y_m, covariance_m2)
    span_s = track.time_s[-1] - track.time_s[0] if track.time_s.size else 0.0
    if track.time_s.size < MIN_FIXES["rw"] or span_s <= 0:
        raise BadInput(
            "smoother-too-few",
            f"{track.time_s.size} fixes over {span_s / 3600:.1f} h have a position that can be used; "
            f"{MIN_FIXES['rw']} at different times are needed to smooth a track.",
            hint="Leave the animal out, or check the errors of its fixes.",
        )
    if model is None:
        model = "ctcrw" if track.time_s.size >= MIN_FIXES["ctcrw"] and span_s >= MIN_SPAN_S else "rw"
    free = ["sigma2_m2_per_s", "beta_per_s"][: 2 if model == "ctcrw" else 1]
    free += ["error_scale"] if estimate_error_scale else []
    logs, value = _maximise(partial(_log_likelihood, track, free, compat), free, _starts(track, free))
    found = dict(zip(free, np.exp(logs), strict=True))
    bounds = np.array([_LOG_BOUNDS[name] for name in free])
    stuck = np.abs(bounds - logs[:, None]).min(axis=1) < _LOG_STEP
    return CtcrwFit(
        model,
        float(found["sigma2_m2_per_s"]),
        float(found.get("beta_per_s", _UNCORRELATED_PER_S)),
        float(found.get("error_scale", 1.0)),
        value + (track.time_s.size * np.log(2 * np.pi) if compat else 0.0),
        track.time_s.size,
        tuple(name for name, is_stuck in zip(free, stuck, strict=True) if is_stuck),
        compat,
    )


def smooth(
    fit: CtcrwFit,
    time_s: ArrayLike,
    x_m: ArrayLike,
    y_m: ArrayLike,
    covariance_m2: ArrayLike,
    *,
    at_s: ArrayLike | None = None,
) -> SmoothedTrack:
    """Estimate where the animal was, given all its fixes before and after.

    Kalman filter and Rauch-Tung-Striebel smoother over the fixes and the times asked for, O(n) in their number. Inside
    a gap longer than a day and than five median lags the answer is marked: it leans on the model, not on fixes.

    Parameters
    ----------
    fit : of this track, or of one alike
    time_s, x_m, y_m, covariance_m2 : the track, as for `fit_ctcrw`
    at_s : times wanted, seconds, in any order, within the track; by default those of the fixes used

    Raises
    ------
    BadInput : as `fit_ctcrw`; ``smoother-outside``, a time is before the first or after the last fix used

    References
    ----------
    Rauch, Tung & Striebel (1965), AIAA Journal 3:1445, doi:10.2514/3.3166.
    """
    track = checked_observations(time_s, x_m, y_m, covariance_m2)
    at = track.time_s if at_s is None else np.atleast_1d(np.asarray(at_s, dtype=np.float64))
    _require_within(track, at)
    n = track.time_s.size
    times = np.concatenate((track.time_s, at))
    order = np.argsort(times, kind="stable")
    is_fix = order < n
    source = np.where(is_fix, order, 0)
    start, error = _start(track, fit), track.error_m2 * fit.error_scale**2
    means, covariances = kernels.smoothed_states(
        times[order],
        is_fix,
        track.x_m[source],
        track.y_m[source],
        error[source],
        fit.sigma2_m2_per_s,
        fit.beta_per_s,
        start,
    )
    row = np.empty(order.size, dtype=np.int64)
    row[order] = np.arange(order.size)
    states, covariance = means[row[n:]], covariances[row[n:]][:, ::2, ::2]
    return SmoothedTrack(at, states[:, 0], states[:, 2], np.ascontiguousarray(covariance), _in_gap(track.time_s, at))


def standardized_innovations(
    fit: CtcrwFit, time_s: ArrayLike, x_m: ArrayLike, y_m: ArrayLike, covariance_m2: ArrayLike
) -> Floats:
    """How far each fix lies from where those before it lead to expect it, in standard deviations.

    Under the model the two numbers of a fix are independent and standard normal, and so are those of different fixes;
    large ones are outliers, autocorrelation or a wrong variance speak against the fit. Cost O(n).

    Parameters
    ----------
    fit : of this track, or of one alike
    time_s, x_m, y_m, covariance_m2 : the track, as for `fit_ctcrw`

    Returns
    -------
    Shape (n, 2): along x, then along y given x. NaN for the first fix and for fixes that are not used.
    """
    track = checked_observations(time_s, x_m, y_m, covariance_m2)
    white = np.full((track.is_used.size, 2), np.nan)
    if track.time_s.size:
        error = track.error_m2 * fit.error_scale**2
        white[track.is_used] = kernels.whitened_innovations(
            track.time_s, track.x_m, track.y_m, error, fit.sigma2_m2_per_s, fit.beta_per_s, _start(track, fit)
        )
    return white


def _require_within(track: ObservedTrack, at_s: Floats) -> None:
    if not track.time_s.size:
        raise BadInput("smoother-too-few", "No fix has a position that can be used.")
    first, last = track.time_s[0], track.time_s[-1]
    outside = at_s[~((at_s >= first) & (at_s <= last))]
    if outside.size:
        raise BadInput(
            "smoother-outside",
            f"{outside.size} of the times asked for, {outside[0]:.3f} s the first, are not within the track, "
            f"{first:.3f}…{last:.3f} s.",
        )


def _in_gap(time_s: Floats, at_s: Floats) -> Booleans:
    lag = np.diff(time_s)
    if not (lag > 0).any():
        return np.zeros(at_s.size, dtype=bool)
    after = np.searchsorted(time_s, at_s, side="right").clip(1, time_s.size - 1)
    is_between = (at_s > time_s[after - 1]) & (at_s < time_s[after])
    return np.asarray(is_between & (lag[after - 1] > max(MIN_GAP_S, GAP_LAGS * float(np.median(lag[lag > 0])))))


def _start(track: ObservedTrack, fit: CtcrwFit) -> Floats:
    return _start_variances(track, fit.sigma2_m2_per_s * fit.beta_per_s / 2, fit.compat)


def _start_variances(track: ObservedTrack, velocity: float, compat: SmootherCompat) -> Floats:
    if compat is None:
        return np.array([np.inf, velocity, np.inf, velocity])
    return np.array([track.x_m.var(ddof=1), velocity, track.y_m.var(ddof=1), velocity])


def _log_likelihood(track: ObservedTrack, free: list[str], compat: SmootherCompat, logs: Floats) -> float:
    values = dict(zip(free, np.exp(logs).tolist(), strict=True))
    diffusion, beta = values["sigma2_m2_per_s"], values.get("beta_per_s", _UNCORRELATED_PER_S)
    error = track.error_m2 * values["error_scale"] ** 2 if "error_scale" in values else track.error_m2
    start = _start_variances(track, diffusion * beta / 2, compat)
    return kernels.log_likelihood(track.time_s, track.x_m, track.y_m, error, diffusion, beta, start)


def _starts(track: ObservedTrack, free: list[str]) -> Floats:
    # Velocity kept for one, ten and a hundred lags; diffusion from the length of steps.
    lag = np.diff(track.time_s)
    squares = (np.diff(track.x_m) ** 2 + np.diff(track.y_m) ** 2) / 2
    starts = np.zeros((3, len(free)))
    for start, lags in zip(starts, (1, 10, 100), strict=True):
        beta = 1 / (lags * float(np.median(lag[lag > 0])))
        spread = lag + np.expm1(-beta * lag) / beta if "beta_per_s" in free else lag / lags
        start[0] = np.log(max(squares.sum(), 1.0) / spread.sum())
        if "beta_per_s" in free:
            start[1] = np.log(beta)
    return starts


def _maximise(function: Callable[[Floats], float], free: list[str], starts: Floats) -> tuple[Floats, float]:
    bounds = np.array([_LOG_BOUNDS[name] for name in free])
    steps = _LOG_STEP * np.eye(len(free))

    def slope(logs: Floats) -> Floats:
        return np.array([function(logs - step) - function(logs + step) for step in steps]) / (2 * _LOG_STEP)

    # SLSQP goes the way of L-BFGS-B in as few steps, without linear algebra that wakes a thread for each core.
    ends = [
        minimize(lambda logs: -function(logs), start, jac=slope, method="SLSQP", bounds=bounds, options={"ftol": 1e-10})
        for start in np.clip(starts, *bounds.T)
    ]
    best = min((end for end in ends if np.isfinite(end.fun)), key=lambda end: float(end.fun), default=None)
    if best is None:
        raise BadInput("smoother-failed", "The likelihood of the track has no maximum.", hint="Check its errors.")
    return np.asarray(best.x, dtype=np.float64), -float(best.fun)
