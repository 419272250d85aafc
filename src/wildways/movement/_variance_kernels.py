"""Compiled kernels of the motion variance: arrays in, arrays out, no checks. They release the GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_COARSE = 120
GOLDEN = 0.6180339887498949
LOG_TOLERANCE = 1e-9
LOG_BATCH = 8


@njit(cache=True, nogil=True)
def left_out_fixes(
    x: Floats, y: Floats, time: Floats, error: Floats, max_lag: float, as_bbmm: bool
) -> tuple[Floats, Floats, Floats]:
    """Every other fix against the bridge between its neighbours.

    Returns ``T a (1 - a)`` (s), the variance from location errors (m²) and the squared miss (m²), one a fix left out.
    """
    n = x.size
    spread, fixed, miss = np.empty(n // 2), np.empty(n // 2), np.empty(n // 2)
    count, i = 0, 1
    while i < n - 1:
        before, after = time[i] - time[i - 1], time[i + 1] - time[i]
        usable = (before + after) / 2 < max_lag if as_bbmm else max(before, after) <= max_lag
        if not usable:
            i += 1
            continue
        total = before + after
        a = (after if as_bbmm else before) / total
        miss_x = x[i] - x[i - 1] - a * (x[i + 1] - x[i - 1])
        miss_y = y[i] - y[i - 1] - a * (y[i + 1] - y[i - 1])
        spread[count] = total * a * (1 - a)
        fixed[count] = ((1 - a) * error[i - 1]) ** 2 + (a * error[i + 1]) ** 2
        miss[count] = miss_x * miss_x + miss_y * miss_y
        count += 1
        i += 2
    return spread[:count], fixed[:count], miss[:count]


@njit(cache=True, nogil=True)
def _deviance(variance: float, spread: Floats, fixed: Floats, miss: Floats) -> float:
    """``sum ln v + miss / (2 v)``; one logarithm for several factors."""
    total, product, pending = 0.0, 1.0, 0
    for i in range(spread.size):
        v = spread[i] * variance + fixed[i]
        total += 0.5 * miss[i] / v
        product *= v
        pending += 1
        if pending == LOG_BATCH:
            total += math.log(product)
            product, pending = 1.0, 0
    return total + math.log(product)


@njit(cache=True, nogil=True)
def least_deviance(spread: Floats, fixed: Floats, miss: Floats, low: float, high: float, zero_allowed: bool) -> float:
    """The variance in ``low…high``, or zero, with the least deviance: a coarse search, then golden section."""
    start, step = math.log(low), math.log(high / low) / (N_COARSE - 1)
    best, least = 0, math.inf
    for k in range(N_COARSE):
        deviance = _deviance(math.exp(start + k * step), spread, fixed, miss)
        if deviance < least:
            best, least = k, deviance
    a, b = start + max(best - 1, 0) * step, start + min(best + 1, N_COARSE - 1) * step
    c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
    at_c, at_d = _deviance(math.exp(c), spread, fixed, miss), _deviance(math.exp(d), spread, fixed, miss)
    while b - a > LOG_TOLERANCE:
        if at_c < at_d:
            b, d, at_d = d, c, at_c
            c = b - GOLDEN * (b - a)
            at_c = _deviance(math.exp(c), spread, fixed, miss)
        else:
            a, c, at_c = c, d, at_d
            d = a + GOLDEN * (b - a)
            at_d = _deviance(math.exp(d), spread, fixed, miss)
    variance = math.exp((a + b) / 2)
    if zero_allowed and _deviance(0.0, spread, fixed, miss) <= _deviance(variance, spread, fixed, miss):
        return 0.0
    return variance
