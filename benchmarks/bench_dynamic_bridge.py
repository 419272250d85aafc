"""Dynamic Brownian bridge of a fisher and a mule deer, variance and distribution, against move and plain NumPy."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from tracks import UTM_12N, read_raster, simulated_track
from wildways.movement import Grid, UtilisationDistribution, dynamic_brownian_bridge, dynamic_motion_variance

WINDOW, MARGIN = 31, 11
TIMES_CUT_S = 0.001
"""The fisher's times are cut to a millisecond in the file; so the shortest lag, which sets the step, is too short."""


def main() -> None:
    """Time both animals, or a simulated one where they are not at hand."""
    folder = reference_folder()
    if folder is None:
        track = simulated_track(919, lag_s=900, seed=1)
        columns = tuple(track[name].to_numpy() for name in ("x", "y", "time_s"))
        grid = Grid.covering(*columns[:2], crs=UTM_12N, cell_m=100, margin_m=5000)
        figures, _ = measured(columns, grid, 20.0, None, None)
        print_result("dynamic-bridge", input="simulated", **figures, peer=None, ratio=figures["ratio_to_plain_numpy"])
        return
    leroy = against_move(folder, "dbbmm_leroy_variance.csv", "dbbmm_leroy.tif", 12.0, "move_dbbmm_leroy", None)
    step_s = 600.0
    deer = against_move(
        folder, "dbbmm_MD344_variance.csv", "dbbmm_MD344_spring.tif", 20.0, "move_dbbmm_ud_MD344", step_s
    )
    deer["ratio_of_variance_alone"] = peer_cpu_s(folder, "move_dbbmm_variance_MD344") / deer["variance_cpu_s"]
    print_result("dynamic-bridge", **{"fisher Leroy": leroy, "mule deer MD344": deer}, ratio=leroy["ratio"])


def against_move(
    folder: Path, fixes: str, raster: str, error_m: float, peer: str, time_step_s: float | None
) -> dict[str, Any]:
    """Our time and results beside those recorded."""
    table = pd.read_csv(folder / fixes)
    times = pd.to_datetime(table["timestamp"], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    columns = (table["x"].to_numpy(), table["y"].to_numpy(), times.astype("int64").to_numpy() / 1e6)
    grid, theirs = exact_raster(folder / raster)
    step_s = time_step_s or (float(np.diff(columns[2]).min()) + TIMES_CUT_S) / 15
    figures, ud = measured(columns, grid, error_m, step_s, table["dbmvar_m2_per_min"].to_numpy()[:-1])
    ours = np.zeros(grid.shape)
    ours[grid.slices_of(ud.grid)] = ud.mass
    peer_s = peer_cpu_s(folder, peer)
    return {
        **figures,
        "total_variation_to_move": float(0.5 * np.abs(ours - theirs).sum()),
        "peer": {"move 4.2.7": peer_s},
        "ratio": peer_s / figures["cpu_s"],
    }


def measured(
    columns: tuple[NDArray[np.float64], ...],
    grid: Grid,
    error_m: float,
    time_step_s: float | None,
    theirs: NDArray[np.float64] | None,
) -> tuple[dict[str, Any], UtilisationDistribution]:
    """Times end to end, of the variance alone, with exact cell integrals, and of the variance in NumPy."""

    def ours(**options: Any) -> UtilisationDistribution:
        return dynamic_brownian_bridge(*columns, grid=grid, location_error_m=error_m, **options)

    def variance() -> NDArray[np.float64]:
        return dynamic_motion_variance(*columns, location_error_m=error_m, compat="move").variance_m2_per_s * 60

    cpu_s = cpu_median_s(lambda: ours(compat="move", time_step_s=time_step_s), repeats=21)
    plain: list[NDArray[np.float64]] = []
    plain_s = cpu_median_s(lambda: plain.append(plain_numpy(*columns, error_m)), repeats=1, warm_ups=0)
    found = variance()
    figures = {
        "sizes": {"n_fixes": columns[0].size, "n_cells": grid.n_cells},
        "cpu_s": cpu_s,
        "variance_cpu_s": cpu_median_s(variance, repeats=21),
        "exact_cell_integrals_cpu_s": cpu_median_s(ours, repeats=21),
        "plain_numpy_variance_cpu_s": plain_s,
        "variance_differs_from_plain_numpy": worst(found, plain[0]),
        "ratio_to_plain_numpy": plain_s / cpu_s,
    }
    if theirs is not None:
        figures["variance_differs_from_move"] = worst(found, theirs)
    return figures, ours(compat="move", time_step_s=time_step_s)


def worst(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Greatest difference, relative where the value is above 10 m²/min."""
    return float(np.nanmax(np.abs(ours - theirs) / np.maximum(theirs, 10)))


def exact_raster(file: Path) -> tuple[Grid, NDArray[np.float64]]:
    """The grid with its cell unrounded, and the values."""
    grid, values = read_raster(file)
    with rasterio.open(file) as dataset:
        return replace(grid, cell_m=dataset.transform.a), values


def plain_numpy(
    x: NDArray[np.float64], y: NDArray[np.float64], time_s: NDArray[np.float64], error_m: float
) -> NDArray[np.float64]:
    """The dynamic variance with one minimisation a stretch, m²/min, as one writes it first."""
    minute = time_s / 60
    total, count = np.zeros(x.size - 1), np.zeros(x.size - 1)

    def fit(first: int, last: int) -> tuple[float, float]:
        i = np.arange(first + 1, last, 2)
        lag = minute[i + 1] - minute[i - 1]
        a = (minute[i] - minute[i - 1]) / lag
        miss = (x[i] - x[i - 1] - a * (x[i + 1] - x[i - 1])) ** 2 + (y[i] - y[i - 1] - a * (y[i + 1] - y[i - 1])) ** 2
        fixed = ((1 - a) ** 2 + a**2) * error_m**2

        def deviance(log_variance: float) -> float:
            v = lag * a * (1 - a) * np.exp(log_variance) + fixed
            return float((np.log(v) + miss / (2 * v)).sum())

        found = minimize_scalar(deviance, bounds=(-12, 18), method="bounded", options={"xatol": 1e-7})
        return float(np.exp(found.x)), float(found.fun)

    for start in range(x.size - WINDOW + 1):
        end = start + WINDOW - 1
        variance, least = fit(start, end)
        before = after = variance
        least, cut = least - 0.5 * np.log(WINDOW), start
        for b in range(start + MARGIN - 1, end - MARGIN + 2, 2):
            (first, one), (second, other) = fit(start, b), fit(b, end)
            if one + other < least:
                least, cut, before, after = one + other, b, first, second
        steps = np.arange(start + MARGIN - 1, end - MARGIN + 1)
        total[steps] += np.where(steps < cut, before, after)
        count[steps] += 1
    return np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)


if __name__ == "__main__":
    main()
