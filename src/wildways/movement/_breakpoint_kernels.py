"""Compiled kernels of breakpoints: arrays in, arrays out, no checks. They release the GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MEAN, VARIANCE, BOTH = 0, 1, 2
_LEAST_VARIANCE = 1e-12


@njit(cache=True, nogil=True)
def least_penalised(values: Floats, penalty: float, min_length: int) -> Integers:
    """First days of the segments with the least sum of squares about their means plus penalties, by pruning."""
    n = values.size
    sums, squares = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        sums[i + 1], squares[i + 1] = sums[i] + values[i], squares[i] + values[i] ** 2
    best, before = np.full(n + 1, math.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = -penalty
    candidates, cost, dropped_at = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    count = 1
    for end in range(min_length, n + 1):
        for k in range(count):
            begin = candidates[k]
            total = sums[end] - sums[begin]
            cost[k] = best[begin] + squares[end] - squares[begin] - total * total / (end - begin)
            if cost[k] + penalty < best[end]:
                best[end], before[end] = cost[k] + penalty, begin
        # A begin that cannot win any more is left out, but only once a segment of the least length fits after it.
        kept = 0
        for k in range(count):
            begin = candidates[k]
            lost = dropped_at[begin]
            if lost == 0 and cost[k] > best[end] + 1e-9:
                lost = end + min_length
                dropped_at[begin] = lost
            if lost == 0 or end + 1 < lost:
                candidates[kept] = begin
                kept += 1
        count = kept
        begin = end + 1 - min_length
        if begin >= min_length:
            candidates[count] = begin
            count += 1
    starts = np.zeros(n, dtype=np.int64)
    count, end = 0, n
    while end > 0:
        end = before[end]
        starts[count] = end
        count += 1
    return starts[:count][::-1]


@njit(cache=True, nogil=True)
def least_contrasts(values: Floats, most: int, min_length: int, kind: int) -> tuple[Floats, Integers]:
    """The least contrast of 1…`most` segments, and the first day of the last segment that ends at each day."""
    n = values.size
    sums, squares = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        sums[i + 1], squares[i + 1] = sums[i] + values[i], squares[i] + values[i] ** 2
    mean = sums[n] / n
    best, first = np.full((most + 1, n + 1), math.inf), np.zeros((most + 1, n + 1), dtype=np.int64)
    best[0, 0] = 0.0
    for k in range(1, most + 1):
        for end in range(k * min_length, n + 1):
            for begin in range((k - 1) * min_length, end - min_length + 1):
                if math.isinf(best[k - 1, begin]):
                    continue
                length, total = end - begin, sums[end] - sums[begin]
                square = squares[end] - squares[begin]
                if kind == VARIANCE:
                    about = square - 2 * mean * total + length * mean * mean
                else:
                    about = square - total * total / length
                cost = about if kind == MEAN else length * math.log(max(about / length, _LEAST_VARIANCE))
                if best[k - 1, begin] + cost < best[k, end]:
                    best[k, end], first[k, end] = best[k - 1, begin] + cost, begin
    return best[1:, n].copy(), first
