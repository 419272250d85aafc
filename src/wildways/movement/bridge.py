"""The Brownian bridge: where an animal may have been between its fixes, as mass on a grid."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import _bridge_kernels as kernels
from wildways.movement.distribution import Remark, UtilisationDistribution, hash_input, scaled_distribution
from wildways.movement.grid import Grid, require_room
from wildways.movement.track import Compat, Track, checked_track, require_compat, require_positive
from wildways.movement.variance import motion_variance_of

MAX_WINDOW_CELLS = 20_000_000
MAX_SAMPLES = 200_000_000
CUT_SIGMAS = 4.0
CUT_SIGMAS_BBMM = 6.0


def brownian_bridge(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    grid: Grid,
    location_error_m: ArrayLike = 20.0,
    motion_variance_m2_per_s: float | None = None,
    max_lag_s: float = 28_800.0,
    time_step_s: float = 300.0,
    compat: Compat = None,
) -> UtilisationDistribution:
    """Compute the utilisation distribution of one track by Brownian bridges.

    Between fixes ``D`` seconds apart the animal is, at the share ``a`` of the time, around the point at ``a`` on the
    line between them with variance ``D a (1 - a) s² + (1 - a)² d₀² + a² d₁²`` along each axis. The mass of a cell is
    the integral of that density over the cell and over the time of all bridges, divided by their total time. Space is
    integrated exactly (differences of error functions), each Gaussian cut at four standard deviations and scaled back
    to 1; time by the midpoint rule, in steps of at most `time_step_s` that also move the mean by no more than half a
    cell or half the least standard deviation, whichever is longer.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in the grid's CRS
    time_s : shape (n,), seconds, strictly ascending
    grid : the cells to use; mass beyond it is left out and reported as ``mass_outside``
    location_error_m : standard deviation along each axis, metres, one for all or shape (n,); at least 1 m is used
    motion_variance_m2_per_s : of the Brownian motion; estimated from the track where it is not given
    max_lag_s : longest time between fixes that is bridged, seconds; nothing is known of longer ones
    time_step_s : longest step of the integration over time, seconds
    compat : ``"BBMM"`` gives what the R package BBMM 3.0 does: samples at 0, step, 2 step … of each bridge with equal
        weight, density at cell centres instead of cell integrals, divided by its sum on the grid. Mass is then wrong
        where cells are larger than the standard deviation; for comparison only

    Returns
    -------
    Mass on the smallest window of `grid` that holds it, sum 1.

    Raises
    ------
    BadInput : ``no-bridges`` (all lags exceed `max_lag_s`), ``motion-variance``, ``parameter``, ``mass-none`` (the
        track lies beside the grid), ``compat-unknown``, and what `checked_track` raises
    LimitReached : ``grid-too-large``, ``bridge-samples``

    References
    ----------
    Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1.
    """
    require_compat(compat)
    track = checked_track(x_m, y_m, time_s, location_error_m)
    max_lag_s, time_step_s = require_positive("max_lag_s", max_lag_s), require_positive("time_step_s", time_step_s)
    lag_s = np.diff(track.time_s)
    represented_s = bridged_seconds(lag_s, lag_s <= max_lag_s, max_lag_s)
    variance = _variance(track, motion_variance_m2_per_s, max_lag_s, compat)
    path = path_in_cells(track, grid, np.where(lag_s <= max_lag_s, variance, np.nan))
    if compat is None:
        window, mass, mass_outside = exact_bridges(path, grid, represented_s, time_step_s)
    else:
        window, mass, mass_outside = _as_bbmm(path, grid, time_step_s)
    return scaled_distribution(
        window,
        mass,
        method="brownian-bridge",
        parameters={
            "location_error_m": one_value(track.location_error_m),
            "motion_variance_given": motion_variance_m2_per_s is not None,
            "max_lag_s": max_lag_s,
            "time_step_s": time_step_s,
            "compat": compat,
        },
        n_fixes=track.x_m.size,
        represented_s=represented_s,
        mass_outside=mass_outside,
        motion_variance_m2_per_s=variance,
        input_hash=hash_track(grid, track),
        remarks=remarks_on_cells(path, grid),
    )


def bridged_seconds(lag_s: NDArray[np.float64], is_bridged: NDArray[np.bool_], max_lag_s: float) -> float:
    """Time that bridges stand for, seconds.

    Raises
    ------
    BadInput : ``no-bridges``
    """
    if not is_bridged.any():
        raise BadInput(
            "no-bridges",
            f"All lags exceed max_lag_s: the shortest is {lag_s.min():.0f} s, max_lag_s {max_lag_s:.0f} s.",
            hint="Allow longer lags, or use a method for sparse tracks.",
        )
    return float(lag_s[is_bridged].sum())


def path_in_cells(track: Track, grid: Grid, variance_m2_per_s: NDArray[np.float64]) -> kernels.CellPath:
    """The track as the kernels take it; no bridge where the variance is NaN."""
    return kernels.CellPath(
        (track.x_m - grid.west_m) / grid.cell_m,
        (grid.north_m - track.y_m) / grid.cell_m,
        track.time_s,
        track.location_error_m / grid.cell_m,
        variance_m2_per_s / grid.cell_area_m2,
    )


def exact_bridges(
    path: kernels.CellPath, grid: Grid, represented_s: float, time_step_s: float
) -> tuple[Grid, NDArray[np.float64], float]:
    """Window of the grid, seconds in each of its cells, share of the time beyond the grid."""
    reaches = kernels.bridge_reaches(path, CUT_SIGMAS)
    counts = kernels.sample_counts(path, reaches, time_step_s, False)
    require_few_samples(int(counts.sum()), time_step_s)
    (top, left, n_rows, n_columns), is_whole = _window(reaches, grid)
    mass = np.zeros((n_rows, n_columns))
    kernels.add_cell_integrals(mass, path.seen_from(top, left), counts, CUT_SIGMAS)
    outside = 0.0 if is_whole else max(0.0, 1 - float(mass.sum()) / represented_s)
    return grid.window(top, left, n_rows, n_columns), mass, outside


def _as_bbmm(path: kernels.CellPath, grid: Grid, time_step_s: float) -> tuple[Grid, NDArray[np.float64], float]:
    reaches = kernels.bridge_reaches(path, CUT_SIGMAS_BBMM)
    counts = kernels.sample_counts(path, reaches, time_step_s, True)
    require_few_samples(int(counts.sum()), time_step_s)
    (top, left, n_rows, n_columns), is_whole = _window(reaches, grid)
    mass = np.zeros((n_rows, n_columns))
    kernels.add_centre_densities(mass, path.seen_from(top, left), counts, time_step_s, CUT_SIGMAS_BBMM)
    outside = 0.0 if is_whole else max(0.0, 1 - kernels.share_inside(grid.shape, path, counts, time_step_s))
    return grid.window(top, left, n_rows, n_columns), mass, outside


def one_value(values: NDArray[np.float64]) -> float | str:
    """The value that all have, or that each has its own."""
    return float(values[0]) if (values == values[0]).all() else "given for each fix"


def hash_track(grid: Grid, track: Track) -> str:
    """`hash_input` of a track."""
    return hash_input(grid, track.x_m, track.y_m, track.time_s, track.location_error_m)


def remarks_on_cells(path: kernels.CellPath, grid: Grid) -> tuple[Remark, ...]:
    """Whether the cells are larger than the corridor: then the map shows the cells, not the animal's way."""
    width_m = 4 * grid.cell_m * float(np.median(kernels.middle_sigmas(path)))
    if width_m >= grid.cell_m:
        return ()
    return (
        Remark(
            "cell-coarse",
            f"Cells of {grid.cell_m:g} m are wider than the corridor, about {width_m:.0f} m (four standard deviations "
            "in the middle of a bridge): areas are those of the cells.",
        ),
    )


def _variance(track: Track, given: float | None, max_lag_s: float, compat: Compat) -> float:
    if given is None:
        return motion_variance_of(track, max_lag_s, compat)
    if not (np.isfinite(given) and given >= 0):
        raise BadInput("parameter", f"motion_variance_m2_per_s is {given}; it must be finite and not negative.")
    return float(given)


def _window(reaches: NDArray[np.float64], grid: Grid) -> tuple[tuple[int, int, int, int], bool]:
    """Row, column, rows, columns of the grid that bridges reach, and whether they stay on the grid."""
    low, high = np.nanmin(reaches, axis=0), np.nanmax(reaches, axis=0)
    top, bottom = max(low[0], 0.0), min(high[1], grid.n_rows - 1.0)
    left, right = max(low[2], 0.0), min(high[3], grid.n_columns - 1.0)
    if left > right or top > bottom:
        raise BadInput("mass-none", "No mass lies on the grid.", hint="Does the grid cover the track, in the same CRS?")
    n_rows, n_columns = int(bottom - top) + 1, int(right - left) + 1
    require_room(n_rows, n_columns, grid.cell_m, MAX_WINDOW_CELLS)
    is_whole = (low[0], high[1], low[2], high[3]) == (top, bottom, left, right)
    return (int(top), int(left), n_rows, n_columns), is_whole


def require_few_samples(n_samples: int, time_step_s: float) -> None:
    """Refuse what would not end in reasonable time.

    Raises
    ------
    LimitReached : ``bridge-samples``
    """
    if n_samples > MAX_SAMPLES:
        raise LimitReached(
            "bridge-samples",
            f"Steps of {time_step_s:g} s make {n_samples:,} samples, more than the {MAX_SAMPLES:,} that are allowed.",
            hint="Use longer steps in time.",
        )
