"""Compiled kernel of first-passage times: arrays in, arrays out, no checks, no GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def passage_times(x: Floats, y: Floats, time: Floats, radius: Floats) -> Floats:
    """Seconds each fix's animal spent in circles around it before first leaving them, forth and back; NaN if unknown.

    `radius` ascends. Between two fixes the animal goes straight and evenly.
    """
    seconds = np.empty((x.size, radius.size))
    for i in range(x.size):
        _walk(x, y, time, radius, i, 1, seconds[i])
        forward = seconds[i].copy()
        _walk(x, y, time, radius, i, -1, seconds[i])
        seconds[i] += forward
    return seconds


@njit(cache=True, nogil=True)
def _walk(x: Floats, y: Floats, time: Floats, radius: Floats, i: int, step: int, out: Floats) -> None:
    k, j = 0, i
    while k < radius.size:
        j += step
        if j < 0 or j >= x.size:
            break
        square = (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2
        while k < radius.size and square > radius[k] * radius[k]:
            before = j - step
            share = _crossing(x[before] - x[i], y[before] - y[i], x[j] - x[before], y[j] - y[before], radius[k])
            out[k] = abs(time[before] + share * (time[j] - time[before]) - time[i])
            k += 1
    out[k:] = np.nan


@njit(cache=True, nogil=True)
def _crossing(x: float, y: float, dx: float, dy: float, radius: float) -> float:
    """Share of the way from a point inside a circle around 0 to one outside at which the circle is crossed."""
    a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - radius * radius
    return min(max((-b + math.sqrt(max(b * b - a * c, 0.0))) / a, 0.0), 1.0)
