"""Our kernel density in compat mode against kernelUD of the R package adehabitatHR 0.4.22: two African buffalo.

The peer had another edition of the data; these are the animals whose fixes are the same in both.
"""

import json

import pandas as pd
import pytest
from pyproj import CRS, Transformer

from wildways.movement import Grid, isopleth_area, kernel_density, reference_bandwidth

pytestmark = pytest.mark.peers

UTM_36S = CRS.from_epsg(32736)
N_CELLS = 300
EXTENT = 0.5


@pytest.fixture(scope="module")
def buffalo(shared):
    table = pd.read_csv(shared / "data/buffalo_kruger_movebank/buffalo_kruger_movebank.csv")
    table = table.rename(columns={"individual-local-identifier": "animal"}).drop_duplicates(["animal", "timestamp"])
    table["x"], table["y"] = Transformer.from_crs(4326, UTM_36S, always_xy=True).transform(
        table["location-long"], table["location-lat"]
    )
    return table.sort_values(["animal", "timestamp"])


@pytest.fixture(scope="module")
def theirs(shared):
    return json.loads((shared / "reference/adehabitat_kernel_buffalo.json").read_text())["result"]


def grid_of(x, y) -> Grid:
    """The grid that the peer makes: cell centres from one end to the other of the longer side, half of it beyond."""
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    west, east = west - EXTENT * (east - west), east + EXTENT * (east - west)
    south, north = south - EXTENT * (north - south), north + EXTENT * (north - south)
    cell_m = max(east - west, north - south) / (N_CELLS - 1)
    n_columns, n_rows = (int(side / cell_m + 1e-9) + 1 for side in (east - west, north - south))
    return Grid(UTM_36S, cell_m, west - cell_m / 2, south + (n_rows - 0.5) * cell_m, n_columns, n_rows)


@pytest.mark.parametrize(("animal", "first"), [("Cilla", 1), ("Mvubu", 0)])
def test_bandwidths_and_areas_are_theirs(buffalo, theirs, animal, first):
    fixes = buffalo[buffalo["animal"] == animal].iloc[first:]
    x, y = fixes["x"].to_numpy(), fixes["y"].to_numpy()
    assert reference_bandwidth(x, y) == pytest.approx(theirs["href"][animal], rel=1e-8)
    grid = grid_of(x, y)
    ud = kernel_density(x, y, grid=grid, compat="adehabitatHR")
    for row in theirs["kernel_area_km2"]:
        area_m2 = isopleth_area(ud, float(row["level"]) / 100, compat="adehabitatHR")
        assert abs(area_m2 - row[animal] * 1e6) <= 0.01 * grid.cell_area_m2
