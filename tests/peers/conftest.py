"""Inputs and outputs of other tools."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS

from wildways.movement import Grid


class Reference:
    """The folder of reference inputs and outputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def tracks(self, name: str) -> pd.DataFrame:
        """A table of fixes with `x`, `y` and `time_s`."""
        table = pd.read_csv(self.folder / name)
        table["time_s"] = (
            pd.to_datetime(table["timestamp"], utc=True).astype("datetime64[us, UTC]").astype("int64") / 1e6
        )
        return table

    def table(self, name: str) -> pd.DataFrame:
        """A CSV file as it is."""
        return pd.read_csv(self.folder / name)

    def raster(self, name: str) -> NDArray[np.float64]:
        """The values, zero where there is no data."""
        with rasterio.open(self.folder / name) as dataset:
            return dataset.read(1, masked=True).filled(0).astype(np.float64)

    def grid(self, name: str) -> Grid:
        """The grid of a raster."""
        with rasterio.open(self.folder / name) as dataset:
            corner = dataset.transform
            return Grid(
                CRS.from_user_input(dataset.crs), round(corner.a, 6), corner.c, corner.f, dataset.width, dataset.height
            )


@pytest.fixture(scope="session")
def reference(shared: Path) -> Reference:
    """Inputs and outputs of other tools; skips where they are missing."""
    return Reference(shared / "reference")
