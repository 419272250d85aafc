"""A track in metres and seconds, checked once before any kernel sees it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput

Compat = Literal["BBMM"] | None
MIN_LOCATION_ERROR_M = 1.0
"""A bridge without location error is infinitely sharp at its ends; smaller errors are taken as this one."""


@dataclass(frozen=True, eq=False)
class Track:
    """Positions of one animal in time order: shape (n,) each, contiguous float64; metres, seconds, metres."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    location_error_m: NDArray[np.float64]


def checked_track(x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike, location_error_m: ArrayLike) -> Track:
    """The track as arrays fit for the kernels.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in one projected CRS
    time_s : shape (n,), seconds, strictly ascending
    location_error_m : standard deviation of a position along each axis, one for all or shape (n,); at least
        `MIN_LOCATION_ERROR_M` is used

    Raises
    ------
    BadInput : ``track-shape``, ``track-not-finite``, ``track-unsorted``, ``track-duplicate-time``, ``location-error``
    """
    x, y, time = (_column(name, values) for name, values in (("x_m", x_m), ("y_m", y_m), ("time_s", time_s)))
    if not x.size == y.size == time.size or x.size < 2:
        raise BadInput(
            "track-shape",
            f"A track needs two fixes or more, with as many x as y and times; there are {x.size}, {y.size}, "
            f"{time.size}.",
        )
    _require_ascending(time)
    error = _column("location_error_m", np.atleast_1d(location_error_m))
    if error.size not in (1, x.size):
        raise BadInput("location-error", f"There are {error.size} location errors for {x.size} fixes.")
    if error.min() < 0:
        raise BadInput("location-error", f"The location error is {error.min():g} m; it must be zero or more.")
    return Track(x, y, time, np.maximum(np.broadcast_to(error, x.shape), MIN_LOCATION_ERROR_M))


def checked_points(x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points as contiguous float64 arrays, shape (n,) each, n at least 1; metres in one projected CRS.

    Raises
    ------
    BadInput : ``track-shape``, ``track-not-finite``
    """
    x, y = _column("x_m", x_m), _column("y_m", y_m)
    if x.size != y.size or x.size == 0:
        raise BadInput("track-shape", f"There are {x.size} x and {y.size} y; there must be as many, and at least one.")
    return x, y


def require_positive(name: str, value: float) -> float:
    """The value as a float.

    Raises
    ------
    BadInput : ``parameter``, it is not a finite number above zero
    """
    if not (np.isfinite(value) and value > 0):
        raise BadInput("parameter", f"{name} is {value}; it must be a finite number above zero.")
    return float(value)


def require_compat(compat: str | None, known: str = "BBMM") -> None:
    """Refuse the name of a tool that is not reproduced here.

    Raises
    ------
    BadInput : ``compat-unknown``
    """
    if compat not in (None, known):
        raise BadInput("compat-unknown", f"There is no compatibility with “{compat}”.", hint=f"Known: {known}.")


def _column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        column = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("track-shape", f"{name} is not an array of numbers: {error}.") from error
    if column.ndim != 1:
        raise BadInput("track-shape", f"{name} has {column.ndim} dimensions instead of one.")
    broken = np.flatnonzero(~np.isfinite(column))
    if broken.size:
        raise BadInput(
            "track-not-finite",
            f"{name} is {column[broken[0]]} at fix {broken[0]}, and not finite at {broken.size} fixes in all.",
            hint="Leave out fixes without position or time first.",
        )
    return column


def _require_ascending(time_s: NDArray[np.float64]) -> None:
    lag_s = np.diff(time_s)
    if lag_s.min() > 0:
        return
    first = int(np.flatnonzero(lag_s <= 0)[0])
    if lag_s.min() < 0:
        raise BadInput(
            "track-unsorted",
            f"Times go back, first after fix {int(np.flatnonzero(lag_s < 0)[0])}.",
            hint="Sort by time.",
        )
    raise BadInput(
        "track-duplicate-time",
        f"Fixes {first} and {first + 1} have the same time, {time_s[first]:.3f} s.",
        hint="Keep one fix a time.",
    )
