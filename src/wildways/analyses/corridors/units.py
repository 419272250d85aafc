"""The unit of work: the bridges of one sequence, written to a file, read back for the merge."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wildways.analyses.cache import code_version, content_key
from wildways.analyses.contract import Unit
from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.movement import Grid, Sequence, UtilisationDistribution, brownian_bridge, project, trim_to_volume

_BRIDGE_SETTINGS = ("max_lag_h", "time_step_min", "trim_level", "compat")


def bridge_unit(sequence: Sequence, grid: Grid, parameters: CorridorParameters) -> Unit:
    """The bridges of one sequence as a unit; its key changes with anything its result depends on."""
    x_m, y_m = project(sequence.longitude, sequence.latitude, grid.crs)
    settings = parameters.model_dump(include=set(_BRIDGE_SETTINGS))
    error_m = location_errors(sequence, parameters.location_error_m)
    about = (settings, grid.crs.to_wkt(), grid.cell_m, grid.bounds)
    key = content_key(code_version(), x_m, y_m, sequence.time_s, error_m, *about)
    return Unit(key, sequence.sequence_id, write_bridge, (x_m, y_m, sequence.time_s, error_m, grid, settings))


def location_errors(sequence: Sequence, location_error_m: float) -> NDArray[np.float64]:
    """Standard deviations of the positions along an axis: their own, or `location_error_m` where they state none.

    Shape (n,), or (1,) where one stands for all.
    """
    if sequence.location_error_m is None:
        return np.array([location_error_m])
    return np.where(np.isnan(sequence.location_error_m), location_error_m, sequence.location_error_m)


def write_bridge(
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    time_s: NDArray[np.float64],
    location_error_m: NDArray[np.float64],
    grid: Grid,
    settings: dict[str, Any],
    path: Path,
) -> None:
    """Compute one sequence's distribution and write it to `path`."""
    distribution = brownian_bridge(
        x_m,
        y_m,
        time_s,
        grid=grid,
        location_error_m=location_error_m,
        max_lag_s=settings["max_lag_h"] * 3600,
        time_step_s=settings["time_step_min"] * 60,
        compat=settings["compat"],
    )
    _save(trim_to_volume(distribution, settings["trim_level"]), grid, path)


def read_bridge(path: Path, grid: Grid) -> UtilisationDistribution:
    """The distribution that `write_bridge` wrote, on a window of `grid`."""
    with np.load(path, allow_pickle=False) as stored:
        mass, about = stored["mass"], json.loads(str(stored["about"]))
    window = grid.window(about.pop("row"), about.pop("column"), *mass.shape)
    return UtilisationDistribution(grid=window, mass=mass, **about)


def _save(distribution: UtilisationDistribution, grid: Grid, path: Path) -> None:
    row, column = grid.offset_of(distribution.grid)
    about = {
        "row": row,
        "column": column,
        "method": distribution.method,
        "parameters": dict(distribution.parameters),
        "n_fixes": distribution.n_fixes,
        "represented_s": distribution.represented_s,
        "mass_outside": distribution.mass_outside,
        "motion_variance_m2_per_s": distribution.motion_variance_m2_per_s,
    }
    with path.open("wb") as stream:
        np.savez(stream, mass=distribution.mass, about=np.array(json.dumps(about)))
