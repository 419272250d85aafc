"""From sequences to animals to a population: mean distributions and how many animals used each cell.

All reductions take their parts one by one and hold one accumulator, so they stream over any number of animals.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement.distribution import Remark, UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.isopleths import Footprint, IsoplethBasis, IsoplethCompat, footprint_of
from wildways.movement.use_schemes import FootprintOf

_Scalar = TypeVar("_Scalar", bound=np.generic)
_SNAP = 1e-6
MAX_ANIMALS = int(np.iinfo(np.uint16).max)


def mean_distribution(uds: Iterable[UtilisationDistribution]) -> UtilisationDistribution:
    """The mean of distributions, each with the same weight.

    An individual's distribution is the mean of its sequences', a population's the mean of its individuals': animals
    are the sampling unit, not fixes or sequences, so an animal tracked for long counts no more than another.

    Parameters
    ----------
    uds : one or more, on windows of one grid

    Returns
    -------
    Mean on the smallest grid that holds all windows. `n_fixes` and `represented_s` are summed, `mass_outside` and
    `mass_masked` are means; remarks are kept, each once.

    Raises
    ------
    BadInput : ``population-empty`` (no distribution), ``grid-misaligned``
    LimitReached : ``grid-too-large``
    """
    grid: Grid | None = None
    total = np.zeros((0, 0))
    methods: set[str] = set()
    remarks: dict[Remark, None] = {}
    n, n_fixes, represented_s, mass_outside, mass_masked = 0, 0, 0.0, 0.0, 0.0
    digest = hashlib.sha256()
    for ud in uds:
        grid, total = _grown(grid, total, ud.grid)
        total[grid.slices_of(ud.grid)] += ud.mass
        methods.update(ud.method.removeprefix("mean of ").split(", "))
        n, n_fixes, represented_s = n + 1, n_fixes + ud.n_fixes, represented_s + ud.represented_s
        mass_outside, mass_masked = mass_outside + ud.mass_outside, mass_masked + ud.mass_masked
        remarks.update(dict.fromkeys(ud.remarks))
        digest.update(ud.input_hash.encode())
    if grid is None:
        raise BadInput("population-empty", "There is no distribution to take the mean of.")
    return UtilisationDistribution(
        grid=grid,
        mass=total / total.sum(),
        method="mean of " + ", ".join(sorted(methods)),
        parameters={"n_distributions": n},
        n_fixes=n_fixes,
        represented_s=represented_s,
        mass_outside=mass_outside / n,
        mass_masked=mass_masked / n,
        input_hash=digest.hexdigest(),
        remarks=tuple(remarks),
    )


def animal_footprint(
    uds: Iterable[UtilisationDistribution],
    *,
    level: float = 0.99,
    of: FootprintOf = "sequences",
    compat: IsoplethCompat = None,
) -> Footprint:
    """The cells one animal used.

    Parameters
    ----------
    uds : the animal's sequences, one or more
    level : volume isopleth that counts as used
    of : ``"sequences"`` joins the isopleths of the sequences (Migration Mapper 3); ``"mean"`` takes the isopleth of
        their mean (the rule of the first published corridor reports)
    compat : as in `volume_isopleth`

    Raises
    ------
    BadInput : ``parameter``, ``population-empty``, ``grid-misaligned``, ``isopleth-level``
    """
    if of == "mean":
        return footprint_of(mean_distribution(uds), level, compat=compat)
    if of != "sequences":
        raise BadInput("parameter", f"of is “{of}”; it must be “sequences” or “mean”.")
    return union_of_footprints(footprint_of(ud, level, compat=compat) for ud in uds)


def union_of_footprints(footprints: Iterable[Footprint]) -> Footprint:
    """The cells in any of the footprints, on the smallest grid that holds their windows.

    Basis and level are those of the footprints where all have the same, else None.

    Raises
    ------
    BadInput : ``population-empty``, ``grid-misaligned``
    """
    grid: Grid | None = None
    used = np.zeros((0, 0), dtype=np.bool_)
    made: set[tuple[IsoplethBasis | None, float | None]] = set()
    for footprint in footprints:
        made.add((footprint.basis, footprint.level))
        grid, used = _grown(grid, used, footprint.grid)
        used[grid.slices_of(footprint.grid)] |= footprint.mask
    if grid is None:
        raise BadInput("population-empty", "There is no footprint to join.")
    basis, level = made.pop() if len(made) == 1 else (None, None)
    return Footprint(grid, used, basis, level)


def count_footprints(footprints: Iterable[Footprint], grid: Grid) -> NDArray[np.uint16]:
    """How many animals used each cell of the population's grid.

    Parameters
    ----------
    footprints : one an animal, on windows of `grid`
    grid : the population's

    Returns
    -------
    Counts of shape ``grid.shape``, uint16. Counts of parts of a population on one grid may be added.

    Raises
    ------
    BadInput : ``grid-misaligned``, ``grid-outside``
    LimitReached : ``too-many-animals``
    """
    counts = np.zeros(grid.shape, dtype=np.uint16)
    for n, footprint in enumerate(footprints, start=1):
        if n > MAX_ANIMALS:
            raise LimitReached(
                "too-many-animals", f"More than {MAX_ANIMALS:,} animals in one population.", hint="Count it in parts."
            )
        counts[grid.slices_of(footprint.grid)] += footprint.mask
    return counts


def coarsened(ud: UtilisationDistribution, factor: int) -> UtilisationDistribution:
    """The distribution on cells `factor` times as wide, with corners at multiples of them: all so made align."""
    grid = ud.grid
    cell_m = grid.cell_m * factor
    west, south, east, north = grid.bounds
    left, top = math.floor(west / cell_m + _SNAP), math.ceil(north / cell_m - _SNAP)
    right, bottom = math.ceil(east / cell_m - _SNAP), math.floor(south / cell_m + _SNAP)
    wide = Grid(grid.crs, cell_m, left * cell_m, top * cell_m, max(1, right - left), max(1, top - bottom))
    row, column = (round((wide.north_m - north) / grid.cell_m), round((west - wide.west_m) / grid.cell_m))
    fine = np.zeros((wide.n_rows * factor, wide.n_columns * factor))
    fine[row : row + grid.n_rows, column : column + grid.n_columns] = ud.mass
    mass = fine.reshape(wide.n_rows, factor, wide.n_columns, factor).sum(axis=(1, 3))
    return replace(ud, grid=wide, mass=mass)


def _grown(grid: Grid | None, values: NDArray[_Scalar], part: Grid) -> tuple[Grid, NDArray[_Scalar]]:
    """The accumulator on a grid that also holds `part`; the very same where it already does."""
    if grid is None:
        return part, np.zeros(part.shape, dtype=values.dtype)
    wider = grid.union(part)
    if wider.shape == grid.shape:
        return grid, values
    grown = np.zeros(wider.shape, dtype=values.dtype)
    grown[wider.slices_of(grid)] = values
    return wider, grown
