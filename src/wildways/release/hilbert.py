"""Order along a Hilbert curve, so that features near each other on the map lie near each other in a file."""

import numpy as np
from numpy.typing import NDArray

LEVEL = 16


def hilbert_distance(x: NDArray[np.int64], y: NDArray[np.int64], *, level: int = LEVEL) -> NDArray[np.int64]:
    """How far along the Hilbert curve a cell lies.

    Parameters
    ----------
    x, y : column and row of each cell, shape (n,), 0 to ``2**level - 1``
    level : the curve visits ``4**level`` cells; at most 31

    Returns
    -------
    Distances, shape (n,), 0 to ``4**level - 1``; a bijection, and cells at successive distances share an edge

    References
    ----------
    Hilbert (1891), Mathematische Annalen 38, doi:10.1007/BF01199431; the quadrant-by-quadrant form used here is
    Warren (2012), Hacker's Delight, 2nd edition, chapter 16.
    """
    x, y = x.astype(np.int64), y.astype(np.int64)
    distance = np.zeros_like(x)
    for bit in range(level - 1, -1, -1):
        side = np.int64(1) << bit
        right, upper = (x & side) != 0, (y & side) != 0
        quadrant = np.where(right, np.where(upper, 2, 3), np.where(upper, 1, 0))
        distance += side * side * quadrant
        mirrored = right & ~upper
        x, y = np.where(mirrored, side - 1 - (x & (side - 1)), x), np.where(mirrored, side - 1 - (y & (side - 1)), y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
    return distance


def hilbert_order(bounds: NDArray[np.float64]) -> NDArray[np.intp]:
    """The order that sorts boxes along the Hilbert curve through their centres; equal ones keep their order.

    Parameters
    ----------
    bounds : west, south, east, north of each box, shape (n, 4), any unit; NaN (an empty geometry) sorts last

    Returns
    -------
    Indices into `bounds`, shape (n,)
    """
    known = np.isfinite(bounds).all(axis=1)
    distance = np.full(len(bounds), np.iinfo(np.int64).max)
    if known.any():
        centre = (bounds[known, :2] + bounds[known, 2:]) / 2
        low, span = centre.min(axis=0), np.ptp(centre, axis=0)
        cells = ((centre - low) / np.where(span > 0, span, 1) * (2**LEVEL - 1)).astype(np.int64)
        distance[known] = hilbert_distance(cells[:, 0], cells[:, 1])
    return np.argsort(distance, kind="stable")
