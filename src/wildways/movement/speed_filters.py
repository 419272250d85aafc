"""Fixes too fast or too pointed to be believed: McConnell's and Freitas's filters for Argos, one for GPS on birds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement import _speed_kernels as kernels
from wildways.movement.argos import normal_classes
from wildways.movement.projection import to_unit_vectors
from wildways.movement.track import require_positive

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Labels = NDArray[np.uint8]

FAR_M = 5000.0
"""A fix nearer than this to the one before is not removed for its speed: Argos fixes are often moments apart."""


class FilterLabel(IntEnum):
    """What a filter says of a fix."""

    KEPT = 0
    REMOVED = 1
    END = 2
    """One of the first two or last two fixes, which these filters cannot judge."""


@dataclass(frozen=True, eq=False)
class ArgosJudgement:
    """What `sda_filter` found, fix by fix: arrays of n. NaN where a fix was not removed by that rule."""

    labels: Labels
    """`FilterLabel`."""
    speed_mps: Floats
    """McConnell's speed for which the fix was removed."""
    angle_deg: Floats
    """Inner angle for which the fix was removed."""
    angle_limit_deg: Floats
    """The angle it should have been wider than."""


def mcconnell_filter(time_s: ArrayLike, longitude: ArrayLike, latitude: ArrayLike, *, vmax_mps: float = 2.0) -> Labels:
    """Label fixes that are faster than the animal can be.

    The speed of a fix is the root mean square of the four speeds to the two fixes before and the two after. In each
    pass the fixes where it peaks above `vmax_mps` are removed, and the speeds of the others found anew, until none is
    above. As in the R package argosfilter 0.70, whose ``vmask`` this follows fix by fix, every time is one second
    longer, a minute of arc is 1852 m, and the last pass is not looked at again. The cost is O(n) a pass.

    Parameters
    ----------
    time_s : shape (n,), seconds, ascending; fixes of one animal
    longitude, latitude : shape (n,), degrees
    vmax_mps : fastest speed believed, metres a second

    Returns
    -------
    uint8, shape (n,): a :class:`FilterLabel` each; all ``END`` where there are fewer than five fixes.

    Raises
    ------
    BadInput : ``filter-shape``, ``filter-unsorted``, ``filter-position``, ``parameter``

    References
    ----------
    McConnell, Chambers & Fedak (1992), Antarctic Science 4:393, doi:10.1017/S0954102092000580.
    """
    time, position = _checked(time_s, longitude, latitude)
    return _too_fast(time, position, require_positive("vmax_mps", vmax_mps))[0]


def sda_filter(
    time_s: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    location_class: ArrayLike,
    *,
    vmax_mps: float = 2.0,
    angles_deg: Sequence[float] = (15.0, 25.0),
    lengths_m: Sequence[float] = (2500.0, 5000.0),
) -> Labels:
    """Label Argos fixes by speed, distance and angle.

    Removed are fixes of class Z; fixes that `mcconnell_filter` removes and that lie more than 5 km from the fix before;
    and then, pass after pass, the tips of spikes: fixes where the track turns back within one of `angles_deg` and both
    steps are longer than the length that goes with it. The labels are those of ``sdafilter`` in the R package
    argosfilter 0.70, fix by fix. The cost is O(n) a pass.

    Parameters
    ----------
    time_s : shape (n,), seconds, ascending; fixes of one animal
    longitude, latitude : shape (n,), degrees
    location_class : shape (n,), Argos location classes
    vmax_mps : fastest speed believed, metres a second
    angles_deg, lengths_m : sharpest inner angles believed, degrees, and the lengths of steps from which each counts

    Returns
    -------
    uint8, shape (n,): a :class:`FilterLabel` each; all ``END`` where there are fewer than five fixes.

    Raises
    ------
    BadInput : as `mcconnell_filter`; ``argos-class``; ``filter-spikes``, there are not as many angles as lengths

    References
    ----------
    Freitas et al. (2008), Marine Mammal Science 24:315, doi:10.1111/j.1748-7692.2007.00180.x.
    """
    return judge_argos(
        time_s, longitude, latitude, location_class, vmax_mps=vmax_mps, angles_deg=angles_deg, lengths_m=lengths_m
    ).labels


def judge_argos(
    time_s: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    location_class: ArrayLike,
    *,
    vmax_mps: float,
    angles_deg: Sequence[float],
    lengths_m: Sequence[float],
) -> ArgosJudgement:
    """The labels of `sda_filter`, and the speeds and angles they rest on. Arguments and errors as there."""
    if len(angles_deg) != len(lengths_m):
        raise BadInput("filter-spikes", f"There are {len(angles_deg)} angles and {len(lengths_m)} lengths of spikes.")
    time, position = _checked(time_s, longitude, latitude)
    classes = normal_classes(location_class)
    if classes.shape != time.shape:
        raise BadInput("filter-shape", f"There are {time.size} times and {classes.size} location classes.")
    labels, speed = _too_fast(time, position, require_positive("vmax_mps", vmax_mps))
    is_fast = labels == FilterLabel.REMOVED
    for i in np.flatnonzero(is_fast).tolist():
        is_fast[i] = kernels.distance_m(position, i - 1, i) > FAR_M
    kept = np.flatnonzero(~(is_fast | (classes == "Z")))
    angles, lengths = np.radians(np.asarray(angles_deg, np.float64)), np.asarray(lengths_m, np.float64)
    left, angle, limit = kernels.without_spikes(position, kept, angles, lengths)
    speed[~is_fast] = np.nan
    return ArgosJudgement(_labels(time.size, left), speed, np.degrees(angle), np.degrees(limit))


def bird_filter(
    time_s: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    vmax_mps: float = 45.0,
    sharp_angle_deg: float = 30.0,
    sharp_above_mps: float = 15.0,
    max_passes: int = 10,
) -> NDArray[np.bool_]:
    """Find outliers in the GPS track of a bird.

    A fix is one when it was reached faster than `vmax_mps`, or faster than `sharp_above_mps` at a place where the track
    turns back within `sharp_angle_deg`: high speed happens on migration, but along a line. All outliers of a pass are
    left out of the next. The fix after an outlier, reached as fast, goes with it; the first fix is never one. A fix at
    the time of the one before is judged as one second later. The cost is O(n) a pass.

    Parameters
    ----------
    time_s : shape (n,), seconds, ascending; fixes of one animal
    longitude, latitude : shape (n,), degrees
    vmax_mps : fastest speed believed
    sharp_angle_deg : sharpest inner angle believed above `sharp_above_mps`
    max_passes : passes after which it is left as it is

    Returns
    -------
    bool, shape (n,): whether each fix is an outlier.

    Raises
    ------
    BadInput : as `mcconnell_filter`

    References
    ----------
    Research Institute for Nature and Forest (INBO), bird tracking network: outliers in Movebank data.
    """
    time, position = _checked(time_s, longitude, latitude)
    vmax, sharp = require_positive("vmax_mps", vmax_mps), require_positive("sharp_above_mps", sharp_above_mps)
    kept = np.arange(time.size)
    for _ in range(max_passes):
        found = kernels.too_fast_or_sharp(time, position, kept, vmax, math.radians(sharp_angle_deg), sharp)
        kept = kept[~found]
        if not found.any():
            break
    outlier = np.ones(time.size, dtype=bool)
    outlier[kept] = False
    return outlier


def _checked(time_s: ArrayLike, longitude: ArrayLike, latitude: ArrayLike) -> tuple[Floats, Floats]:
    time, lon, lat = (np.ascontiguousarray(values, dtype=np.float64) for values in (time_s, longitude, latitude))
    if not time.shape == lon.shape == lat.shape or time.ndim != 1:
        raise BadInput("filter-shape", f"There are {time.size} times, {lon.size} longitudes and {lat.size} latitudes.")
    backwards = np.flatnonzero(~(np.diff(time) >= 0))
    if backwards.size:
        raise BadInput("filter-unsorted", f"Fix {backwards[0] + 1} is before the fix before it.", hint="Sort by time.")
    wrong = np.flatnonzero(~((np.abs(lon) <= 360) & (np.abs(lat) <= 90)))
    if wrong.size:
        raise BadInput("filter-position", f"Fix {wrong[0]} is at {lon[wrong[0]]}, {lat[wrong[0]]}: not on the globe.")
    return time, to_unit_vectors(lon, lat)


def _labels(n: int, kept: Integers) -> Labels:
    labels = np.full(n, FilterLabel.REMOVED, dtype=np.uint8)
    labels[kept] = FilterLabel.KEPT
    labels[:2] = labels[-2:] = FilterLabel.END
    return labels


def _too_fast(time: Floats, position: Floats, vmax_mps: float) -> tuple[Labels, Floats]:
    if time.size < 5:
        return np.full(time.size, FilterLabel.END, dtype=np.uint8), np.full(time.size, np.nan)
    kept, speed = kernels.without_peaks(time, position, vmax_mps)
    return _labels(time.size, kept), speed
