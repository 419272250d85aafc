"""How strongly an animal's movement is diffused: the Brownian motion variance by leave-one-out likelihood."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement._variance_kernels import least_deviance, left_out_fixes
from wildways.movement.track import Compat, Track, checked_track, require_compat, require_positive

MIN_TRIPLETS = 3
_SEARCH_M2_PER_S = (np.exp(-12.0), np.exp(18.0))
_SEARCH_BBMM_M2_PER_S = (1 / 60, 1e6 / 60)


def estimate_motion_variance(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    location_error_m: ArrayLike = 20.0,
    max_lag_s: float = 28_800.0,
    compat: Compat = None,
) -> float:
    """Estimate the Brownian motion variance of a track by maximum likelihood.

    Every other fix is left out and predicted by the bridge between its neighbours. With ``T`` the time between these,
    ``a`` the share of it before the fix and ``d`` the location errors, the fix lies around the point at ``a`` on the
    line between them with variance ``T a (1 - a) s² + (1 - a)² d₋² + a² d₊²`` along each axis. A fix is left out only
    where both lags beside it are at most `max_lag_s`, as longer ones make no bridge. As published, the location error
    of the fix left out is no part of the variance: where errors rival the movement, the estimate holds them too. Zero
    is a possible answer, for an animal that moved less than its location error.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in one projected CRS
    time_s : shape (n,), seconds, strictly ascending
    location_error_m : standard deviation along each axis, metres, one for all or shape (n,)
    max_lag_s : longest time between fixes that is bridged, seconds
    compat : ``"BBMM"`` gives what the R package BBMM 3.0 does: ``a`` taken from the lag after the fix (another value
        where lags differ), a fix skipped where the mean of its lags reaches `max_lag_s`, 1…10⁶ m²/min searched

    Returns
    -------
    Motion variance, m²/s; times 60 it is in m²/min, as the R packages state it.

    Raises
    ------
    BadInput : ``motion-variance``, fewer than three fixes can be left out; and what `checked_track` raises

    References
    ----------
    Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1.
    """
    require_compat(compat)
    track = checked_track(x_m, y_m, time_s, location_error_m)
    return motion_variance_of(track, require_positive("max_lag_s", max_lag_s), compat)


def motion_variance_of(track: Track, max_lag_s: float, compat: Compat) -> float:
    """The motion variance of a checked track, m²/s; see `estimate_motion_variance`."""
    spread_s, fixed_m2, miss_m2 = left_out_fixes(
        track.x_m, track.y_m, track.time_s, track.location_error_m, max_lag_s, compat == "BBMM"
    )
    if spread_s.size < MIN_TRIPLETS:
        raise BadInput(
            "motion-variance",
            f"Only {spread_s.size} fixes have neighbours within {max_lag_s / 3600:g} h on both sides; "
            f"{MIN_TRIPLETS} are needed to estimate the motion variance.",
            hint="Give motion_variance_m2_per_s, known from animals of the same species, or allow longer lags.",
        )
    return _minimum(spread_s, fixed_m2, miss_m2, compat)


def _minimum(
    spread_s: NDArray[np.float64], fixed_m2: NDArray[np.float64], miss_m2: NDArray[np.float64], compat: Compat
) -> float:
    low, high = _SEARCH_M2_PER_S if compat is None else _SEARCH_BBMM_M2_PER_S
    return float(least_deviance(spread_s, fixed_m2, miss_m2, low, high, compat is None))
