"""Tracks for the benchmarks: those of the reference data, or simulated ones of the same size."""

from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pyproj import CRS

from wildways.movement import Grid

UTM_12N = CRS.from_epsg(32612)


def read_tracks(file: Path) -> pd.DataFrame:
    """Fixes with `x`, `y` (metres), `time_s` and, where the file has it, `seq`."""
    table = pd.read_csv(file)
    table["time_s"] = pd.to_datetime(table["timestamp"], utc=True).astype("datetime64[us, UTC]").astype("int64") / 1e6
    return table


def read_raster(file: Path) -> tuple[Grid, NDArray[np.float64]]:
    """The grid and the values, zero where there is no data."""
    with rasterio.open(file) as dataset:
        to = dataset.transform
        grid = Grid(CRS.from_user_input(dataset.crs), round(to.a, 6), to.c, to.f, dataset.width, dataset.height)
        return grid, dataset.read(1, masked=True).filled(0).astype(np.float64)


def simulated_track(n_fixes: int, *, lag_s: float, seed: int) -> pd.DataFrame:
    """Brownian motion of 16 m²/s with a drift, seen with an error of 20 m: a mule deer's spring, roughly."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(scale=np.sqrt(16 * lag_s), size=(2, n_fixes)) + np.array([[0.0], [60.0]])
    x, y = np.cumsum(steps, axis=1) + rng.normal(scale=20, size=(2, n_fixes))
    return pd.DataFrame({"x": 570_000 + x, "y": 4_740_000 + y, "time_s": 1.2e9 + lag_s * np.arange(n_fixes)})
