"""The line buffer: the ground within some distance of the straight ways between fixes, where fixes are few."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement._buffer_kernels import add_covered_shares
from wildways.movement.bridge import MAX_WINDOW_CELLS, bridged_seconds, hash_track
from wildways.movement.distribution import Remark, UtilisationDistribution, scaled_distribution
from wildways.movement.grid import Grid, require_room
from wildways.movement.track import checked_track, require_positive

Floats = NDArray[np.float64]

MAX_SPANS = 100_000_000
_LINES_PER_RADIUS = 16
_LEAST_LINES = 8


def line_buffer(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    grid: Grid,
    radius_m: float = 200.0,
    max_lag_s: float = 129_600.0,
) -> UtilisationDistribution:
    """Spread an animal's use evenly over the ground within a distance of the straight ways between its fixes.

    For tracks too sparse to tell a motion variance. It says where, not how long: density is the same everywhere in the
    union of the buffers, so isopleths below 100 % mean nothing; take ``footprint_of(ud, 1.0)``. The mass of a cell is
    the part of its area that is covered, exact along lines an eighth of a cell and a sixteenth of
    the radius apart, or less.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in the grid's CRS
    time_s : shape (n,), seconds, strictly ascending
    grid : the cells to use, best of half the radius or smaller; area beyond it is reported as ``mass_outside``
    radius_m : metres to each side. 200 is Migration Mapper's; corridors of single mule deer and pronghorn are 400 to
        600 m wide
    max_lag_s : longest time between fixes that is joined, seconds

    Returns
    -------
    Mass on the smallest window of `grid` that holds it, sum 1.

    Raises
    ------
    BadInput : ``no-bridges`` (all lags exceed `max_lag_s`), ``parameter``, ``mass-none`` (the track lies beside the
        grid), and what `checked_track` raises
    LimitReached : ``grid-too-large``, ``buffer-spans``
    """
    track = checked_track(x_m, y_m, time_s, 0.0)
    radius_m, max_lag_s = require_positive("radius_m", radius_m), require_positive("max_lag_s", max_lag_s)
    lag_s = np.diff(track.time_s)
    is_joined = lag_s <= max_lag_s
    represented_s = bridged_seconds(lag_s, is_joined, max_lag_s)
    row, column = (grid.north_m - track.y_m) / grid.cell_m, (track.x_m - grid.west_m) / grid.cell_m
    window, covered = _covered(grid, row, column, is_joined, radius_m / grid.cell_m)
    inside = _inside(grid, window, covered)
    return scaled_distribution(
        inside[0],
        inside[1],
        method="line-buffer",
        parameters={"radius_m": radius_m, "max_lag_s": max_lag_s},
        n_fixes=track.x_m.size,
        represented_s=represented_s,
        mass_outside=max(0.0, 1 - float(inside[1].sum() / covered.sum())),
        input_hash=hash_track(grid, track),
        remarks=_remarks(radius_m, grid),
    )


def _covered(
    grid: Grid, row: Floats, column: Floats, is_joined: NDArray[np.bool_], radius: float
) -> tuple[Grid, Floats]:
    """A window that holds the whole buffer, beyond the grid too, and the share of each cell that it covers."""
    ends = np.append(is_joined, False) | np.insert(is_joined, 0, False)
    top, left = math.floor(row[ends].min() - radius), math.floor(column[ends].min() - radius)
    n_rows = math.floor(row[ends].max() + radius) - top + 1
    n_columns = math.floor(column[ends].max() + radius) - left + 1
    require_room(n_rows, n_columns, grid.cell_m, MAX_WINDOW_CELLS)
    lines = max(_LEAST_LINES, math.ceil(_LINES_PER_RADIUS / radius))
    _require_few_spans(float((np.abs(np.diff(row))[is_joined] + 2 * radius + 1).sum()) * lines)
    covered = np.zeros((n_rows, n_columns))
    add_covered_shares(covered, row - top, column - left, is_joined, radius, lines)
    return grid.window(top, left, n_rows, n_columns), covered


def _inside(grid: Grid, window: Grid, covered: Floats) -> tuple[Grid, Floats]:
    """The part of the window that lies on the grid."""
    row, column = grid.offset_of(window)
    top, bottom = max(row, 0), min(row + window.n_rows, grid.n_rows)
    left, right = max(column, 0), min(column + window.n_columns, grid.n_columns)
    if top >= bottom or left >= right:
        raise BadInput("mass-none", "No mass lies on the grid.", hint="Does the grid cover the track, in the same CRS?")
    part = covered[top - row : bottom - row, left - column : right - column]
    return grid.window(top, left, bottom - top, right - left), part


def _require_few_spans(n_spans: float) -> None:
    if n_spans > MAX_SPANS:
        raise LimitReached(
            "buffer-spans",
            f"The buffers have {n_spans:,.0f} lines, more than the {MAX_SPANS:,} that are allowed.",
            hint="Use larger cells, a larger radius, or fewer fixes.",
        )


def _remarks(radius_m: float, grid: Grid) -> tuple[Remark, ...]:
    if grid.cell_m <= 2 * radius_m:
        return ()
    message = (
        f"Cells of {grid.cell_m:g} m are wider than the corridor, {2 * radius_m:g} m: areas are those of the cells."
    )
    return (Remark("cell-coarse", message),)
