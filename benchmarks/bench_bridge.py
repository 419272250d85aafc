"""Brownian bridge of one mule deer's spring (487 fixes, 250 m cells) against BBMM, kernelbb and plain NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from tracks import UTM_12N, read_raster, read_tracks, simulated_track
from wildways.movement import Grid, UtilisationDistribution, brownian_bridge, isopleth_area

ERROR_M = 20.0
STEP_S = 600.0
MAX_LAG_S = 28_800.0
LEVELS = (50, 75, 90, 95, 99)


def main() -> None:
    """Time our bridge in compat mode, the motion variance included, beside the same formula in NumPy."""
    folder = reference_folder()
    if folder is None:
        track, theirs = simulated_track(487, lag_s=3 * 3600, seed=1), None
        grid = Grid.covering(track["x"], track["y"], crs=UTM_12N, cell_m=250, margin_m=10_000)
    else:
        track = read_tracks(folder / "input_MD344_spring.csv")
        grid, theirs = read_raster(folder / "bbmm_MD344_spring.tif")
    x, y, time_s = (track[name].to_numpy() for name in ("x", "y", "time_s"))

    def ours(**options: Any) -> UtilisationDistribution:
        return brownian_bridge(
            x, y, time_s, grid=grid, location_error_m=ERROR_M, time_step_s=STEP_S, max_lag_s=MAX_LAG_S, **options
        )

    ud = ours(compat="BBMM")
    cpu_s = cpu_median_s(lambda: ours(compat="BBMM"), repeats=51)
    exact_cpu_s = cpu_median_s(ours, repeats=51)
    plain: list[NDArray[np.float64]] = []
    plain_cpu_s = cpu_median_s(
        lambda: plain.append(plain_numpy(x, y, time_s, grid, ud.motion_variance_m2_per_s or 0.0)), repeats=1, warm_ups=0
    )
    print_result(
        "bridge",
        sizes={"n_fixes": len(track), "n_cells": grid.n_cells, "n_rows": grid.n_rows, "n_columns": grid.n_columns},
        input="mule deer MD344, spring 2009" if folder else "simulated",
        motion_variance_m2_per_min=(ud.motion_variance_m2_per_s or 0.0) * 60,
        cpu_s=cpu_s,
        exact_cell_integrals_cpu_s=exact_cpu_s,
        plain_numpy_cpu_s=plain_cpu_s,
        total_variation_to_plain_numpy=total_variation(ud, grid, plain[0]),
        area_km2={str(level): isopleth_area(ud, level / 100) / 1e6 for level in LEVELS},
        ratio_to_plain_numpy=plain_cpu_s / cpu_s,
        **against_peers(folder, ud, grid, theirs, cpu_s, plain_cpu_s),
    )


def against_peers(
    folder: Any,
    ud: UtilisationDistribution,
    grid: Grid,
    theirs: NDArray[np.float64] | None,
    cpu_s: float,
    plain_cpu_s: float,
) -> dict[str, Any]:
    """Ratios to the recorded CPU times, or to plain NumPy where there are none."""
    if folder is None or theirs is None:
        return {"peer": None, "ratio": plain_cpu_s / cpu_s}
    bbmm_s, kernelbb_s = (peer_cpu_s(folder, name) for name in ("bbmm_MD344_spring", "adehabitat_kernelbb_MD344"))
    return {
        "peer": {"BBMM 3.0": bbmm_s, "adehabitatHR kernelbb 0.4.22": kernelbb_s},
        "total_variation_to_bbmm": total_variation(ud, grid, theirs),
        "ratio_to_kernelbb": kernelbb_s / cpu_s,
        "ratio": bbmm_s / cpu_s,
    }


def total_variation(ud: UtilisationDistribution, grid: Grid, mass: NDArray[np.float64]) -> float:
    """Half the sum of the absolute differences."""
    ours = np.zeros(grid.shape)
    ours[grid.slices_of(ud.grid)] = ud.mass
    return float(0.5 * np.abs(ours - mass).sum())


def plain_numpy(
    x: NDArray[np.float64], y: NDArray[np.float64], time_s: NDArray[np.float64], grid: Grid, variance: float
) -> NDArray[np.float64]:
    """The formula of BBMM on every cell of the grid for every sample, as one writes it first."""
    columns = grid.west_m + (np.arange(grid.n_columns) + 0.5) * grid.cell_m
    rows = grid.north_m - (np.arange(grid.n_rows) + 0.5) * grid.cell_m
    cell_x, cell_y = np.meshgrid(columns, rows)
    mass = np.zeros(grid.shape)
    for i in np.flatnonzero(np.diff(time_s) <= MAX_LAG_S):
        lag = time_s[i + 1] - time_s[i]
        for a in np.arange(0, lag + STEP_S / 1e6, STEP_S) / lag:
            v = lag * a * (1 - a) * variance + ((1 - a) * ERROR_M) ** 2 + (a * ERROR_M) ** 2
            apart = (cell_x - x[i] - a * (x[i + 1] - x[i])) ** 2 + (cell_y - y[i] - a * (y[i + 1] - y[i])) ** 2
            mass += np.exp(-apart / (2 * v)) / (2 * np.pi * v)
    return mass / mass.sum()


if __name__ == "__main__":
    main()
