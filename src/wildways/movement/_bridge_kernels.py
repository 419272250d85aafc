"""Compiled kernels of the Brownian bridge: arrays in, arrays out, no checks. They release the GIL.

Positions come in cells from the north-western corner (``column``, ``row``, rows growing southwards), so that both axes
are alike. Sums run in one fixed order: the same input gives the same bytes, whatever the number of threads.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import erf

Floats = NDArray[np.float64]

TOO_MANY = 1e12
NODES_PER_SIGMA = 128
TABLE_SIGMAS = 6


def _cubics(values: Floats, slopes: Floats) -> Floats:
    """Coefficients, shape (n - 1, 4), of the cubics through values and slopes (a node) at n nodes."""
    rise, slope, next_slope = np.diff(values), slopes[:-1], slopes[1:]
    return np.column_stack(
        [values[:-1], slope, 3 * rise - 2 * slope - next_slope, slope + next_slope - 2 * rise]
    ).astype(np.float64)


_NODES = np.arange(TABLE_SIGMAS * NODES_PER_SIGMA + 2) / NODES_PER_SIGMA
_BELL = np.exp(-0.5 * _NODES**2)
BELL = _cubics(_BELL, -_NODES * _BELL / NODES_PER_SIGMA)
"""``exp(-z²/2)`` for z in 0…6, to 2e-11."""
HALF_NORMAL = _cubics(0.5 * erf(_NODES / math.sqrt(2)), _BELL / math.sqrt(2 * math.pi) / NODES_PER_SIGMA)
"""Integral of the normal density from 0 to z for z in 0…6, to 1e-11."""
LAST_NODE = float(TABLE_SIGMAS * NODES_PER_SIGMA)


class CellPath(NamedTuple):
    """A track in cells and seconds: shape (n,) each, and the motion variance in square cells a second."""

    column: Floats
    row: Floats
    time: Floats
    error: Floats
    variance: float

    def seen_from(self, row: int, column: int) -> "CellPath":
        """The same track, counted from another cell."""
        return self._replace(row=self.row - row, column=self.column - column)


@njit(cache=True, nogil=True)
def _variance_at(path: CellPath, i: int, a: float) -> float:
    """Variance of bridge `i` at the share `a` of its time, square cells."""
    lag = path.time[i + 1] - path.time[i]
    start, end = (1 - a) * path.error[i], a * path.error[i + 1]
    value: float = lag * a * (1 - a) * path.variance + start * start + end * end
    return value


@njit(cache=True, nogil=True)
def _mean_at(path: CellPath, i: int, a: float) -> tuple[float, float]:
    """Row and column of the mean of bridge `i` at the share `a` of its time."""
    return (
        path.row[i] + a * (path.row[i + 1] - path.row[i]),
        path.column[i] + a * (path.column[i + 1] - path.column[i]),
    )


@njit(cache=True, nogil=True)
def _extreme_sigmas(path: CellPath, i: int) -> tuple[float, float]:
    """Least and greatest standard deviation along a bridge: at its ends or where the parabola turns."""
    start, end = path.error[i] ** 2, path.error[i + 1] ** 2
    least, greatest = min(start, end), max(start, end)
    spread = (path.time[i + 1] - path.time[i]) * path.variance
    bend = start + end - spread
    if bend != 0.0:
        turn = (2 * start - spread) / (2 * bend)
        if 0 < turn < 1:
            at_turn = _variance_at(path, i, turn)
            least, greatest = min(least, at_turn), max(greatest, at_turn)
    return math.sqrt(least), math.sqrt(greatest)


@njit(cache=True, nogil=True)
def bridge_reaches(path: CellPath, max_lag: float, cut: float) -> Floats:
    """Bounding box of each bridge with `cut` standard deviations around it, and its least standard deviation.

    Shape (n - 1, 5): first row, last row, first column, last column, sigma, in cells; NaN where the lag is too long.
    """
    n = path.time.size - 1
    reaches = np.full((n, 5), np.nan)
    for i in range(n):
        if path.time[i + 1] - path.time[i] > max_lag:
            continue
        least, greatest = _extreme_sigmas(path, i)
        reach = cut * greatest
        reaches[i, 0] = math.floor(min(path.row[i], path.row[i + 1]) - reach)
        reaches[i, 1] = math.floor(max(path.row[i], path.row[i + 1]) + reach)
        reaches[i, 2] = math.floor(min(path.column[i], path.column[i + 1]) - reach)
        reaches[i, 3] = math.floor(max(path.column[i], path.column[i + 1]) + reach)
        reaches[i, 4] = least
    return reaches


@njit(cache=True, nogil=True)
def sample_counts(path: CellPath, reaches: Floats, step: float, at_steps: bool) -> NDArray[np.int64]:
    """Samples of each bridge: at 0, step, 2 step … (`at_steps`), or enough that they stand no farther apart than
    `step` and half a cell or half a standard deviation, whichever is longer."""
    n = path.time.size - 1
    counts = np.zeros(n, np.int64)
    for i in range(n):
        if math.isnan(reaches[i, 0]):
            continue
        in_time = (path.time[i + 1] - path.time[i]) / step
        if at_steps:
            counts[i] = int(min(in_time, TOO_MANY)) + 1
            continue
        distance = math.hypot(path.column[i + 1] - path.column[i], path.row[i + 1] - path.row[i])
        counts[i] = math.ceil(min(max(in_time, 2 * distance / max(1.0, reaches[i, 4])), TOO_MANY))
    return counts


@njit(cache=True, nogil=True)
def _tabulated(table: Floats, nodes: float) -> float:
    """The tabulated function at a distance from 0 of so many nodes; beyond the table its last value."""
    nodes = min(abs(nodes), LAST_NODE)
    node = int(nodes)
    d = nodes - node
    value: float = table[node, 0] + d * (table[node, 1] + d * (table[node, 2] + d * table[node, 3]))
    return value


@njit(cache=True, nogil=True)
def _below(distance: float, scale: float) -> float:
    """Integral of the Gaussian from its mean to a signed distance."""
    return math.copysign(_tabulated(HALF_NORMAL, distance * scale), distance)


@njit(cache=True, nogil=True)
def _integrals(mean: float, sigma: float, cut: float, out: Floats) -> tuple[int, int]:
    """Integrals of a Gaussian over unit cells 0…out.size, cut at whole cells and scaled to 1; the cells they take."""
    low, high = math.floor(mean - cut * sigma), math.floor(mean + cut * sigma) + 1.0
    first, last = int(max(low, 0.0)), int(min(high, float(out.size)))
    if first >= last:
        return 0, 0
    scale = NODES_PER_SIGMA / sigma
    total = 1 / (_below(high - mean, scale) - _below(low - mean, scale))
    previous = _below(first - mean, scale)
    for cell in range(first, last):
        following = _below(cell + 1 - mean, scale)
        out[cell] = (following - previous) * total
        previous = following
    return first, last


@njit(cache=True, nogil=True)
def _densities(mean: float, sigma: float, cut: float, out: Floats) -> tuple[int, int]:
    """``exp(-d²/2s²)`` at the centres of unit cells 0…out.size not farther than the cut; the cells they take."""
    first = int(max(math.ceil(mean - cut * sigma - 0.5), 0.0))
    last = int(min(math.floor(mean + cut * sigma - 0.5) + 1.0, float(out.size)))
    scale = NODES_PER_SIGMA / sigma
    for cell in range(first, last):
        out[cell] = _tabulated(BELL, (cell + 0.5 - mean) * scale)
    return first, max(first, last)


@njit(cache=True, nogil=True)
def _add_product(mass: Floats, weight: float, down: Floats, across: Floats, cells: tuple[int, int, int, int]) -> None:
    first_row, last_row, first_column, last_column = cells
    part = across[first_column:last_column]
    for r in range(first_row, last_row):
        of_row = weight * down[r]
        line = mass[r, first_column:last_column]
        for c in range(part.size):
            line[c] += of_row * part[c]


@njit(cache=True, nogil=True)
def add_cell_integrals(mass: Floats, path: CellPath, counts: NDArray[np.int64], cut: float) -> None:
    """Add to `mass` the seconds that each bridge spends in each cell, by the midpoint rule in time."""
    down, across = np.empty(mass.shape[0]), np.empty(mass.shape[1])
    for i in range(counts.size):
        seconds = (path.time[i + 1] - path.time[i]) / max(counts[i], 1)
        for k in range(counts[i]):
            a = (k + 0.5) / counts[i]
            row, column = _mean_at(path, i, a)
            sigma = math.sqrt(_variance_at(path, i, a))
            c0, c1 = _integrals(column, sigma, cut, across)
            if c0 < c1:
                r0, r1 = _integrals(row, sigma, cut, down)
                _add_product(mass, seconds, down, across, (r0, r1, c0, c1))


@njit(cache=True, nogil=True)
def add_centre_densities(mass: Floats, path: CellPath, counts: NDArray[np.int64], step: float, cut: float) -> None:
    """Add to `mass` the densities at cell centres of samples at 0, step, 2 step … of each bridge."""
    down, across = np.empty(mass.shape[0]), np.empty(mass.shape[1])
    for i in range(counts.size):
        share = step / (path.time[i + 1] - path.time[i])
        for k in range(counts[i]):
            a = k * share
            row, column = _mean_at(path, i, a)
            v = _variance_at(path, i, a)
            sigma = math.sqrt(v)
            c0, c1 = _densities(column, sigma, cut, across)
            if c0 < c1:
                r0, r1 = _densities(row, sigma, cut, down)
                _add_product(mass, 0.5 / (math.pi * v), down, across, (r0, r1, c0, c1))


@njit(cache=True, nogil=True)
def share_inside(shape: tuple[int, int], path: CellPath, counts: NDArray[np.int64], step: float) -> float:
    """Share of the probability of samples at 0, step, 2 step … that lies on cells 0…shape."""
    inside, n_samples = 0.0, 0
    for i in range(counts.size):
        n_samples += counts[i]
        share = step / (path.time[i + 1] - path.time[i])
        for k in range(counts[i]):
            row, column = _mean_at(path, i, k * share)
            scale = NODES_PER_SIGMA / math.sqrt(_variance_at(path, i, k * share))
            across = _below(shape[1] - column, scale) - _below(-column, scale)
            inside += across * (_below(shape[0] - row, scale) - _below(-row, scale))
    return inside / n_samples
