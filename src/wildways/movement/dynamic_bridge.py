"""The dynamic Brownian bridge: where an animal may have been when its behaviour changes on the way."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement import _bridge_kernels as kernels
from wildways.movement.bridge import (
    CUT_SIGMAS,
    bridged_seconds,
    exact_bridges,
    hash_track,
    one_value,
    path_in_cells,
    remarks_on_cells,
    require_few_samples,
)
from wildways.movement.distribution import UtilisationDistribution, scaled_distribution
from wildways.movement.dynamic_variance import DynamicVariance, MoveCompat, dynamic_variance_of
from wildways.movement.grid import Grid
from wildways.movement.track import Track, checked_track, require_compat, require_positive

STEPS_IN_SHORTEST_LAG = 15


def dynamic_brownian_bridge(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    grid: Grid,
    location_error_m: ArrayLike = 20.0,
    window: int = 31,
    margin: int = 11,
    max_lag_s: float = 28_800.0,
    time_step_s: float | None = None,
    between_s: tuple[float, float] | None = None,
    compat: MoveCompat = None,
) -> UtilisationDistribution:
    """Compute the utilisation distribution of one track by Brownian bridges whose motion variance changes.

    The variance of each step is that of `dynamic_motion_variance`; the bridges are those of `brownian_bridge`, cell
    integrals included. Steps without an estimate, at the ends of the track and beside gaps, are left out, as are gaps:
    give some more fixes before and after the period of interest, and that period as `between_s`.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in the grid's CRS
    time_s : shape (n,), seconds, strictly ascending
    grid : the cells to use; mass beyond it is left out and reported as ``mass_outside``
    location_error_m : standard deviation along each axis, metres, one for all or shape (n,); at least 1 m is used
    window, margin : see `dynamic_motion_variance`
    max_lag_s : longest time between fixes that is bridged, seconds; longer ones also end a window
    time_step_s : longest step of the integration over time, seconds; 300 where not given
    between_s : first and last moment, seconds, of the steps that are bridged; fixes before and after only help to
        estimate their variance. Empty means all
    compat : ``"move"`` gives what the R package move 4.2 does. Gaps are bridged; steps estimated by fewer windows than
        others are left out, with the defaults the first 19 and the last 20 of a track; samples of equal weight on one
        clock, `time_step_s` apart, a fifteenth of the shortest lag where not given; densities at cell centres, cut at
        four standard deviations, divided by their sum. For comparison only

    Returns
    -------
    Mass on the smallest window of `grid` that holds it, sum 1.

    Raises
    ------
    BadInput : as `dynamic_motion_variance` and `brownian_bridge`; ``grid-outside`` where move would refuse the grid as
        too small
    LimitReached : ``grid-too-large``, ``bridge-samples``

    References
    ----------
    Kranstauber et al. (2012), J Anim Ecol 81:738, doi:10.1111/j.1365-2656.2012.01955.x.
    """
    require_compat(compat, "move")
    track = checked_track(x_m, y_m, time_s, location_error_m)
    max_lag_s = require_positive("max_lag_s", max_lag_s)
    estimate = dynamic_variance_of(track, window, margin, max_lag_s, compat)
    variance, step_s = _bridges(track, estimate, max_lag_s, between_s, compat), _time_step(track, time_step_s, compat)
    represented_s = bridged_seconds(np.diff(track.time_s), np.isfinite(variance), max_lag_s)
    path = path_in_cells(track, grid, variance)
    if compat is None:
        part, mass, mass_outside = exact_bridges(path, grid, represented_s, step_s)
    else:
        part, mass, mass_outside = grid, _as_move(path, grid, step_s), 0.0
    return scaled_distribution(
        part,
        mass,
        method="dynamic-brownian-bridge",
        parameters={
            "location_error_m": one_value(track.location_error_m),
            "window": window,
            "margin": margin,
            "max_lag_s": max_lag_s,
            "time_step_s": step_s,
            "first_s": between_s[0] if between_s else None,
            "last_s": between_s[1] if between_s else None,
            "compat": compat,
        },
        n_fixes=int(_is_within(track.time_s, between_s).sum()),
        represented_s=represented_s,
        mass_outside=mass_outside,
        input_hash=hash_track(grid, track),
        remarks=remarks_on_cells(path, grid),
    )


def _bridges(
    track: Track, estimate: DynamicVariance, max_lag_s: float, between_s: tuple[float, float] | None, compat: MoveCompat
) -> NDArray[np.float64]:
    """Variance of each step that is bridged, NaN for the others."""
    is_bridged = np.diff(track.time_s) <= max_lag_s if compat is None else estimate.is_complete
    is_within = _is_within(track.time_s, between_s)
    is_bridged = is_bridged & is_within[:-1] & is_within[1:]
    return np.where(is_bridged, estimate.variance_m2_per_s, np.nan)


def _is_within(time_s: NDArray[np.float64], between_s: tuple[float, float] | None) -> NDArray[np.bool_]:
    first, last = between_s or (-np.inf, np.inf)
    return (time_s >= first) & (time_s <= last)


def _time_step(track: Track, given: float | None, compat: MoveCompat) -> float:
    if given is not None:
        return require_positive("time_step_s", given)
    return 300.0 if compat is None else float(np.diff(track.time_s).min()) / STEPS_IN_SHORTEST_LAG


def _as_move(path: kernels.CellPath, grid: Grid, time_step_s: float) -> NDArray[np.float64]:
    time_s = path.time - path.time[0]
    require_few_samples(int(time_s[-1] / time_step_s) + 1, time_step_s)
    mass = np.zeros(grid.shape)
    if not kernels.add_as_move(mass, path._replace(time=time_s), time_step_s, CUT_SIGMAS):
        raise BadInput(
            "grid-outside",
            "Bridges reach beyond the grid, which move does not allow.",
            hint="Give a larger grid, or leave out compat.",
        )
    return mass
