"""Where an animal may have been, from positions that are themselves estimates: smoothed Argos tracks."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import _density_kernels as kernels
from wildways.movement.bridge import MAX_WINDOW_CELLS
from wildways.movement.distribution import Remark, UtilisationDistribution, hash_input, scaled_distribution
from wildways.movement.grid import Grid, require_room
from wildways.movement.track import MIN_LOCATION_ERROR_M, checked_track, require_positive

Floats = NDArray[np.float64]

CUT_SIGMAS = 5.0
MAX_SUMS = 20_000_000_000
MAX_CORRELATION = 0.999


def smoothed_occurrence(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    covariance_m2: ArrayLike,
    *,
    grid: Grid,
    in_gap: ArrayLike | None = None,
    max_step_s: float = 86_400.0,
) -> UtilisationDistribution:
    """Compute the utilisation distribution of smoothed positions, each with its covariance.

    At each time the animal is around its smoothed position, Gaussian with the covariance that the smoother found:
    errors of Argos are ellipses, often several times longer than wide, and stay so. A position stands for half of the
    time to the one before and half of that to the one after. The mass of a cell is the integral of the sum over the
    cell. Gaussians are cut at five standard deviations and scaled back to 1.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in the grid's CRS: what `smooth` gives at regular times, an hour apart for example
    time_s : shape (n,), seconds, strictly ascending
    covariance_m2 : shape (n, 2, 2), of x and y
    grid : the cells to use; mass beyond it is left out and reported as ``mass_outside``
    in_gap : shape (n,), positions inside a gap of the fixes; no time beside them counts
    max_step_s : longer steps between positions do not count, seconds

    Returns
    -------
    Mass on the smallest window of `grid` that holds it, sum 1. A remark says where positions lie so far apart that the
    distribution has beads: then smooth at shorter steps.

    Raises
    ------
    BadInput : ``covariance`` (shape, not finite, or no covariance), ``no-bridges`` (all time lies in gaps),
        ``mass-none``, ``parameter``, and what `checked_track` raises
    LimitReached : ``grid-too-large``, ``kernel-sums``

    References
    ----------
    Fleming et al. (2016), Ecology 97:576, doi:10.1890/15-1607.1 (occurrence distributions). Johnson et al. (2008),
    Ecology 89:1208, doi:10.1890/07-1032.1 (the smoother).
    """
    track = checked_track(x_m, y_m, time_s, 0.0)
    covariance = _checked_covariance(covariance_m2, track.x_m.size)
    weight, represented_s = _weights(track.time_s, in_gap, require_positive("max_step_s", max_step_s))
    used = weight > 0
    reach_m = CUT_SIGMAS * math.sqrt(float(covariance[used][:, [0, 2]].max())) + grid.cell_m
    window = grid.around(track.x_m[used], track.y_m[used], margin_m=reach_m)
    require_room(window.n_rows, window.n_columns, grid.cell_m, MAX_WINDOW_CELLS)
    _require_few_sums(covariance[used], grid)
    mass = np.zeros(window.shape)
    kernels.add_ellipses(
        mass,
        (window.north_m - track.y_m) / grid.cell_m,
        (track.x_m - window.west_m) / grid.cell_m,
        covariance / grid.cell_area_m2 * np.array([1.0, -1.0, 1.0]),
        weight,
        CUT_SIGMAS,
    )
    total = float(mass.sum()) / represented_s
    return scaled_distribution(
        window,
        mass,
        method="smoothed-occurrence",
        parameters={"max_step_s": max_step_s},
        n_fixes=int(used.sum()),
        represented_s=represented_s,
        mass_outside=1 - total if total < 1 - 1e-9 else 0.0,
        input_hash=hash_input(grid, track.x_m, track.y_m, track.time_s, covariance, weight),
        remarks=_remarks(track.x_m[used], track.y_m[used], covariance[used], grid),
    )


def _checked_covariance(values: ArrayLike, n: int) -> Floats:
    """Columns variance of y, covariance, variance of x: at least a metre wide, and not a line."""
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (n, 2, 2) or not np.isfinite(given).all():
        raise BadInput(
            "covariance",
            f"The covariances have shape {given.shape} and must be finite, of shape {(n, 2, 2)}.",
            hint="Give what the smoother gives.",
        )
    x, y = given[:, 0, 0], given[:, 1, 1]
    between = (given[:, 0, 1] + given[:, 1, 0]) / 2
    if (x < 0).any() or (y < 0).any() or (between**2 > x * y * (1 + 1e-6)).any():
        raise BadInput("covariance", "Some matrices are no covariances: they are not positive definite.")
    x, y = (np.maximum(variance, MIN_LOCATION_ERROR_M**2) for variance in (x, y))
    limit = MAX_CORRELATION * np.sqrt(x * y)
    return np.column_stack([y, np.clip(between, -limit, limit), x])


def _weights(time_s: Floats, in_gap: ArrayLike | None, max_step_s: float) -> tuple[Floats, float]:
    """Seconds that each position stands for, and their sum."""
    gap = np.zeros(time_s.size, np.bool_) if in_gap is None else np.asarray(in_gap, dtype=np.bool_)
    if gap.shape != time_s.shape:
        raise BadInput("track-shape", f"in_gap has shape {gap.shape}; there are {time_s.size} positions.")
    step_s = np.diff(time_s)
    step_s = np.where((step_s <= max_step_s) & ~gap[:-1] & ~gap[1:], step_s, 0.0)
    if not step_s.any():
        raise BadInput(
            "no-bridges",
            f"No two positions follow each other within {max_step_s:.0f} s outside of gaps.",
            hint="Smooth at shorter steps, or allow longer ones.",
        )
    return (np.append(step_s, 0.0) + np.insert(step_s, 0, 0.0)) / 2, float(step_s.sum())


def _require_few_sums(covariance: Floats, grid: Grid) -> None:
    y, between, x = covariance.T / grid.cell_area_m2
    slope, left = between / y, np.maximum(x - between**2 / y, 1e-6 * x)
    lines = np.maximum(1, np.ceil(kernels.ROWS_PER_SIGMA * np.abs(slope) / np.sqrt(left)))
    sums = float(((2 * CUT_SIGMAS * np.sqrt(y) + 2) * lines * (2 * CUT_SIGMAS * np.sqrt(left) + 3)).sum())
    if sums > MAX_SUMS:
        enough = float(f"{grid.cell_m * math.sqrt(sums / MAX_SUMS) * 1.05:.2g}")
        raise LimitReached(
            "kernel-sums",
            f"{x.size:,} positions would take {sums:.1e} sums, more than the {MAX_SUMS:.0e} that are allowed.",
            hint=f"Use larger cells, for example {enough:g} m.",
        )


def _remarks(x: Floats, y: Floats, covariance: Floats, grid: Grid) -> tuple[Remark, ...]:
    middle = (covariance[:, 0] + covariance[:, 2]) / 2
    apart = np.sqrt(((covariance[:, 0] - covariance[:, 2]) / 2) ** 2 + covariance[:, 1] ** 2)
    sigma_m = float(np.median(np.sqrt(np.maximum(middle - apart, 0.0))))
    step_m = float(np.median(np.hypot(np.diff(x), np.diff(y)))) if x.size > 1 else 0.0
    remarks = []
    if step_m > 2 * max(sigma_m, grid.cell_m):
        message = f"Positions are {step_m:.0f} m apart and {sigma_m:.0f} m uncertain: the distribution has beads."
        remarks.append(Remark("positions-sparse", message))
    if grid.cell_m > 4 * sigma_m:
        message = f"Cells of {grid.cell_m:g} m are wider than the corridor, about {4 * sigma_m:.0f} m."
        remarks.append(Remark("cell-coarse", message))
    return tuple(remarks)
