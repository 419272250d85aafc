"""Compiled kernels of kernel densities and of smoothed positions: arrays in, arrays out, no checks, no GIL.

Positions come in cells from the north-western corner, as in `_bridge_kernels`. Sums run in one fixed order.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wildways.movement._bridge_kernels import (
    NODES_PER_SIGMA,
    add_batch,
    area_below,
    densities,
    integrals,
    new_batch,
    put,
)

Floats = NDArray[np.float64]

LEAST_ROWS = 32
ROWS_PER_SIGMA = 2.0


@njit(cache=True, nogil=True)
def add_gaussians(mass: Floats, row: Floats, column: Floats, sigma: float, cut: float) -> None:
    """Add to `mass` the cell integrals of a Gaussian at each point."""
    (down, across, box), n = new_batch(mass), 0
    for i in range(row.size):
        c0, c1, held_across = integrals(column[i], sigma, cut, across, n)
        r0, r1, held_down = integrals(row[i], sigma, cut, down, n)
        n = put(mass, down, across, box, n, 1 / (held_across * held_down), (r0, r1, c0, c1))
    add_batch(mass, down, across, box, n)


@njit(cache=True, nogil=True)
def add_centre_gaussians(mass: Floats, row: Floats, column: Floats, sigma: float, cut: float) -> None:
    """Add to `mass` the densities at cell centres of a Gaussian at each point, in a box of `cut` sigmas."""
    (down, across, box), n = new_batch(mass), 0
    for i in range(row.size):
        c0, c1 = densities(column[i], sigma, cut, across, n)
        r0, r1 = densities(row[i], sigma, cut, down, n)
        n = put(mass, down, across, box, n, 0.5 / (math.pi * sigma * sigma), (r0, r1, c0, c1))
    add_batch(mass, down, across, box, n)


@njit(cache=True, nogil=True)
def add_epanechnikovs(mass: Floats, row: Floats, column: Floats, radius: float) -> None:
    """Add to `mass` the cell integrals of Epanechnikov's kernel at each point: exact along rows, by lines across."""
    lines = math.ceil(LEAST_ROWS / radius)
    height = 2 / (math.pi * radius * radius * lines)
    for i in range(row.size):
        for line in range(math.floor((row[i] - radius) * lines), math.ceil((row[i] + radius) * lines)):
            r = line // lines
            y = ((line + 0.5) / lines - row[i]) / radius
            top = 1 - y * y
            if top <= 0 or r < 0 or r >= mass.shape[0]:
                continue
            half = math.sqrt(top)
            first = max(math.floor(column[i] - half * radius), 0)
            last = min(math.floor(column[i] + half * radius), mass.shape[1] - 1)
            previous = _under_parabola((first - column[i]) / radius, top, half)
            for c in range(first, last + 1):
                following = _under_parabola((c + 1 - column[i]) / radius, top, half)
                mass[r, c] += height * radius * (following - previous)
                previous = following


@njit(cache=True, nogil=True)
def _under_parabola(x: float, top: float, half: float) -> float:
    """Integral of ``top - x²`` from 0 to x, x at most `half` away."""
    x = min(max(x, -half), half)
    return x * (top - x * x / 3)


@njit(cache=True, nogil=True)
def add_centre_epanechnikovs(mass: Floats, row: Floats, column: Floats, radius: float) -> None:
    """Add to `mass` the densities at cell centres of Epanechnikov's kernel at each point."""
    height = 2 / (math.pi * radius * radius)
    for i in range(row.size):
        first, last = max(math.floor(column[i] - radius), 0), min(math.ceil(column[i] + radius), mass.shape[1])
        for r in range(max(math.floor(row[i] - radius), 0), min(math.ceil(row[i] + radius), mass.shape[0])):
            y = (r + 0.5 - row[i]) / radius
            for c in range(first, last):
                x = (c + 0.5 - column[i]) / radius
                mass[r, c] += height * max(0.0, 1 - x * x - y * y)


@njit(cache=True, nogil=True)
def count_distances(x: Floats, y: Floats, width: float, n_bins: int) -> tuple[Floats, Floats]:
    """Pairs of points in each class of distance, `width` each, and their mean squared distance; farther ones not."""
    n_pairs, squares = np.zeros(n_bins), np.zeros(n_bins)
    farthest = (width * n_bins) ** 2
    for i in range(x.size):
        for j in range(i + 1, x.size):
            square = (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2
            if square < farthest:
                at = min(int(math.sqrt(square) / width), n_bins - 1)
                n_pairs[at] += 1
                squares[at] += square
    return n_pairs, squares / np.maximum(n_pairs, 1)


@njit(cache=True, nogil=True)
def add_ellipses(mass: Floats, row: Floats, column: Floats, covariance: Floats, weight: Floats, cut: float) -> None:
    """Add to `mass` the cell integrals of Gaussians with covariance, times their weights.

    `covariance` has columns variance along rows, covariance, variance along columns. A Gaussian is cut into lines of
    equal row, so thin that along them its mean moves by less than half its standard deviation; what it moves within a
    line is added to the variance.
    """
    (down, across, box), n, line_of = new_batch(mass), 0, np.empty((1, mass.shape[1]))
    for i in range(row.size):
        if weight[i] <= 0:
            continue
        sigma, sigma_c = math.sqrt(covariance[i, 0]), math.sqrt(covariance[i, 2])
        slope = covariance[i, 1] / covariance[i, 0]
        left = max(covariance[i, 2] - slope * covariance[i, 1], 1e-6 * covariance[i, 2])
        lines = max(1, math.ceil(ROWS_PER_SIGMA * abs(slope) / math.sqrt(left)))
        if abs(slope) * sigma < 1e-4 * sigma_c:
            c0, c1, held_across = integrals(column[i], sigma_c, cut, across, n)
            r0, r1, held_down = integrals(row[i], sigma, cut, down, n)
            n = put(mass, down, across, box, n, weight[i] / (held_across * held_down), (r0, r1, c0, c1))
            continue
        first, last = math.floor((row[i] - cut * sigma) * lines), math.ceil((row[i] + cut * sigma) * lines)
        scale = NODES_PER_SIGMA / sigma
        low = area_below(first / lines - row[i], scale)
        total = area_below(last / lines - row[i], scale) - low
        for line in range(first, last):
            high = area_below((line + 1) / lines - row[i], scale)
            share, low = (high - low) / total, high
            r = line // lines
            if share <= 0 or r < 0 or r >= mass.shape[0]:
                continue
            offset, spread = _line_moments(line / lines - row[i], 1 / lines, sigma, share * total)
            at = column[i] + slope * offset
            c0, c1, held = integrals(at, math.sqrt(left + slope * slope * spread), cut, line_of, 0)
            for c in range(c0, c1):
                mass[r, c] += weight[i] * share / held * line_of[0, c]
    add_batch(mass, down, across, box, n)


@njit(cache=True, nogil=True)
def _line_moments(start: float, width: float, sigma: float, share: float) -> tuple[float, float]:
    """Mean and variance of a centred Gaussian between `start` and `start + width`, which holds `share` of it."""
    z0, z1 = start / sigma, (start + width) / sigma
    if z1 - z0 < 0.05 or share < 1e-6:
        return start + 0.5 * width, width * width / 12
    p0, p1 = math.exp(-0.5 * z0 * z0), math.exp(-0.5 * z1 * z1)
    norm = math.sqrt(2 * math.pi) * share
    mean = (p0 - p1) / norm
    spread = 1 + (z0 * p0 - z1 * p1) / norm - mean * mean
    return sigma * mean, sigma * sigma * max(spread, 0.0)
