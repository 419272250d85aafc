"""How alike two distributions are: indices of overlap, and the way mass would have to go to make one the other."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.isopleths import volume_isopleth
from wildways.movement.projection import geodesic_distances, unproject

Floats = NDArray[np.float64]
Compat = Literal["adehabitatHR"] | None

MAX_TRANSPORT_CELLS = 400


@dataclass(frozen=True)
class Overlap:
    """Indices of the overlap of two distributions f and g.

    Parameters
    ----------
    affinity : Bhattacharyya's, ``∫ √(f g)``; 0…1, 1 if equal
    intersection : volume of it, ``∫ min(f, g)``; 0…1
    hellinger : distance, ``√ ∫ (√f - √g)²``; 0…√2, 0 if equal
    udoi : utilisation distribution overlap index, ``A ∫ f g``, A the area where both are inside the isopleth; above 1
        where both concentrate on the same places
    area_of_first, area_of_second : share of the area inside the first's (second's) isopleth that is inside the other's
    use_of_first, use_of_second : mass of the first (second) inside the other's isopleth
    level : the isopleth
    is_conditional : whether mass outside the isopleths was taken as zero
    """

    affinity: float
    intersection: float
    hellinger: float
    udoi: float
    area_of_first: float
    area_of_second: float
    use_of_first: float
    use_of_second: float
    level: float
    is_conditional: bool


def overlap(
    first: UtilisationDistribution,
    second: UtilisationDistribution,
    *,
    level: float = 0.95,
    is_conditional: bool = False,
    compat: Compat = None,
) -> Overlap:
    """Compute indices of the overlap of two distributions.

    Compare only distributions of one method with the same parameters on the same cells: a wider kernel overlaps more.

    Parameters
    ----------
    first, second : on windows of one grid
    level : volume isopleth that bounds areas
    is_conditional : take mass outside the isopleths as zero; affinity and intersection then reach at most the level
    compat : ``"adehabitatHR"`` gives what kerneloverlap of that package does: isopleths without the crossing cell, and
        mass beyond the grid as missing

    Raises
    ------
    BadInput : ``grid-misaligned``, ``isopleth-level``, ``compat-unknown``

    References
    ----------
    Fieberg & Kochanny (2005), Journal of Wildlife Management 69:1346.
    """
    if compat not in (None, "adehabitatHR"):
        raise BadInput("compat-unknown", f"There is no compatibility with “{compat}”.", hint="Known: adehabitatHR.")
    grid = first.grid.union(second.grid)
    f, g = (_on(grid, ud, compat) for ud in (first, second))
    in_f, in_g = (_inside(mass, ud, level, compat) for mass, ud in ((f, first), (g, second)))
    both = float(np.count_nonzero(in_f & in_g))
    use_f, use_g = float(f[in_g].sum()), float(g[in_f].sum())
    area_f, area_g = (both / max(int(inside.sum()), 1) for inside in (in_f, in_g))
    if is_conditional:
        f, g = np.where(in_f, f, 0.0), np.where(in_g, g, 0.0)
        use_f, use_g = float(f[in_g].sum()), float(g[in_f].sum())
    return Overlap(
        affinity=affinity(f, g),
        intersection=float(np.minimum(f, g).sum()),
        hellinger=float(np.sqrt(((np.sqrt(f) - np.sqrt(g)) ** 2).sum())),
        udoi=both * float((f * g).sum()),
        area_of_first=area_f,
        area_of_second=area_g,
        use_of_first=use_f,
        use_of_second=use_g,
        level=level,
        is_conditional=is_conditional,
    )


def affinity(first: Floats, second: Floats) -> float:
    """Bhattacharyya's affinity of masses on the same cells."""
    return float(np.sqrt(first * second).sum())


def transport_distance(
    first: UtilisationDistribution, second: UtilisationDistribution, *, max_cells: int = 150
) -> float:
    """The mean distance, metres, that mass must go to turn one distribution into the other: earth mover's distance.

    Cells are joined into square blocks until neither distribution fills more than `max_cells`; mass that stays in its
    block goes nowhere, so that shifts much shorter than a block's edge are lost and the result is no finer than about
    half of it. Distances are geodesic, between centres of mass of the blocks. An exact linear programme with as many
    unknowns as pairs of blocks: seconds at the greatest size.

    Parameters
    ----------
    first, second : on windows of one grid
    max_cells : blocks of a distribution, at most `MAX_TRANSPORT_CELLS`

    Raises
    ------
    BadInput : ``grid-misaligned``, ``parameter``
    LimitReached : ``transport-cells``

    References
    ----------
    Kranstauber, Smolla & Safi (2017), Methods in Ecology and Evolution 8:155, doi:10.1111/2041-210X.12649.
    """
    if max_cells > MAX_TRANSPORT_CELLS:
        raise LimitReached("transport-cells", f"{max_cells} blocks are more than {MAX_TRANSPORT_CELLS}.")
    if max_cells < 1:
        raise BadInput("parameter", f"max_cells is {max_cells}; it must be one or more.")
    grid = first.grid.union(second.grid)
    block = 1
    while True:
        supply, demand = (_blocks(ud, grid, block) for ud in (first, second))
        if max(supply[0].size, demand[0].size) <= max_cells:
            return _transport(grid, supply, demand)
        block *= 2


def _on(grid: Grid, ud: UtilisationDistribution, compat: Compat) -> Floats:
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass * (1 - ud.mass_outside) if compat else ud.mass
    return mass


def _inside(mass: Floats, ud: UtilisationDistribution, level: float, compat: Compat) -> NDArray[np.bool_]:
    if compat:
        level = min(1.0, level / (1 - ud.mass_outside))
    return volume_isopleth(mass, level, compat=compat)


def _blocks(ud: UtilisationDistribution, grid: Grid, block: int) -> tuple[Floats, Floats, Floats]:
    """Mass of each block that has any, and its centre of mass, metres in the grid's CRS."""
    row, column = np.nonzero(ud.mass)
    mass = ud.mass[row, column]
    rows, columns = grid.slices_of(ud.grid)
    row, column = row + rows.start, column + columns.start
    across = math.ceil(grid.n_columns / block)
    codes, inverse = np.unique((row // block) * across + column // block, return_inverse=True)
    held, x, y = (
        np.bincount(inverse, weights=mass * part, minlength=codes.size)
        for part in (1.0, grid.west_m + (column + 0.5) * grid.cell_m, grid.north_m - (row + 0.5) * grid.cell_m)
    )
    return np.asarray(held), np.asarray(x / held), np.asarray(y / held)


def _transport(grid: Grid, supply: tuple[Floats, Floats, Floats], demand: tuple[Floats, Floats, Floats]) -> float:
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, kron, vstack

    (lon_a, lat_a), (lon_b, lat_b) = (unproject(x, y, grid.crs) for _, x, y in (supply, demand))
    cost_m = geodesic_distances(lon_a[:, None], lat_a[:, None], lon_b[None, :], lat_b[None, :])
    n, m = cost_m.shape
    sums = vstack([kron(eye_array(n), np.ones((1, m))), kron(np.ones((1, n)), eye_array(m))], format="csr")
    amounts = np.concatenate([supply[0] / supply[0].sum(), demand[0] / demand[0].sum()])
    # One equation follows from the others: without the last, rounding cannot make the programme impossible.
    solved = linprog(cost_m.ravel(), A_eq=sums[:-1], b_eq=amounts[:-1], bounds=(0, None), method="highs")
    return float(solved.fun)
