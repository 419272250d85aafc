"""From 15 spring sequences to how many animals used each cell, with Migration Mapper's settings, against that tool."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from tracks import UTM_12N, read_raster, read_tracks, simulated_track
from wildways.movement import (
    Grid,
    UtilisationDistribution,
    animal_footprint,
    brownian_bridge,
    count_footprints,
    mean_distribution,
    trim_to_volume,
)

N_SEQUENCES = 15
FIXES_A_SEQUENCE = 710
SETTINGS: dict[str, Any] = {"location_error_m": 20.0, "max_lag_s": 28_800.0, "time_step_s": 300.0, "compat": "BBMM"}
PEER_RUNS = ("mapp_calcbbmm_15deer", "mapp_popuse_15deer")

Sequences = dict[str, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]
UDs = dict[str, UtilisationDistribution]


def main() -> None:
    """Time all bridges, the population's distribution and the counts of animals."""
    folder = reference_folder()
    sequences, grid = _input(folder)
    uds, counts = map_population(sequences, grid)
    cpu_s = cpu_median_s(lambda: map_population(sequences, grid), repeats=15)
    print_result(
        "migration_mapper",
        sizes={
            "n_sequences": len(sequences),
            "n_fixes": sum(x.size for x, _, _ in sequences.values()),
            "n_cells": grid.n_cells,
        },
        input="15 mule deer, spring" if folder else "simulated",
        cpu_s=cpu_s,
        cells_used=int((counts > 0).sum()),
        **_against_peer(folder, uds, counts, cpu_s),
    )


def map_population(sequences: Sequences, grid: Grid) -> tuple[UDs, NDArray[np.uint16]]:
    """Bridges cut at 99.99 % in single precision, the mean over the animals, 99 % footprints counted."""
    uds = {name: _mapper_ud(*track, grid) for name, track in sequences.items()}
    trim_to_volume(mean_distribution(uds.values()))
    return uds, count_footprints((animal_footprint([ud], compat="MAPP") for ud in uds.values()), grid)


def _mapper_ud(
    x: NDArray[np.float64], y: NDArray[np.float64], time_s: NDArray[np.float64], grid: Grid
) -> UtilisationDistribution:
    part = grid.around(x, y, margin_m=0.2 * max(np.ptp(x), np.ptp(y)))
    trimmed = trim_to_volume(brownian_bridge(x, y, time_s, grid=part, **SETTINGS))
    return trimmed.with_mass(trimmed.mass.astype(np.float32).astype(np.float64))


def _input(folder: Path | None) -> tuple[Sequences, Grid]:
    if folder is None:
        tracks = [simulated_track(FIXES_A_SEQUENCE, lag_s=3 * 3600, seed=seed) for seed in range(N_SEQUENCES)]
        table = pd.concat([track.assign(seq=f"S{number:02}") for number, track in enumerate(tracks)])
        grid = Grid.covering(table["x"], table["y"], crs=UTM_12N, cell_m=500, margin_m=30_000)
    else:
        table = read_tracks(folder / "input_mapp_spring.csv")
        grid, _ = read_raster(folder / "mapp/PopGrid_empty.tif")
    groups = table.groupby("seq")
    return {str(name): tuple(rows[["x", "y", "time_s"]].to_numpy().T.copy()) for name, rows in groups}, grid


def _against_peer(folder: Path | None, uds: UDs, counts: NDArray[np.uint16], cpu_s: float) -> dict[str, Any]:
    if folder is None:
        return {"peer": None, "ratio": None}
    peer_s = sum(peer_cpu_s(folder, name) for name in PEER_RUNS)
    theirs = pd.read_csv(folder / "mapp_bbmm_sequences.csv").set_index("seq.name")["brownian.motion.variance"]
    ours = pd.Series({name: (ud.motion_variance_m2_per_s or 0.0) * 60 for name, ud in uds.items()})
    _, their_counts = read_raster(folder / "mapp/PopFoot/Pop_Footprint_NumbIds.tif")
    used = (counts > 0) | (their_counts > 0)
    return {
        "peer": {"Migration Mapper 3 (CalcBBMM, CalcPopUse, CalcPopFootprint)": peer_s},
        "largest_relative_difference_of_motion_variance": float((ours / theirs - 1).abs().max()),
        "share_of_used_cells_with_equal_count": float((counts == their_counts)[used].mean()),
        "peer_also": "writes its rasters and draws contours within that time",
        "not_copied": "Migration Mapper's hole where more than 99 % of the animals overlap",
        "ratio": peer_s / cpu_s,
    }


if __name__ == "__main__":
    main()
