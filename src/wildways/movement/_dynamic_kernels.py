"""Compiled kernels of the dynamic motion variance: arrays in, arrays out, no checks. They release the GIL.

A stretch of a track leaves out every other fix; the fixes it leaves out are all even or all odd. What belongs to them
is kept in two rows, so that a stretch is a contiguous part of one.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

N_SCAN = 8
TOLERANCE = 1e-10
MAX_STEPS = 60
LOG_BATCH = 8


class LeftOut(NamedTuple):
    """Of each fix between two others, at ``[i % 2, i // 2]``: shape (2, (n + 1) // 2) each."""

    spread: Floats
    """``T a (1 - a)``, seconds."""
    fixed: Floats
    """Variance from location errors, m²."""
    half_miss: Floats
    """Half the squared distance to the bridge between the neighbours, m²."""


@njit(cache=True, nogil=True)
def left_out_each(x: Floats, y: Floats, time: Floats, error: Floats) -> LeftOut:
    """Every fix against the bridge between its neighbours."""
    n = x.size
    spread, fixed, half_miss = np.ones((2, (n + 1) // 2)), np.ones((2, (n + 1) // 2)), np.zeros((2, (n + 1) // 2))
    for i in range(1, n - 1):
        before, after = time[i] - time[i - 1], time[i + 1] - time[i]
        total = before + after
        a = before / total
        miss_x = x[i] - x[i - 1] - a * (x[i + 1] - x[i - 1])
        miss_y = y[i] - y[i - 1] - a * (y[i + 1] - y[i - 1])
        spread[i % 2, i // 2] = total * a * (1 - a)
        fixed[i % 2, i // 2] = ((1 - a) * error[i - 1]) ** 2 + (a * error[i + 1]) ** 2
        half_miss[i % 2, i // 2] = 0.5 * (miss_x * miss_x + miss_y * miss_y)
    return LeftOut(spread, fixed, half_miss)


@njit(cache=True, nogil=True)
def _part(left: LeftOut, start: int, length: int) -> LeftOut:
    """What a stretch of `length` fixes, odd, from fix `start` leaves out."""
    row, first = (start + 1) % 2, (start + 1) // 2
    last = first + length // 2
    return LeftOut(left.spread[row, first:last], left.fixed[row, first:last], left.half_miss[row, first:last])


@njit(cache=True, nogil=True)
def _deviance(variance: float, part: LeftOut) -> float:
    """``sum ln v + miss / (2 v)``; one logarithm for several factors."""
    total, product, pending = 0.0, 1.0, 0
    for i in range(part.spread.size):
        v = part.spread[i] * variance + part.fixed[i]
        total += part.half_miss[i] / v
        product *= v
        pending += 1
        if pending == LOG_BATCH:
            total += math.log(product)
            product, pending = 1.0, 0
    return total + math.log(product)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _slope(variance: float, part: LeftOut) -> float:
    """First derivative of the deviance."""
    total = 0.0
    for i in range(part.spread.size):
        per_v = 1 / (part.spread[i] * variance + part.fixed[i])
        total += part.spread[i] * per_v * (1 - part.half_miss[i] * per_v)
    return total


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "arcp", "nsz"})
def _slope_and_bend(variance: float, part: LeftOut) -> tuple[float, float]:
    """First and second derivative of the deviance."""
    slope, bend = 0.0, 0.0
    for i in range(part.spread.size):
        per_v = 1 / (part.spread[i] * variance + part.fixed[i])
        rate, pull = part.spread[i] * per_v, part.half_miss[i] * per_v
        slope += rate * (1 - pull)
        bend += rate * rate * (2 * pull - 1)
    return slope, bend


@njit(cache=True, nogil=True)
def _root(low: float, high: float, part: LeftOut) -> float:
    """Where the slope turns from negative at `low` to positive at `high`: Newton's steps, halved where they leave."""
    at = 0.5 * (low + high)
    for _ in range(MAX_STEPS):
        slope, bend = _slope_and_bend(at, part)
        if slope < 0:
            low = at
        else:
            high = at
        following = at - slope / bend if bend > 0 else low
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - at) <= TOLERANCE * (1e-6 + at):
            return following
        at = following
    return at


@njit(cache=True, nogil=True)
def _fit(part: LeftOut) -> tuple[float, float]:
    """The variance of least deviance, zero or more, and that deviance.

    All minima lie between the least and the greatest variance at which a single fix would be as likely as it can be;
    each is found where the slope turns on a scan between the two.
    """
    low, high, scale = math.inf, 0.0, math.inf
    for i in range(part.spread.size):
        own = (part.half_miss[i] - part.fixed[i]) / part.spread[i]
        low, high = min(low, own), max(high, own)
        scale = min(scale, part.fixed[i] / part.spread[i])
    if high <= 0:
        return 0.0, _deviance(0.0, part)
    low = max(low, 0.0)
    ratio = ((high + scale) / (low + scale)) ** (1 / (N_SCAN - 1))
    best, least = 0.0, math.inf
    at, slope = low, _slope(low, part)
    if low == 0 and slope >= 0:
        least = _deviance(0.0, part)
    for k in range(1, N_SCAN):
        following = high if k == N_SCAN - 1 else (at + scale) * ratio - scale
        next_slope = _slope(following, part)
        if slope < 0 <= next_slope or (k == N_SCAN - 1 and least == math.inf):
            variance = _root(at, following, part)
            deviance = _deviance(variance, part)
            if deviance < least:
                best, least = variance, deviance
        at, slope = following, next_slope
    return best, least


@njit(cache=True, nogil=True)
def _fit_all(left: LeftOut, n: int, lengths: Counts) -> tuple[Floats, Floats]:
    """Variance and deviance of the stretch from each fix of each of the lengths: shape (lengths.size, n)."""
    variance, deviance = np.full((lengths.size, n), np.nan), np.full((lengths.size, n), np.nan)
    for k in range(lengths.size):
        for start in range(n - lengths[k] + 1):
            variance[k, start], deviance[k, start] = _fit(_part(left, start, lengths[k]))
    return variance, deviance


@njit(cache=True, nogil=True)
def windowed_variance(
    x: Floats, y: Floats, time: Floats, error: Floats, window: int, margin: int
) -> tuple[Floats, Counts, Counts]:
    """Mean variance of each step over the windows that estimate it, how many do, and how many break at each fix.

    A window that is cut at a fix `b` consists of the stretches ``[start, b]`` and ``[b, end]``. Both are stretches that
    other windows consist of as well, so each is fitted once.
    """
    n = x.size
    lengths = np.append(np.arange(margin, window - margin + 2, 2), window)
    variance, deviance = _fit_all(left_out_each(x, y, time, error), n, lengths)
    n_breaks, whole, price = lengths.size - 1, lengths.size - 1, 0.5 * math.log(window)
    total, n_windows, broken = np.zeros(n - 1), np.zeros(n - 1, np.int64), np.zeros(n, np.int64)
    for start in range(n - window + 1):
        best, least = -1, deviance[whole, start] - price
        for k in range(n_breaks):
            cut = deviance[k, start] + deviance[n_breaks - 1 - k, start + lengths[k] - 1]
            if cut < least:
                best, least = k, cut
        at = start + lengths[best] - 1
        if best >= 0:
            broken[at] += 1
        for step in range(start + margin - 1, start + window - margin):
            if best < 0:
                total[step] += variance[whole, start]
            else:
                total[step] += variance[best, start] if step < at else variance[n_breaks - 1 - best, at]
            n_windows[step] += 1
    return total / n_windows, n_windows, broken
