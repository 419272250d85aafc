"""How each animal of a colony used space: one kernel density an animal, all on one grid."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.fixes import animal_bounds
from wildways.movement.grid import Grid
from wildways.movement.kernel_density import CUT_SIGMAS, KernelCompat, kernel_density
from wildways.movement.projection import choose_crs, project
from wildways.movement.representativeness import Seen
from wildways.movement.track import require_compat, require_positive

SpaceCompat = Literal["track2KBA"] | None

MIN_FIXES = 6
_CELLS_PER_SCALE = 4.0
_MOST_CELLS_A_SIDE = 1000
_THEIR_CELLS_A_SIDE = 500
_THEIR_MARGIN_SHARE = 0.05
_THEIR_MARGIN_SCALES = 2.0


@dataclass(frozen=True, eq=False)
class SpaceUse:
    """One distribution and the fixes of each animal.

    Parameters
    ----------
    grid : all distributions lie on windows of it
    animals : their ids
    uds : one an animal, in that order
    seen : the cell of each fix, of weight 1, for each animal
    scale_m : standard deviation of the kernel
    left_out : animals with fewer than `MIN_FIXES` fixes
    compat : the tool reproduced
    """

    grid: Grid
    animals: tuple[str, ...]
    uds: tuple[UtilisationDistribution, ...]
    seen: tuple[Seen, ...]
    scale_m: float
    left_out: tuple[str, ...] = ()
    compat: SpaceCompat = None


def estimate_space_use(
    trips: pd.DataFrame,
    scale_m: float,
    *,
    cell_m: float | None = None,
    crs: CRS | None = None,
    compat: SpaceCompat = None,
) -> SpaceUse:
    """Estimate the use of space of each animal by a Gaussian kernel of one width around its fixes.

    Every fix counts the same: bring tracks to regular times first, or places of dense fixes count more.

    Parameters
    ----------
    trips : fixes, ``animal_id, time_utc, longitude, latitude``, sorted by animal and time; usually those on trips
    scale_m : standard deviation of the kernel, metres
    cell_m : edge of a cell; by default a quarter of the scale, or more where that makes over 1000 cells a side
    crs : in metres; by default equal-area around the fixes
    compat : ``"track2KBA"`` takes densities at the centres of 500 cells a side whose grid ends two scales beyond the
        fixes, so that mass is cut, as its estSpaceUse does

    Raises
    ------
    BadInput : ``trips-empty`` (no animal with six fixes), ``parameter``, ``compat-unknown``, and what `animal_bounds`
        and `kernel_density` raise
    LimitReached : ``grid-too-large``
    """
    require_compat(compat, "track2KBA")
    scale_m = require_positive("scale_m", scale_m)
    bounds = list(pairwise(animal_bounds(trips).tolist()))
    names = [str(trips["animal_id"].iloc[a]) for a, _ in bounds]
    kept = [slice(a, b) for a, b in bounds if b - a >= MIN_FIXES]
    if not kept:
        raise BadInput("trips-empty", f"No animal has {MIN_FIXES} fixes or more on trips.")
    longitude, latitude = trips["longitude"].to_numpy(np.float64), trips["latitude"].to_numpy(np.float64)
    used = np.concatenate([np.arange(part.start, part.stop) for part in kept])
    x, y = project(longitude, latitude, crs := crs or choose_crs(longitude[used], latitude[used]))
    grid = (_their_grid if compat else _our_grid)(x[used], y[used], scale_m, cell_m, crs)
    of_kernel: KernelCompat = "adehabitatHR" if compat else None
    uds = [kernel_density(x[part], y[part], grid=grid, bandwidth_m=scale_m, compat=of_kernel) for part in kept]
    return SpaceUse(
        grid=grid,
        animals=tuple(name for name, (a, b) in zip(names, bounds, strict=True) if b - a >= MIN_FIXES),
        uds=tuple(uds),
        seen=tuple(_seen(x[part], y[part], grid) for part in kept),
        scale_m=scale_m,
        left_out=tuple(name for name, (a, b) in zip(names, bounds, strict=True) if b - a < MIN_FIXES),
        compat=compat,
    )


def _our_grid(x: NDArray[np.float64], y: NDArray[np.float64], scale_m: float, cell_m: float | None, crs: CRS) -> Grid:
    margin_m = CUT_SIGMAS * scale_m
    if cell_m is None:
        side_m = max(float(np.ptp(x)), float(np.ptp(y))) + 2 * margin_m
        cell_m = float(f"{max(scale_m / _CELLS_PER_SCALE, side_m / _MOST_CELLS_A_SIDE):.2g}")
    return Grid.covering(x, y, crs=crs, cell_m=cell_m, margin_m=margin_m + cell_m)


def _their_grid(x: NDArray[np.float64], y: NDArray[np.float64], scale_m: float, cell_m: float | None, crs: CRS) -> Grid:
    lows, highs = [], []
    for values in (x, y):
        margin_m = max(_THEIR_MARGIN_SHARE * float(np.ptp(values)), _THEIR_MARGIN_SCALES * scale_m)
        lows.append(float(values.min()) - margin_m)
        highs.append(float(values.max()) + margin_m)
    sides = [high - low for low, high in zip(lows, highs, strict=True)]
    cell_m = cell_m or max(sides) / _THEIR_CELLS_A_SIDE
    n_columns, n_rows = (int(side / cell_m + 1e-9) + 1 for side in sides)
    return Grid(crs, cell_m, lows[0] - cell_m / 2, lows[1] + (n_rows - 0.5) * cell_m, n_columns, n_rows)


def _seen(x: NDArray[np.float64], y: NDArray[np.float64], grid: Grid) -> Seen:
    row, column = np.floor((grid.north_m - y) / grid.cell_m), np.floor((x - grid.west_m) / grid.cell_m)
    inside = (row >= 0) & (row < grid.n_rows) & (column >= 0) & (column < grid.n_columns)
    cell = np.where(inside, row * grid.n_columns + column, -1).astype(np.int64)
    return Seen(cell, np.ones(cell.size))
