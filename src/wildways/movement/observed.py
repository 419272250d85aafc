"""A track seen with error, checked once before any kernel sees it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement.track import MIN_LOCATION_ERROR_M

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class ObservedTrack(NamedTuple):
    """Fixes that say something of the position, in time order: arrays of n."""

    time_s: Floats
    x_m: Floats
    y_m: Floats
    error_m2: Floats
    """Shape (n, 3): var_x, cov_xy, var_y."""
    is_used: Booleans
    """One a fix given: whether it is among the n."""


def checked_observations(time_s: ArrayLike, x_m: ArrayLike, y_m: ArrayLike, covariance_m2: ArrayLike) -> ObservedTrack:
    """The fixes that can be used, as arrays fit for the kernels.

    Parameters
    ----------
    time_s : shape (m,), seconds, ascending; equal times are allowed
    x_m, y_m : shape (m,), metres
    covariance_m2 : shape (m, 2, 2), or (m,) for the same variance along both axes; a fix whose covariance is not finite
        is left out, a variance of less than `MIN_LOCATION_ERROR_M` squared is raised to that

    Raises
    ------
    BadInput : ``smoother-shape``, ``smoother-unsorted``, ``smoother-not-finite``, ``smoother-covariance``
    """
    time, x, y, covariance = (np.asarray(values, dtype=np.float64) for values in (time_s, x_m, y_m, covariance_m2))
    if covariance.ndim == 1:
        covariance = _round(covariance)
    if time.ndim != 1 or not time.shape == x.shape == y.shape or covariance.shape != (time.size, 2, 2):
        raise BadInput(
            "smoother-shape",
            f"There are {time.size} times, {x.size} x, {y.size} y and covariances of shape {covariance.shape}.",
        )
    backwards = np.flatnonzero(~(np.diff(time) >= 0))
    if backwards.size:
        raise BadInput(
            "smoother-unsorted", f"Fix {backwards[0] + 1} is before the fix before it.", hint="Sort by time."
        )
    is_used = np.asarray(np.isfinite(covariance).all(axis=(1, 2)))
    lost = np.flatnonzero(is_used & ~np.isfinite(time + x + y))
    if lost.size:
        raise BadInput("smoother-not-finite", f"Fix {lost[0]} is at {x[lost[0]]}, {y[lost[0]]}: that is no position.")
    error = _packed(covariance, np.flatnonzero(is_used))
    return ObservedTrack(time[is_used], x[is_used], y[is_used], error, is_used)


def _round(variance: Floats) -> Floats:
    covariance = np.zeros((variance.size, 2, 2))
    covariance[:, 0, 0] = covariance[:, 1, 1] = variance
    return covariance


def _packed(covariance: Floats, used: NDArray[np.int64]) -> Floats:
    var_x, var_y = covariance[used, 0, 0], covariance[used, 1, 1]
    across, other = covariance[used, 0, 1], covariance[used, 1, 0]
    least = MIN_LOCATION_ERROR_M**2
    error = np.stack((np.maximum(var_x, least), across, np.maximum(var_y, least)), axis=1)
    is_one = (var_x >= 0) & (var_y >= 0) & (error[:, 0] * error[:, 2] > across**2) & np.isclose(across, other)
    if not is_one.all():
        fix = int(used[np.flatnonzero(~is_one)[0]])
        raise BadInput(
            "smoother-covariance",
            f"Fix {fix} has {covariance[fix].tolist()}, which is no covariance: it must be symmetric and positive.",
        )
    return error
