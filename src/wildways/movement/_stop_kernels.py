"""Compiled kernels of stops: the farthest run inside a circle. Arrays in, arrays out, no checks. No GIL."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE = 1e-9


@njit(cache=True, nogil=True)
def _turn(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True, nogil=True)
def _hull(xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """Corners of the convex hull, counter-clockwise (Andrew's chain)."""
    n = xs.size
    order = np.argsort(xs, kind="mergesort")
    for i in range(1, n):
        j = i
        while j > 0 and xs[order[j - 1]] == xs[order[j]] and ys[order[j - 1]] > ys[order[j]]:
            order[j - 1], order[j] = order[j], order[j - 1]
            j -= 1
    hx, hy = np.empty(2 * n + 1), np.empty(2 * n + 1)
    count = 0
    for half in range(2):
        floor = count + 1 if half == 0 else count
        for i in range(n):
            k = order[i] if half == 0 else order[n - 1 - i]
            if half == 1 and i == 0:
                continue
            while (
                count > floor and _turn(hx[count - 2], hy[count - 2], hx[count - 1], hy[count - 1], xs[k], ys[k]) <= 0
            ):
                count -= 1
            hx[count], hy[count] = xs[k], ys[k]
            count += 1
    count = max(1, count - 1)
    return hx[:count].copy(), hy[:count].copy()


@njit(cache=True, nogil=True)
def smallest_circle(xs: Floats, ys: Floats) -> tuple[float, float, float]:
    """Centre and radius of the smallest circle around points: that of two of them, or through three."""
    n = xs.size
    cx, cy, r = xs[0], ys[0], 0.0
    for i in range(1, n):
        if math.hypot(xs[i] - cx, ys[i] - cy) <= r * (1 + _TOLERANCE) + _TOLERANCE:
            continue
        cx, cy, r = xs[i], ys[i], 0.0
        for j in range(i):
            if math.hypot(xs[j] - cx, ys[j] - cy) <= r * (1 + _TOLERANCE) + _TOLERANCE:
                continue
            cx, cy = 0.5 * (xs[i] + xs[j]), 0.5 * (ys[i] + ys[j])
            r = 0.5 * math.hypot(xs[i] - xs[j], ys[i] - ys[j])
            for k in range(j):
                if math.hypot(xs[k] - cx, ys[k] - cy) <= r * (1 + _TOLERANCE) + _TOLERANCE:
                    continue
                bx, by, dx, dy = xs[j] - xs[i], ys[j] - ys[i], xs[k] - xs[i], ys[k] - ys[i]
                area = 2 * (bx * dy - by * dx)
                if area == 0:
                    continue
                b2, d2 = bx * bx + by * by, dx * dx + dy * dy
                ux, uy = (dy * b2 - by * d2) / area, (bx * d2 - dx * b2) / area
                cx, cy, r = xs[i] + ux, ys[i] + uy, math.hypot(ux, uy)
    return cx, cy, r


@njit(cache=True, nogil=True)
def last_within(x: Floats, y: Floats, begin: int, end: int, radius: float) -> int:
    """The last of the rows ``begin…end`` such that all from `begin` to it lie in one circle of `radius`."""
    hx, hy = x[begin : begin + 1].copy(), y[begin : begin + 1].copy()
    cx, cy, r = hx[0], hy[0], 0.0
    for i in range(begin + 1, end):
        if math.hypot(x[i] - cx, y[i] - cy) <= r:
            inside = hx.size > 2
            for k in range(hx.size):
                after = (k + 1) % hx.size
                if inside and _turn(hx[k], hy[k], hx[after], hy[after], x[i], y[i]) < 0:
                    inside = False
            if not inside:
                hx, hy = _hull(np.append(hx, x[i]), np.append(hy, y[i]))
            continue
        wider_x, wider_y = _hull(np.append(hx, x[i]), np.append(hy, y[i]))
        cx, cy, r = smallest_circle(wider_x, wider_y)
        if r > radius:
            return i - 1
        hx, hy = wider_x, wider_y
    return end - 1
