"""Kernel densities of six African buffalo on their peer's grids, against adehabitatHR and plain NumPy."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from wildways.movement import Grid, UtilisationDistribution, isopleth_area, kernel_density, reference_bandwidth

UTM_36S = CRS.from_epsg(32736)
N_CELLS, EXTENT = 300, 0.5
SAME_IN_BOTH = {"Cilla": 1, "Mvubu": 0}
"""Animals whose fixes are the same as the peer's, and how many of the first it left out. The peer had 17,342 fixes of
six animals, we take all there are, more than that."""

Points = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]


def main() -> None:
    """Time all animals in compat mode, with exact cell integrals, and by the formula on every cell in NumPy."""
    folder = reference_folder()
    animals = simulated() if folder is None else buffalo(folder)
    grids = {name: grid_of(x, y) for name, (x, y) in animals.items()}

    def all_of(**options: Any) -> dict[str, UtilisationDistribution]:
        return {name: kernel_density(x, y, grid=grids[name], **options) for name, (x, y) in animals.items()}

    cpu_s = cpu_median_s(lambda: all_of(compat="adehabitatHR"), repeats=7)
    plain_s = cpu_median_s(
        lambda: [plain_numpy(x, y, grids[name]) for name, (x, y) in list(animals.items())[:1]], repeats=1, warm_ups=0
    )
    first = next(iter(animals))
    first_s = cpu_median_s(lambda: kernel_density(*animals[first], grid=grids[first], compat="adehabitatHR"), repeats=7)
    print_result(
        "kde",
        input="simulated" if folder is None else "six African buffalo",
        sizes={"n_fixes": sum(x.size for x, _ in animals.values()), "n_cells": sum(g.n_cells for g in grids.values())},
        cpu_s=cpu_s,
        exact_cell_integrals_cpu_s=cpu_median_s(all_of, repeats=7),
        epanechnikov_cpu_s=cpu_median_s(lambda: all_of(kernel="epanechnikov"), repeats=3),
        plain_numpy_of_first_cpu_s=plain_s,
        ratio_to_plain_numpy=plain_s / first_s,
        **against_adehabitat(folder, all_of(compat="adehabitatHR"), cpu_s, plain_s / first_s),
    )


def against_adehabitat(
    folder: Path | None, uds: dict[str, UtilisationDistribution], cpu_s: float, plain_ratio: float
) -> dict[str, Any]:
    """Ratio to the recorded CPU time, and areas of the animals that are the same in both."""
    if folder is None:
        return {"peer": None, "ratio": plain_ratio}
    peer_s = peer_cpu_s(folder, "adehabitat_kernel_buffalo")
    areas = {
        name: {
            level: isopleth_area(uds[name], int(level) / 100, compat="adehabitatHR") / 1e6
            for level in ("50", "95", "99")
        }
        for name in SAME_IN_BOTH
    }
    return {"area_km2": areas, "peer": {"adehabitatHR kernelUD 0.4.22": peer_s}, "ratio": peer_s / cpu_s}


def buffalo(folder: Path) -> Points:
    """Fixes of each animal in UTM 36 S, one a time."""
    table = pd.read_csv(folder.parent / "data/buffalo_kruger_movebank/buffalo_kruger_movebank.csv")
    table = table.rename(columns={"individual-local-identifier": "animal"}).drop_duplicates(["animal", "timestamp"])
    to_utm = Transformer.from_crs(4326, UTM_36S, always_xy=True)
    animals: Points = {}
    for name, fixes in table.sort_values("timestamp").groupby("animal"):
        fixes = fixes.iloc[SAME_IN_BOTH.get(str(name), 0) :]
        animals[str(name)] = to_utm.transform(fixes["location-long"].to_numpy(), fixes["location-lat"].to_numpy())
    return animals


def simulated() -> Points:
    """Six animals of two centres each."""
    rng = np.random.default_rng(1)
    centres = rng.choice([0.0, 12_000.0], size=(6, 2, 3000))
    return {str(i): tuple(centres[i] + rng.normal(scale=3000, size=(2, 3000))) for i in range(6)}


def grid_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> Grid:
    """The peer's grid: 300 cell centres along the longer side, half of its length beyond at each end."""
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    west, east = west - EXTENT * (east - west), east + EXTENT * (east - west)
    south, north = south - EXTENT * (north - south), north + EXTENT * (north - south)
    cell_m = float(max(east - west, north - south) / (N_CELLS - 1))
    n_columns, n_rows = (int(side / cell_m + 1e-9) + 1 for side in (east - west, north - south))
    return Grid(UTM_36S, cell_m, west - cell_m / 2, south + (n_rows - 0.5) * cell_m, n_columns, n_rows)


def plain_numpy(x: NDArray[np.float64], y: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """The formula on every cell for every point, as one writes it first."""
    width = reference_bandwidth(x, y)
    columns = grid.west_m + (np.arange(grid.n_columns) + 0.5) * grid.cell_m
    rows = grid.north_m - (np.arange(grid.n_rows) + 0.5) * grid.cell_m
    cell_x, cell_y = np.meshgrid(columns, rows)
    density = np.zeros(grid.shape)
    for point_x, point_y in zip(x, y, strict=True):
        density += np.exp(-((cell_x - point_x) ** 2 + (cell_y - point_y) ** 2) / (2 * width**2))
    return density / density.sum()


if __name__ == "__main__":
    main()
