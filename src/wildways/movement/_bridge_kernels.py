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
Counts = NDArray[np.int64]

TOO_MANY = 1e12
NODES_PER_SIGMA = 128
TABLE_SIGMAS = 6
AT_ONCE = 8
FEW_CELLS = 150
LOOSEST = 1.75
"""Cells that `AT_ONCE` Gaussians take together, as a multiple of what they take alone, up to which that pays."""


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
    """A track in cells and seconds: shape (n,) each, and the motion variance of each step in square cells a second,
    shape (n - 1,); a step whose variance is NaN has no bridge."""

    column: Floats
    row: Floats
    time: Floats
    error: Floats
    variance: Floats

    def seen_from(self, row: int, column: int) -> "CellPath":
        """The same track, counted from another cell."""
        return self._replace(row=self.row - row, column=self.column - column)


class Bridge(NamedTuple):
    """One step of a path, as numbers: what is at its start and how far it is to its end."""

    row: float
    column: float
    rows: float
    columns: float
    start: float
    """Variance of the first fix."""
    end: float
    """Variance of the second."""
    spread: float
    """Variance of the motion in the time between."""


@njit(cache=True, nogil=True)
def _bridge(path: CellPath, i: int) -> Bridge:
    return Bridge(
        path.row[i],
        path.column[i],
        path.row[i + 1] - path.row[i],
        path.column[i + 1] - path.column[i],
        path.error[i] ** 2,
        path.error[i + 1] ** 2,
        (path.time[i + 1] - path.time[i]) * path.variance[i],
    )


@njit(cache=True, nogil=True)
def _at(bridge: Bridge, a: float) -> tuple[float, float, float]:
    """Row and column of the mean, and variance, at the share `a` of a bridge's time."""
    b = 1 - a
    return (
        bridge.row + a * bridge.rows,
        bridge.column + a * bridge.columns,
        a * b * bridge.spread + b * b * bridge.start + a * a * bridge.end,
    )


@njit(cache=True, nogil=True)
def _extreme_sigmas(bridge: Bridge) -> tuple[float, float]:
    """Least and greatest standard deviation along a bridge: at its ends or where the parabola turns."""
    start, end, spread = bridge.start, bridge.end, bridge.spread
    least, greatest = min(start, end), max(start, end)
    bend = start + end - spread
    if bend != 0.0:
        turn = (2 * start - spread) / (2 * bend)
        if 0 < turn < 1:
            at_turn = _at(bridge, turn)[2]
            least, greatest = min(least, at_turn), max(greatest, at_turn)
    return math.sqrt(least), math.sqrt(greatest)


@njit(cache=True, nogil=True)
def bridge_reaches(path: CellPath, cut: float) -> Floats:
    """Bounding box of each bridge with `cut` standard deviations around it, and its least standard deviation.

    Shape (n - 1, 5): first row, last row, first column, last column, sigma, in cells; NaN where there is no bridge.
    """
    n = path.time.size - 1
    reaches = np.full((n, 5), np.nan)
    for i in range(n):
        if math.isnan(path.variance[i]):
            continue
        least, greatest = _extreme_sigmas(_bridge(path, i))
        reach = cut * greatest
        reaches[i, 0] = math.floor(min(path.row[i], path.row[i + 1]) - reach)
        reaches[i, 1] = math.floor(max(path.row[i], path.row[i + 1]) + reach)
        reaches[i, 2] = math.floor(min(path.column[i], path.column[i + 1]) - reach)
        reaches[i, 3] = math.floor(max(path.column[i], path.column[i + 1]) + reach)
        reaches[i, 4] = least
    return reaches


@njit(cache=True, nogil=True)
def middle_sigmas(path: CellPath) -> Floats:
    """Standard deviation in the middle of each bridge, cells."""
    sigmas = np.empty(path.variance.size)
    count = 0
    for i in range(sigmas.size):
        if not math.isnan(path.variance[i]):
            sigmas[count] = math.sqrt(_at(_bridge(path, i), 0.5)[2])
            count += 1
    return sigmas[:count]


@njit(cache=True, nogil=True)
def sample_counts(path: CellPath, reaches: Floats, step: float, at_steps: bool) -> Counts:
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
def area_below(distance: float, scale: float) -> float:
    """Integral of the Gaussian from its mean to a signed distance."""
    return math.copysign(_tabulated(HALF_NORMAL, distance * scale), distance)


@njit(cache=True, nogil=True)
def integrals(mean: float, sigma: float, cut: float, out: Floats, k: int) -> tuple[int, int, float]:
    """Integrals of a Gaussian over unit cells 0…size into ``out[k]``, cut at whole cells; the cells they take, and what
    the Gaussian holds within the cut, beyond 0…size too."""
    low, high = math.floor(mean - cut * sigma), math.floor(mean + cut * sigma) + 1.0
    first, last = int(max(low, 0.0)), int(min(high, float(out.shape[1])))
    if first >= last:
        return 0, 0, 1.0
    scale = NODES_PER_SIGMA / sigma
    below = previous = area_below(first - mean, scale)
    for cell in range(first, last):
        following = area_below(cell + 1 - mean, scale)
        out[k, cell] = following - previous
        previous = following
    if first > low:
        below = area_below(low - mean, scale)
    if last < high:
        previous = area_below(high - mean, scale)
    return first, last, previous - below


@njit(cache=True, nogil=True)
def densities(mean: float, sigma: float, cut: float, out: Floats, k: int) -> tuple[int, int]:
    """``exp(-d²/2s²)`` at the centres of unit cells 0…size not farther than the cut, into ``out[k]``; these cells."""
    first = int(max(math.ceil(mean - cut * sigma - 0.5), 0.0))
    last = int(min(math.floor(mean + cut * sigma - 0.5) + 1.0, float(out.shape[1])))
    fill_bell(mean, sigma, first, last, out, k)
    return first, max(first, last)


@njit(cache=True, nogil=True)
def fill_bell(mean: float, sigma: float, first: int, last: int, out: Floats, k: int) -> None:
    """``exp(-d²/2s²)`` at the centres of unit cells first…last, into ``out[k]``."""
    scale = NODES_PER_SIGMA / sigma
    for cell in range(first, last):
        out[k, cell] = _tabulated(BELL, (cell + 0.5 - mean) * scale)


@njit(cache=True, nogil=True)
def new_batch(mass: Floats) -> tuple[Floats, Floats, Counts]:
    """Room for Gaussians that wait to be added to the mass together, at most `AT_ONCE`, so that it is read and written
    once for all: their values down the rows and across the columns, and the cells they take."""
    return np.zeros((AT_ONCE, mass.shape[0])), np.zeros((AT_ONCE, mass.shape[1])), np.zeros((AT_ONCE, 4), np.int64)


@njit(cache=True, nogil=True)
def _add_one(mass: Floats, down: Floats, across: Floats, k: int, cells: tuple[int, int, int, int]) -> None:
    r0, r1, c0, c1 = cells
    part = across[k, c0:c1]
    for r in range(r0, r1):
        of_row = down[k, r]
        line = mass[r, c0:c1]
        for c in range(part.size):
            line[c] += of_row * part[c]


@njit(cache=True, nogil=True)
def _clear_around(values: Floats, k: int, start: int, first: int, last: int, stop: int) -> None:
    """Zeros in ``values[k]`` from `start` to `first` and from `last` to `stop`."""
    for i in range(start, first):
        values[k, i] = 0.0
    for i in range(last, stop):
        values[k, i] = 0.0


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def _add_eight(mass: Floats, d: Floats, a: Floats, r0: int, r1: int, c0: int, c1: int) -> None:
    a0, a1, a2, a3 = a[0, c0:c1], a[1, c0:c1], a[2, c0:c1], a[3, c0:c1]
    a4, a5, a6, a7 = a[4, c0:c1], a[5, c0:c1], a[6, c0:c1], a[7, c0:c1]
    for r in range(r0, r1):
        d0, d1, d2, d3, d4, d5, d6, d7 = d[0, r], d[1, r], d[2, r], d[3, r], d[4, r], d[5, r], d[6, r], d[7, r]
        line = mass[r, c0:c1]
        for c in range(line.size):
            line[c] += (d0 * a0[c] + d1 * a1[c] + d2 * a2[c] + d3 * a3[c]) + (
                d4 * a4[c] + d5 * a5[c] + d6 * a6[c] + d7 * a7[c]
            )


@njit(cache=True, nogil=True)
def add_batch(mass: Floats, down: Floats, across: Floats, box: Counts, n: int) -> None:
    """Add the first n Gaussians of a batch to the mass: all at once where they take nearly the same cells."""
    if n == 0:
        return
    r0, r1, c0, c1, cells = box[0, 0], box[0, 1], box[0, 2], box[0, 3], 0
    for k in range(n):
        r0, r1, c0, c1 = min(r0, box[k, 0]), max(r1, box[k, 1]), min(c0, box[k, 2]), max(c1, box[k, 3])
        cells += (box[k, 1] - box[k, 0]) * (box[k, 3] - box[k, 2])
    if AT_ONCE * (r1 - r0) * (c1 - c0) > LOOSEST * cells:
        for k in range(n):
            _add_one(mass, down, across, k, (box[k, 0], box[k, 1], box[k, 2], box[k, 3]))
        return
    for k in range(n):
        _clear_around(down, k, r0, box[k, 0], box[k, 1], r1)
        _clear_around(across, k, c0, box[k, 2], box[k, 3], c1)
    for k in range(n, AT_ONCE):
        _clear_around(down, k, r0, r1, r1, r1)
        _clear_around(across, k, c0, c1, c1, c1)
    _add_eight(mass, down, across, r0, r1, c0, c1)


@njit(cache=True, nogil=True, inline="always")
def put(
    mass: Floats, down: Floats, across: Floats, box: Counts, n: int, weight: float, cells: tuple[int, int, int, int]
) -> int:
    """Take the Gaussian whose values are at `n` into the batch; add the batch when it is full. How many wait then.

    Gaussians of few cells are added at once: for them, sorting a batch costs more than it saves.
    """
    r0, r1, c0, c1 = cells
    if r0 >= r1 or c0 >= c1:
        return n
    for r in range(r0, r1):
        down[n, r] *= weight
    if (r1 - r0) * (c1 - c0) < FEW_CELLS:
        _add_one(mass, down, across, n, cells)
        return n
    box[n, 0], box[n, 1], box[n, 2], box[n, 3] = r0, r1, c0, c1
    if n + 1 < AT_ONCE:
        return n + 1
    add_batch(mass, down, across, box, AT_ONCE)
    return 0


@njit(cache=True, nogil=True)
def add_cell_integrals(mass: Floats, path: CellPath, counts: Counts, cut: float) -> None:
    """Add to `mass` the seconds that each bridge spends in each cell, by the midpoint rule in time."""
    (down, across, box), n = new_batch(mass), 0
    for i in range(counts.size):
        seconds = (path.time[i + 1] - path.time[i]) / max(counts[i], 1)
        bridge = _bridge(path, i)
        for k in range(counts[i]):
            row, column, v = _at(bridge, (k + 0.5) / counts[i])
            sigma = math.sqrt(v)
            c0, c1, held_across = integrals(column, sigma, cut, across, n)
            r0, r1, held_down = integrals(row, sigma, cut, down, n)
            n = put(mass, down, across, box, n, seconds / (held_across * held_down), (r0, r1, c0, c1))
    add_batch(mass, down, across, box, n)


@njit(cache=True, nogil=True)
def add_centre_densities(mass: Floats, path: CellPath, counts: Counts, step: float, cut: float) -> None:
    """Add to `mass` the densities at cell centres of samples at 0, step, 2 step … of each bridge."""
    (down, across, box), n = new_batch(mass), 0
    for i in range(counts.size):
        bridge, share = _bridge(path, i), step / (path.time[i + 1] - path.time[i])
        for k in range(counts[i]):
            row, column, v = _at(bridge, k * share)
            sigma = math.sqrt(v)
            c0, c1 = densities(column, sigma, cut, across, n)
            r0, r1 = densities(row, sigma, cut, down, n)
            n = put(mass, down, across, box, n, 0.5 / (math.pi * v), (r0, r1, c0, c1))
    add_batch(mass, down, across, box, n)


@njit(cache=True, nogil=True)
def share_inside(shape: tuple[int, int], path: CellPath, counts: Counts, step: float) -> float:
    """Share of the probability of samples at 0, step, 2 step … that lies on cells 0…shape."""
    inside, n_samples = 0.0, 0
    for i in range(counts.size):
        n_samples += counts[i]
        bridge, share = _bridge(path, i), step / (path.time[i + 1] - path.time[i])
        for k in range(counts[i]):
            row, column, v = _at(bridge, k * share)
            scale = NODES_PER_SIGMA / math.sqrt(v)
            across = area_below(shape[1] - column, scale) - area_below(-column, scale)
            inside += across * (area_below(shape[0] - row, scale) - area_below(-row, scale))
    return inside / n_samples


@njit(cache=True, nogil=True)
def add_as_move(mass: Floats, path: CellPath, step: float, cut: float) -> bool:
    """Add to `mass` the densities at cell centres at times one `step` apart, as the R package move takes them.

    The times run on one clock over all bridges; the first is half of what is left when the track's time is divided by
    the step. Whole rows and columns are cut at `cut` standard deviations, rows one too far south. Whether all samples
    stay on the grid.
    """
    n, n_rows, n_columns = path.time.size, mass.shape[0], mass.shape[1]
    (down, across, box), n_waiting = new_batch(mass), 0
    last = path.time[n - 1]
    i, now = 0, path.time[0] + (last - path.time[0]) % step / 2
    while now <= last:
        while path.time[i + 1] < now:
            i += 1
        if not math.isnan(path.variance[i]):
            a = (now - path.time[i]) / (path.time[i + 1] - path.time[i])
            row, column, v = _at(_bridge(path, i), a)
            reach = cut * math.sqrt(v)
            east, north = column - 0.5, n_rows - 0.5 - row
            c0, c1 = math.floor(east - reach), math.ceil(east + reach) + 1
            r0, r1 = n_rows - math.ceil(north + reach), n_rows - math.floor(north - reach) + 1
            if c0 < 0 or r0 < 0 or c1 > n_columns or r1 > n_rows:
                return False
            fill_bell(column, math.sqrt(v), c0, c1, across, n_waiting)
            fill_bell(row, math.sqrt(v), r0, r1, down, n_waiting)
            n_waiting = put(mass, down, across, box, n_waiting, 0.5 / (math.pi * v), (r0, r1, c0, c1))
        now += step
    add_batch(mass, down, across, box, n_waiting)
    return True
