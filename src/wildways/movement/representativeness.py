"""How well the tracked animals stand for their population: what leaving some of them out would have missed.

Animals are the sampling unit, not fixes or sequences. Every function asks for its source of chance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement._core_kernels import accumulated_cells, core_limit, weight_inside
from wildways.movement.distribution import Remark, UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.isopleths import Footprint
from wildways.movement.saturation import Saturation, fit_saturation

Floats = NDArray[np.float64]
Compat = Literal["track2KBA"] | None

MIN_ANIMALS = 4
ENOUGH = (0.70, 0.95)
_ROUNDING = 1e-12
_FAR_FROM_LEVEL = 0.1
_MOST_SIZES = 60


class Seen(NamedTuple):
    """Where one animal was: flat cells of the grid, -1 beyond it, and how much each counts."""

    cell: NDArray[np.int64]
    weight: Floats


@dataclass(frozen=True, eq=False)
class Representativeness:
    """How much of a population's use the sample shows.

    Parameters
    ----------
    share : 0…1; of what infinitely many animals would show, or, where `is_asymptotic` is false, only how much of what
        left-out animals did lay inside the core of the others
    is_asymptotic : whether a curve was found
    curve : inclusion by number of animals
    level : isopleth of the pooled use, which the asymptote should be near to
    n_animals, n_orders : animals, and how often they were put into random order
    remarks : what a reader should know
    """

    share: float
    is_asymptotic: bool
    curve: Saturation
    level: float
    n_animals: int
    n_orders: int
    remarks: tuple[Remark, ...] = ()

    @property
    def enough(self) -> dict[float, int | None]:
        """Animals that reach 70 and 95 % of the asymptote."""
        return {share: self.curve.animals_for(share) for share in ENOUGH}


def assess_representativeness(
    uds: Sequence[UtilisationDistribution],
    *,
    rng: np.random.Generator,
    seen: Sequence[Seen] | None = None,
    grid: Grid | None = None,
    level: float = 0.5,
    n_orders: int = 100,
    compat: Compat = None,
) -> Representativeness:
    """Assess whether the animals tracked are enough to show what their population uses.

    Put the animals into random order. For each number s of them, from the first on: average their distributions, take
    the core that holds `level`, and see which share of what the others did lies inside. The mean over the orders rises
    with s towards a limit; a curve ``A s / (h + s)`` finds it. The share of it that all animals reach is the answer.

    Parameters
    ----------
    uds : one an animal, on windows of one grid, at least four
    rng : source of the random orders
    seen : where each animal was, usually its fixes, one of weight 1 each; without it, its distribution: then
        inclusion is of mass, and every animal counts the same. Cells are of `grid`
    grid : that holds all windows; by default the smallest
    level : volume isopleth that makes the core
    n_orders : how many random orders
    compat : ``"track2KBA"`` leaves the cell that crosses the level out of the core, takes the level as a share of mass
        with what fell beyond the grid, and up to s = n - 1, n - 3 … as that package does

    Raises
    ------
    BadInput : ``too-few-animals``, ``parameter``, ``grid-misaligned``, ``grid-outside``

    References
    ----------
    Lascelles et al. (2016), Diversity and Distributions 22:422, doi:10.1111/ddi.12411. Beal et al. (2021), Methods in
    Ecology and Evolution 12:2372, doi:10.1111/2041-210X.13713.
    """
    _require(len(uds), n_orders, level)
    grid = grid or _union([ud.grid for ud in uds])
    if seen is None:
        if compat:
            raise BadInput("parameter", "track2KBA counts fixes.", hint="Give seen, the cells of each animal's fixes.")
        seen = [_mass_seen(ud, grid) for ud in uds]
    if len(seen) != len(uds) or any(part.weight.sum() <= 0 for part in seen):
        raise BadInput("parameter", f"There are {len(uds)} animals; seen has {len(seen)}, or says nothing of one.")
    sizes = sample_sizes(len(uds)) if compat else _spaced_sizes(len(uds))
    points = _Grouped.of([part.cell for part in seen]), np.concatenate([part.weight for part in seen])
    inclusion = np.array([_inclusion(uds, *points, grid, level, sizes, rng, compat) for _ in range(n_orders)])
    curve = fit_saturation(sizes, inclusion)
    share = curve.share_at(int(sizes[-1]) if compat else len(uds))
    return Representativeness(
        share=float(curve.means[-1]) if share is None else share,
        is_asymptotic=share is not None,
        curve=curve,
        level=level,
        n_animals=len(uds),
        n_orders=n_orders,
        remarks=_remarks(curve, level),
    )


def accumulate_area(
    footprints: Sequence[Footprint],
    *,
    rng: np.random.Generator,
    min_share: float = 0.0,
    n_orders: int = 200,
) -> Saturation:
    """How the area used grows with the number of animals.

    Parameters
    ----------
    footprints : one an animal, on windows of one grid, at least four
    rng : source of the random orders
    min_share : a cell counts where at least this share of the animals drawn, and at least one, used it
    n_orders : how many random orders

    Returns
    -------
    The curve, areas in square metres, up to all animals. A share above zero may give a curve that falls: then no limit
    is fitted.

    Raises
    ------
    BadInput : ``too-few-animals``, ``parameter``, ``grid-misaligned``

    References
    ----------
    Udyawer et al. (2018), Animal Biotelemetry 6:17, for the accumulation of areas of use.
    """
    _require(len(footprints), n_orders, 1.0)
    grid = _union([footprint.grid for footprint in footprints])
    cells = [_flat_cells(footprint.mask, footprint.grid, grid) for footprint in footprints]
    sizes, grouped = np.arange(1, len(cells) + 1), _Grouped.of(cells)
    used, codes = np.unique(grouped.cell, return_inverse=True)
    needed = np.clip(np.ceil(min_share * sizes - 1e-9), 1, len(cells) + 1).astype(np.int64)
    orders = (rng.permutation(len(cells)) for _ in range(n_orders))
    areas = np.array([accumulated_cells(codes, grouped.starts, order, needed, used.size) for order in orders])
    return fit_saturation(sizes, areas * grid.cell_area_m2)


def leave_one_out(footprints: Sequence[Footprint], *, min_share: float = 0.0) -> Floats:
    """How little the area used changes when one animal is left out: the Jaccard index with the whole, for each animal.

    Parameters
    ----------
    footprints : one an animal, on windows of one grid, at least four
    min_share : a cell counts where at least this share of the animals, and at least one, used it

    Returns
    -------
    Shape (n,), 0…1; 1 where leaving the animal out changes nothing. NaN where no cell counts with or without it.
    """
    _require(len(footprints), 1, 1.0)
    grid = _union([footprint.grid for footprint in footprints])
    counts = np.zeros(grid.n_cells, dtype=np.int32)
    cells = [_flat_cells(footprint.mask, footprint.grid, grid) for footprint in footprints]
    for part in cells:
        counts[part] += 1
    needed, fewer = (max(1, math.ceil(min_share * n - 1e-9)) for n in (len(cells), len(cells) - 1))
    n_either, n_both = np.count_nonzero(counts >= fewer), np.count_nonzero(counts >= needed)
    stability = np.full(len(cells), np.nan)
    for k, part in enumerate(cells):
        own = counts[part]
        n_lost = np.count_nonzero((own == fewer) & (own < needed)), np.count_nonzero((own == fewer) & (own >= needed))
        either, both = n_either - n_lost[0], n_both - n_lost[1]
        if either:
            stability[k] = both / either
    return stability


def sample_sizes(n_animals: int) -> NDArray[np.int64]:
    """The numbers of animals that track2KBA draws."""
    if n_animals < 50:
        return np.arange(1, n_animals - 2)
    if n_animals < 100:
        return np.concatenate([np.arange(1, 26), np.arange(26, n_animals - 1, 3)])
    return np.concatenate([np.arange(1, 26), np.arange(26, 50, 3), np.arange(50, n_animals, 6)])


def _spaced_sizes(n_animals: int) -> NDArray[np.int64]:
    """All numbers of animals but the last; of many only some, close where they are small, so that cost stays linear."""
    if n_animals <= _MOST_SIZES:
        return np.arange(1, n_animals)
    return np.unique(np.geomspace(1, n_animals - 1, _MOST_SIZES).round().astype(np.int64))


class _Grouped(NamedTuple):
    """Cells of all animals one after the other; those of animal `k` from ``starts[k]`` to ``starts[k + 1]``."""

    cell: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, cells: Sequence[NDArray[np.int64]]) -> "_Grouped":
        return cls(np.concatenate(cells), np.cumsum([0, *(part.size for part in cells)]))


def _inclusion(
    uds: Sequence[UtilisationDistribution],
    seen: _Grouped,
    weight: Floats,
    grid: Grid,
    level: float,
    sizes: NDArray[np.int64],
    rng: np.random.Generator,
    compat: Compat,
) -> Floats:
    """Share of what animals not yet drawn did inside the core of those drawn, for each size, in one random order."""
    order = rng.permutation(len(uds))
    pooled = np.zeros(grid.shape)
    flat = pooled.reshape(-1)
    inclusion, wanted_sizes = [], set(sizes.tolist())
    whole = np.add.reduceat(weight, seen.starts[:-1])
    for s, drawn in enumerate(order, start=1):
        ud = uds[drawn]
        pooled[grid.slices_of(ud.grid)] += ud.mass * (1 - ud.mass_outside) if compat else ud.mass
        if s not in wanted_sizes:
            continue
        limit, last = core_limit(flat, s * level * (1 - _ROUNDING), compat is None)
        inside = weight_inside(flat, limit, last, seen.cell, weight, seen.starts, order[s:])
        inclusion.append(inside / whole[order[s:]].sum())
    return np.array(inclusion)


def _mass_seen(ud: UtilisationDistribution, grid: Grid) -> Seen:
    used = ud.mass > 0
    return Seen(_flat_cells(used, ud.grid, grid), ud.mass[used])


def _flat_cells(mask: NDArray[np.bool_], window: Grid, grid: Grid) -> NDArray[np.int64]:
    rows, columns = grid.slices_of(window)
    row, column = np.nonzero(mask)
    return np.asarray((row + rows.start) * grid.n_columns + column + columns.start, dtype=np.int64)


def _union(grids: Sequence[Grid]) -> Grid:
    *_, whole = accumulate(grids, Grid.union)
    return whole


def _require(n_animals: int, n_orders: int, level: float) -> None:
    if n_animals < MIN_ANIMALS:
        raise BadInput(
            "too-few-animals",
            f"{n_animals} animals are too few to tell how well they stand for others; {MIN_ANIMALS} are needed.",
        )
    if n_orders < 1 or not 0 < level <= 1:
        raise BadInput("parameter", f"n_orders is {n_orders} and level {level}.", hint="1 or more; above 0, at most 1.")


def _remarks(curve: Saturation, level: float) -> tuple[Remark, ...]:
    if curve.asymptote is None:
        message = "No curve fits how inclusion grows with the number of animals; the share is that of left-out animals."
        return (Remark("no-asymptote", message),)
    if abs(curve.asymptote - level) > _FAR_FROM_LEVEL:
        message = f"The curve rises to {curve.asymptote:.2f}, not to the level of the core, {level:.2f}."
        return (Remark("asymptote-off", message),)
    return ()
