"""Compiled kernels of the models of net squared displacement: arrays in, arrays out, no checks, no GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_ALL = 6
MOST_STEPS = 80
ENOUGH = 1e-9


@njit(cache=True, nogil=True)
def _rest(parameters: Floats, free: int, day: Floats, nsd: Floats, normal: Floats, slope: Floats) -> float:
    """Half the residual sum of squares; fills J'J and J'r over the first `free` parameters.

    Parameters are theta, phi, delta, rho, phi2, zeta: a disperser has three of them free, a migrant five, a mixed
    migrant all six.
    """
    theta, phi, delta, rho, phi2, zeta = parameters
    theta2 = theta + 2 * phi + 2 * phi2 + rho
    row = np.zeros(N_ALL)
    normal[:] = 0.0
    slope[:] = 0.0
    total = 0.0
    for i in range(day.size):
        z = (day[i] - theta) / phi
        out = 1 / (1 + math.exp(-z))
        q = delta * out * (1 - out)
        row[0], row[1], row[2] = -q / phi, -q * z / phi, out
        model = delta * out
        if free > 3:
            z = (day[i] - theta2) / phi2
            back = 1 / (1 + math.exp(-z))
            q = delta * zeta * back * (1 - back)
            moved = q / phi2
            row[0] += moved
            row[1] += 2 * moved
            row[2] -= zeta * back
            row[3] = moved
            row[4] = q * z / phi2 + 2 * moved
            row[5] = -delta * back
            model -= delta * zeta * back
        miss = model - nsd[i]
        total += miss * miss
        for j in range(free):
            slope[j] += row[j] * miss
            for k in range(j + 1):
                normal[j, k] += row[j] * row[k]
    for j in range(free):
        for k in range(j):
            normal[k, j] = normal[j, k]
    return 0.5 * total


@njit(cache=True, nogil=True)
def fit_moves(start: Floats, free: int, low: Floats, high: Floats, day: Floats, nsd: Floats) -> tuple[Floats, float]:
    """Levenberg and Marquardt's search from `start` inside a box; a bound that the slope leads out of is kept to.

    Returns parameters and residual sum of squares.
    """
    here = np.minimum(np.maximum(start, low), high)
    normal, slope = np.zeros((N_ALL, N_ALL)), np.zeros(N_ALL)
    next_normal, next_slope = np.zeros((N_ALL, N_ALL)), np.zeros(N_ALL)
    rest = _rest(here, free, day, nsd, normal, slope)
    damping, calm = 1e-3, 0
    for _ in range(MOST_STEPS):
        inner = np.zeros(N_ALL, dtype=np.int64)
        n = 0
        for j in range(free):
            held = (here[j] <= low[j] and slope[j] > 0) or (here[j] >= high[j] and slope[j] < 0)
            if not held:
                inner[n] = j
                n += 1
        if n == 0:
            break
        matrix, right = np.zeros((n, n)), np.zeros(n)
        for a in range(n):
            right[a] = -slope[inner[a]]
            for b in range(n):
                matrix[a, b] = normal[inner[a], inner[b]]
            matrix[a, a] += damping * matrix[a, a] + 1e-12
        step = np.linalg.solve(matrix, right)
        there = here.copy()
        for a in range(n):
            j = inner[a]
            there[j] = min(max(here[j] + step[a], low[j]), high[j])
        better = _rest(there, free, day, nsd, next_normal, next_slope)
        if better < rest:
            calm = calm + 1 if rest - better <= ENOUGH * rest else 0
            here, rest = there, better
            normal, next_normal = next_normal, normal
            slope, next_slope = next_slope, slope
            damping = max(damping / 5, 1e-12)
            if calm >= 2:
                break
        else:
            damping *= 4
            if damping > 1e10:
                break
    return here, 2 * rest


@njit(cache=True, nogil=True)
def best_pairs(
    middle: Floats,
    scale: Floats,
    along: Floats,
    cross: Floats,
    zeta_low: float,
    zeta_high: float,
    count: int,
    apart: float,
) -> Floats:
    """The pairs of moves, out and back, that explain most, none near another; amplitudes in closed form.

    Row by row theta, phi, delta, rho, phi2, zeta. Delta lies in 0…1, zeta between its bounds: where the free solution
    does not, it is held to the nearer bound. Fewer rows than `count` where there are no more pairs.
    """
    m = middle.size
    gain, delta, zeta = np.full((m, m), -1.0), np.zeros((m, m)), np.zeros((m, m))
    for a in range(m):
        for b in range(m):
            rho = middle[b] - middle[a] - 2 * scale[a] - 2 * scale[b]
            if rho < 1 or rho > 364:
                continue
            share = zeta_high
            bottom = cross[b, b] * along[a] - cross[a, b] * along[b]
            if zeta_low < zeta_high and bottom != 0:
                share = (cross[a, b] * along[a] - cross[a, a] * along[b]) / bottom
                share = min(max(share, zeta_low), zeta_high)
            moved = along[a] - share * along[b]
            size = max(cross[a, a] - 2 * share * cross[a, b] + share * share * cross[b, b], 1e-12)
            amplitude = min(max(moved / size, 0.0), 1.0)
            gain[a, b] = amplitude * (2 * moved - amplitude * size)
            delta[a, b], zeta[a, b] = amplitude, share
    rows = np.zeros((count, 6))
    found = 0
    while found < count:
        best_a, best_b, most = -1, -1, 0.0
        for a in range(m):
            for b in range(m):
                if gain[a, b] > most:
                    taken = False
                    for k in range(found):
                        second = rows[k, 0] + 2 * rows[k, 1] + 2 * rows[k, 4] + rows[k, 3]
                        if abs(middle[a] - rows[k, 0]) < apart and abs(middle[b] - second) < apart:
                            taken = True
                    if not taken:
                        best_a, best_b, most = a, b, gain[a, b]
        if best_a < 0:
            break
        rho = middle[best_b] - middle[best_a] - 2 * scale[best_a] - 2 * scale[best_b]
        rows[found] = np.array(
            [middle[best_a], scale[best_a], delta[best_a, best_b], rho, scale[best_b], zeta[best_a, best_b]]
        )
        found += 1
    return rows[:found]
