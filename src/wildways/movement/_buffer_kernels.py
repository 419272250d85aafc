"""Compiled kernel of the line buffer: arrays in, arrays out, no checks. It releases the GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _span(y: float, row0: float, column0: float, row1: float, column1: float, radius: float) -> tuple[float, float]:
    """Where the line ``row = y`` lies within `radius` of a straight step: from column to column; empty if inverted."""
    low, high = math.inf, -math.inf
    for row, column in ((row0, column0), (row1, column1)):
        left = radius * radius - (y - row) ** 2
        if left >= 0:
            half = math.sqrt(left)
            low, high = min(low, column - half), max(high, column + half)
    down, across = row1 - row0, column1 - column0
    length = math.hypot(down, across)
    if length == 0:
        return low, high
    # The two long sides of the rectangle around the step: where they meet the line, if they do.
    for side in (-1.0, 1.0):
        row, column = row0 + side * across / length * radius, column0 - side * down / length * radius
        if abs(down) > 1e-12 and 0 <= (y - row) / down <= 1:
            at = column + (y - row) / down * across
            low, high = min(low, at), max(high, at)
    # The two short sides: a step runs across the line, and none of its long sides may meet it.
    for end in (0.0, 1.0):
        row, column = row0 + end * down, column0 + end * across
        if abs(across) > 1e-12 and abs((y - row) * length / across) <= radius:
            at = column - (y - row) * down / across
            low, high = min(low, at), max(high, at)
    return low, high


@njit(cache=True, nogil=True)
def add_covered_shares(
    mass: Floats, row: Floats, column: Floats, is_bridged: NDArray[np.bool_], radius: float, lines: int
) -> None:
    """Add to `mass` the share of each cell within `radius` of any bridged step: exact along `lines` lines a row."""
    n_lines = mass.shape[0] * lines
    first, last = np.zeros(row.size - 1, np.int64), np.full(row.size - 1, -1, np.int64)
    starts = np.zeros(n_lines + 1, np.int64)
    for i in range(row.size - 1):
        if is_bridged[i]:
            first[i] = max(math.floor((min(row[i], row[i + 1]) - radius) * lines), 0)
            last[i] = min(math.floor((max(row[i], row[i + 1]) + radius) * lines), n_lines - 1)
            for line in range(first[i], last[i] + 1):
                starts[line + 1] += 1
    starts = np.cumsum(starts)
    low, high, filled = np.empty(starts[-1]), np.empty(starts[-1]), starts[:-1].copy()
    for i in range(row.size - 1):
        for line in range(first[i], last[i] + 1):
            at = filled[line]
            low[at], high[at] = _span((line + 0.5) / lines, row[i], column[i], row[i + 1], column[i + 1], radius)
            filled[line] += 1
    for line in range(n_lines):
        part = slice(starts[line], starts[line + 1])
        order = np.argsort(low[part])
        reached = -math.inf
        for k in order:
            begin, end = max(low[part][k], reached), high[part][k]
            if end > begin:
                _add_span(mass[line // lines], begin, end, 1 / lines)
                reached = end


@njit(cache=True, nogil=True)
def _add_span(cells: Floats, begin: float, end: float, weight: float) -> None:
    begin, end = max(begin, 0.0), min(end, float(cells.size))
    for c in range(math.floor(begin), math.ceil(end)):
        cells[c] += weight * (min(end, c + 1.0) - max(begin, float(c)))
