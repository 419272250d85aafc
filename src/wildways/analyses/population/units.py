"""The unit of work: the distribution of one sequence, written to a file, read back for the merge."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wildways.analyses.cache import code_version, content_key
from wildways.analyses.contract import Unit
from wildways.analyses.population.parameters import DistributionParameters
from wildways.movement import (
    Grid,
    Remark,
    Sequence,
    UtilisationDistribution,
    brownian_bridge,
    dynamic_brownian_bridge,
    kernel_density,
    line_buffer,
    project,
    trim_to_volume,
)

Floats = NDArray[np.float64]

_BRIDGE = ("max_lag_h", "time_step_min", "trim_level")
_SETTINGS = {
    "bridge": (*_BRIDGE, "compat"),
    "fixed-variance": (*_BRIDGE, "compat"),
    "dynamic-bridge": (*_BRIDGE, "dynamic_window", "dynamic_margin"),
    "line-buffer": ("max_lag_h", "buffer_m"),
    "kernel": ("trim_level",),
}
"""The parameters that the result of each method depends on."""
_DAY_S = 86_400.0


def use_unit(
    sequence: Sequence,
    grid: Grid,
    parameters: DistributionParameters,
    method: str,
    motion_variance_m2_per_s: float | None = None,
) -> Unit:
    """The distribution of one sequence as a unit; its key changes with anything its result depends on.

    Parameters
    ----------
    method : ``"bridge"``, ``"fixed-variance"``, ``"dynamic-bridge"``, ``"line-buffer"`` or ``"kernel"``
    motion_variance_m2_per_s : of the bridge; None: its own
    """
    settings = {
        "method": method,
        "motion_variance_m2_per_s": motion_variance_m2_per_s,
        **parameters.model_dump(include=set(_SETTINGS[method])),
    }
    if method == "dynamic-bridge":
        settings["between_s"] = (float(sequence.time_s[0]), float(sequence.time_s[-1]))
        sequence = sequence.around or sequence
    error_m = location_errors(sequence, parameters.location_error_m)
    track = sequence.longitude, sequence.latitude, sequence.time_s, error_m
    key = content_key(code_version(), *track, settings, grid.crs.srs, grid.cell_m, grid.bounds)
    return Unit(key, sequence.sequence_id, write_use, (*track, grid, settings))


def location_errors(sequence: Sequence, location_error_m: float) -> Floats:
    """Standard deviations of the positions along an axis: their own, or `location_error_m` where they state none.

    Shape (n,), or (1,) where one stands for all.
    """
    if sequence.location_error_m is None:
        return np.array([location_error_m])
    return np.where(np.isnan(sequence.location_error_m), location_error_m, sequence.location_error_m)


def write_use(
    longitude: Floats,
    latitude: Floats,
    time_s: Floats,
    error_m: Floats,
    grid: Grid,
    settings: dict[str, Any],
    path: Path,
) -> None:
    """Compute one sequence's distribution and write it to `path`."""
    x_m, y_m = project(longitude, latitude, grid.crs)
    distribution = _distribution(x_m, y_m, time_s, error_m, grid, settings)
    if "trim_level" in settings:
        distribution = trim_to_volume(distribution, settings["trim_level"])
    _save(distribution, grid, path)


def read_use(path: Path, grid: Grid) -> UtilisationDistribution:
    """The distribution that `write_use` wrote, on a window of `grid`, every field as it was."""
    with np.load(path, allow_pickle=False) as stored:
        cells, values, about = stored["cells"], stored["values"], json.loads(str(stored["about"]))
    window = grid.window(*(about.pop(name) for name in ("row", "column", "n_rows", "n_columns")))
    mass = np.zeros(window.n_cells)
    mass[cells] = values
    remarks = tuple(Remark(*remark) for remark in about.pop("remarks"))
    return UtilisationDistribution(grid=window, mass=mass.reshape(window.shape), remarks=remarks, **about)


def _distribution(
    x_m: Floats, y_m: Floats, time_s: Floats, error_m: Floats, grid: Grid, settings: dict[str, Any]
) -> UtilisationDistribution:
    method = settings["method"]
    if method == "kernel":
        daily = np.unique(np.floor(time_s / _DAY_S), return_index=True)[1]
        return kernel_density(x_m[daily], y_m[daily], grid=grid)
    max_lag_s = settings["max_lag_h"] * 3600
    if method == "line-buffer":
        return line_buffer(x_m, y_m, time_s, grid=grid, radius_m=settings["buffer_m"], max_lag_s=max_lag_s)
    about: dict[str, Any] = {"location_error_m": error_m, "max_lag_s": max_lag_s, "grid": grid}
    about["time_step_s"] = settings["time_step_min"] * 60
    if method == "dynamic-bridge":
        window, margin = settings["dynamic_window"], settings["dynamic_margin"]
        about["between_s"] = settings["between_s"]
        return dynamic_brownian_bridge(x_m, y_m, time_s, window=window, margin=margin, **about)
    variance = settings["motion_variance_m2_per_s"]
    return brownian_bridge(x_m, y_m, time_s, motion_variance_m2_per_s=variance, compat=settings["compat"], **about)


def _save(distribution: UtilisationDistribution, grid: Grid, path: Path) -> None:
    """Only the cells that are not empty: a corridor fills a twentieth of its window."""
    row, column = grid.offset_of(distribution.grid)
    about = {
        "row": row,
        "column": column,
        "n_rows": distribution.grid.n_rows,
        "n_columns": distribution.grid.n_columns,
        "method": distribution.method,
        "parameters": dict(distribution.parameters),
        "n_fixes": distribution.n_fixes,
        "represented_s": distribution.represented_s,
        "mass_outside": distribution.mass_outside,
        "motion_variance_m2_per_s": distribution.motion_variance_m2_per_s,
        "mass_masked": distribution.mass_masked,
        "input_hash": distribution.input_hash,
        "code_version": distribution.code_version,
        "remarks": distribution.remarks,
    }
    mass = distribution.mass.ravel()
    cells = np.flatnonzero(mass).astype(np.uint32)
    with path.open("wb") as stream:
        np.savez(stream, cells=cells, values=mass[cells], about=np.array(json.dumps(about)))
