"""Compiled kernels of core areas: the least mass in an isopleth without sorting all cells. No checks, no GIL."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_N_BINS = 1 << 12
_SHIFT = 45
"""Mantissa bits that a bin leaves out: 128 bins for each power of two, 32 powers below the greatest mass."""


@njit(cache=True, nogil=True)
def core_limit(mass: Floats, wanted: float, with_crossing: bool) -> tuple[float, int]:
    """Mass and index of the last cell of the isopleth that holds `wanted`; heaviest cells come first, ties by index.

    A cell is inside where it is heavier, or as heavy and not after that index. Where all cells together hold less than
    `wanted`, every cell that is not empty is inside.
    """
    bits = mass.view(np.int64)
    top = 0
    for i in range(mass.size):
        top = max(top, bits[i])
    shift = (top >> _SHIFT) - (_N_BINS - 1)
    held = np.zeros(_N_BINS)
    for i in range(mass.size):
        held[max((bits[i] >> _SHIFT) - shift, 0)] += mass[i]
    total, at = 0.0, _N_BINS - 1
    while at >= 0 and total + held[at] < wanted:
        total += held[at]
        at -= 1
    if at < 0:
        return 0.0, -1
    cells = np.flatnonzero(np.maximum((bits >> _SHIFT) - shift, 0) == at)
    order = cells[np.argsort(-mass[cells], kind="mergesort")]
    crossing = order[-1]
    for i in order:
        total += mass[i]
        if total >= wanted:
            crossing = i
            break
    return mass[crossing], crossing if with_crossing else crossing - 1


@njit(cache=True, nogil=True)
def core_mask(mass: Floats, limit: float, last: int) -> NDArray[np.bool_]:
    """The cells inside a limit that `core_limit` found."""
    inside = np.empty(mass.size, dtype=np.bool_)
    for i in range(mass.size):
        inside[i] = mass[i] > limit or (mass[i] == limit and i <= last and limit > 0)
    return inside


@njit(cache=True, nogil=True)
def weight_inside(
    mass: Floats, limit: float, last: int, cell: Indices, weight: Floats, starts: Indices, groups: Indices
) -> float:
    """Sum of the weights of those points of some groups whose cells are inside a limit; cell -1 is beyond the grid.

    Group `k` has the points ``starts[k]`` to ``starts[k + 1]``.
    """
    total = 0.0
    for group in groups:
        of_group = 0.0
        for k in range(starts[group], starts[group + 1]):
            i = cell[k]
            if i >= 0 and (mass[i] > limit or (mass[i] == limit and i <= last and limit > 0)):
                of_group += weight[k]
        total += of_group
    return total


@njit(cache=True, nogil=True)
def accumulated_cells(cell: Indices, starts: Indices, order: Indices, needed: Indices, n_cells: int) -> Indices:
    """Cells that at least ``needed[s]`` of the first ``s + 1`` groups in an order have, for each s.

    Group `k` has the cells ``starts[k]`` to ``starts[k + 1]``, each once.
    """
    counts, having = np.zeros(n_cells, np.int32), np.zeros(order.size + 2, np.int64)
    found = np.empty(order.size, np.int64)
    for s in range(order.size):
        group = order[s]
        for k in range(starts[group], starts[group + 1]):
            counts[cell[k]] += 1
            having[counts[cell[k]]] += 1
        found[s] = having[needed[s]]
    return found
