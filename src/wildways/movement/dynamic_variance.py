"""How strongly an animal's movement is diffused, step by step: the Brownian motion variance in a sliding window."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement._dynamic_kernels import windowed_variance
from wildways.movement.track import Track, checked_track, require_compat, require_positive

MoveCompat = Literal["move"] | None
MIN_MARGIN = 3


@dataclass(frozen=True, eq=False)
class DynamicVariance:
    """Motion variance of each step of a track of n fixes."""

    variance_m2_per_s: NDArray[np.float64]
    """Shape (n - 1,), mean over windows, m²/s; NaN where no window estimates it: at the ends and beside gaps."""
    n_windows: NDArray[np.int64]
    """Shape (n - 1,): windows that estimate it; fewer at the ends."""
    n_breaks: NDArray[np.int64]
    """Shape (n,): windows that found a change of behaviour at the fix."""

    @property
    def is_complete(self) -> NDArray[np.bool_]:
        """Whether a step is estimated by as many windows as any: the steps that the R package move goes on with."""
        return np.asarray((self.n_windows > 0) & (self.n_windows == self.n_windows.max()))


def dynamic_motion_variance(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    location_error_m: ArrayLike = 20.0,
    window: int = 31,
    margin: int = 11,
    max_lag_s: float = 28_800.0,
    compat: MoveCompat = None,
) -> DynamicVariance:
    """Estimate the Brownian motion variance of each step of a track.

    A window of fixes slides along the track. In each, one variance is estimated as by `estimate_motion_variance`, and
    for every other fix at least `margin` fixes from its ends two, one before and one after it. The cut of least BIC is
    taken where it beats no cut (one parameter against two, ``ln window`` each). A step gets the mean over all windows
    that hold it at least ``margin - 1`` steps from their ends. Windows do not reach over gaps longer than `max_lag_s`.

    Where minima of the likelihood compete, the least is taken; zero is a possible answer.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in one projected CRS
    time_s : shape (n,), seconds, strictly ascending
    location_error_m : standard deviation along each axis, metres, one for all or shape (n,)
    window : fixes in a window, odd
    margin : fixes at each end of a window where it is not cut and estimates nothing, odd, at least 3
    max_lag_s : a longer time between fixes is a gap, seconds
    compat : ``"move"`` gives what the R package move 4.2 does: windows reach over gaps of any length

    Returns
    -------
    `DynamicVariance`; times 60 a variance is in m²/min, as the R packages state it.

    Raises
    ------
    BadInput : ``dynamic-window`` (even, or less than twice the margin), ``dynamic-too-few`` (no stretch without gap
        holds a window), and what `checked_track` raises

    References
    ----------
    Kranstauber et al. (2012), J Anim Ecol 81:738, doi:10.1111/j.1365-2656.2012.01955.x.
    """
    require_compat(compat, "move")
    track = checked_track(x_m, y_m, time_s, location_error_m)
    return dynamic_variance_of(track, window, margin, require_positive("max_lag_s", max_lag_s), compat)


def dynamic_variance_of(
    track: Track, window: int, margin: int, max_lag_s: float, compat: MoveCompat
) -> DynamicVariance:
    """The dynamic variance of a checked track; see `dynamic_motion_variance`."""
    _require_window(window, margin)
    n = track.x_m.size
    found = DynamicVariance(np.full(n - 1, np.nan), np.zeros(n - 1, np.int64), np.zeros(n, np.int64))
    gaps = np.flatnonzero(np.diff(track.time_s) > max_lag_s) + 1 if compat is None else np.zeros(0, np.intp)
    bounds = [0, *gaps.tolist(), n]
    stretches = [(first, last) for first, last in pairwise(bounds) if last - first >= window]
    if not stretches:
        longest = int(np.diff(bounds).max())
        raise BadInput(
            "dynamic-too-few",
            f"The longest stretch without a gap has {longest} fixes; a window needs {window}.",
            hint="Use a shorter window, allow longer lags, or use brownian_bridge with one motion variance.",
        )
    for first, last in stretches:
        part = slice(first, last)
        variance, n_windows, n_breaks = windowed_variance(
            track.x_m[part], track.y_m[part], track.time_s[part], track.location_error_m[part], window, margin
        )
        found.variance_m2_per_s[first : last - 1] = variance
        found.n_windows[first : last - 1] = n_windows
        found.n_breaks[first:last] = n_breaks
    return found


def _require_window(window: int, margin: int) -> None:
    if window % 2 != 1 or margin % 2 != 1 or margin < MIN_MARGIN or window < 2 * margin:
        raise BadInput(
            "dynamic-window",
            f"A window of {window} fixes with margins of {margin} cannot be cut in two.",
            hint=f"Both must be odd, the margin at least {MIN_MARGIN}, the window at least twice the margin.",
        )
