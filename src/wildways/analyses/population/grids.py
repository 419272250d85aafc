"""The grid of a population: equal-area around its sequences, as fine as keeps it small."""

from collections.abc import Sequence

import numpy as np

from wildways.movement import Grid, choose_crs, project
from wildways.movement import Sequence as TrackSequence

CELL_SIZES_M = (100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 25_000.0)
MAX_AUTOMATIC_CELLS = 2_000_000


def population_grid(sequences: Sequence[TrackSequence], *, cell_m: float | None, margin_share: float) -> Grid:
    """A grid that holds all sequences and a margin of `margin_share` of their extent.

    Parameters
    ----------
    sequences : one or more
    cell_m : None: the finest of `CELL_SIZES_M` with which the grid has at most `MAX_AUTOMATIC_CELLS` cells
    margin_share : of the longer side of the extent
    """
    longitude = np.concatenate([sequence.longitude for sequence in sequences])
    latitude = np.concatenate([sequence.latitude for sequence in sequences])
    crs = choose_crs(longitude, latitude)
    x_m, y_m = project(longitude, latitude, crs)
    width_m, height_m = float(np.ptp(x_m)), float(np.ptp(y_m))
    cell_m = cell_m or _automatic_cell(width_m, height_m, margin_share)
    margin_m = max(margin_share * max(width_m, height_m), 10 * cell_m)
    return Grid.covering(x_m, y_m, crs=crs, cell_m=cell_m, margin_m=margin_m)


def _automatic_cell(width_m: float, height_m: float, margin_share: float) -> float:
    area_m2 = (width_m + 2 * margin_share * width_m) * (height_m + 2 * margin_share * height_m)
    fitting = (cell_m for cell_m in CELL_SIZES_M if area_m2 / cell_m**2 <= MAX_AUTOMATIC_CELLS)
    return next(fitting, CELL_SIZES_M[-1])
