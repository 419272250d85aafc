"""Compiled kernels of the speed filters: arrays in, arrays out, no checks. They release the GIL.

Positions are unit vectors, shape (n, 3); distances are great circles on a sphere where a minute of arc is 1852 m.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

RADIUS_M = 1852 * 60 * 180 / math.pi


@njit(cache=True, nogil=True)
def distance_m(position: Floats, i: int, j: int) -> float:
    """Between two positions; by the chord, which is exact where they are near."""
    a, b, c = position[i, 0] - position[j, 0], position[i, 1] - position[j, 1], position[i, 2] - position[j, 2]
    return 2 * RADIUS_M * math.asin(min(1.0, 0.5 * math.sqrt(a * a + b * b + c * c)))


@njit(cache=True, nogil=True)
def inner_angle(position: Floats, i: int, j: int, k: int) -> float:
    """Angle at `j` between the ways to `i` and to `k`, radians; a half turn where one of them is at `j`."""
    if distance_m(position, i, j) == 0 or distance_m(position, k, j) == 0:
        return math.pi
    x, y, z = position[j, 0], position[j, 1], position[j, 2]
    to_i, to_k = _dot(position, i, j), _dot(position, k, j)
    ax, ay, az = position[i, 0] - to_i * x, position[i, 1] - to_i * y, position[i, 2] - to_i * z
    bx, by, bz = position[k, 0] - to_k * x, position[k, 1] - to_k * y, position[k, 2] - to_k * z
    cosine = ax * bx + ay * by + az * bz
    sine = x * (ay * bz - az * by) + y * (az * bx - ax * bz) + z * (ax * by - ay * bx)
    return abs(math.atan2(sine, cosine))


@njit(cache=True, nogil=True)
def without_peaks(time: Floats, position: Floats, vmax: float) -> tuple[Integers, Floats]:
    """Fixes that McConnell's filter leaves, and the speeds for which it removed the others, NaN where it did not.

    The last speeds computed decide when it ends.
    """
    n = time.size
    removed_at = np.full(n, np.nan)
    kept, speed, is_stale = np.arange(n), np.zeros(n), np.ones(n, dtype=np.bool_)
    while kept.size >= 5:
        for k in range(2, kept.size - 2):
            if is_stale[k]:
                speed[k] = _speed_around(time, position, kept, k)
        is_peak = _peaks(speed) & (speed > vmax)
        if not is_peak.any():
            break
        removed_at[kept[is_peak]] = speed[is_peak]
        is_stale = _is_near(is_peak)[~is_peak]
        kept, speed = kept[~is_peak], speed[~is_peak]
        if speed.max() <= vmax:
            break
    return kept, removed_at


@njit(cache=True, nogil=True)
def without_spikes(
    position: Floats, kept: Integers, angles: Floats, lengths: Floats
) -> tuple[Integers, Floats, Floats]:
    """Fixes left of those `kept` when no inner angle is too sharp for the steps beside it.

    Also the angles for which the others were removed and what they should have passed, NaN where they were not.
    """
    removed_at, limit = np.full(position.shape[0], np.nan), np.full(position.shape[0], np.nan)
    while kept.size >= 3:
        is_spike = np.zeros(kept.size, dtype=np.bool_)
        before = distance_m(position, kept[0], kept[1])
        for k in range(1, kept.size - 1):
            after = distance_m(position, kept[k], kept[k + 1])
            shorter = min(before, after)
            before = after
            if (shorter > lengths).any():
                angle = inner_angle(position, kept[k - 1], kept[k], kept[k + 1])
                is_sharp = (shorter > lengths) & (angle <= angles)
                is_spike[k] = is_sharp.any()
                if is_spike[k]:
                    removed_at[kept[k]], limit[kept[k]] = angle, angles[is_sharp].min()
        if not is_spike.any():
            break
        kept = kept[~is_spike]
    return kept, removed_at, limit


@njit(cache=True, nogil=True)
def too_fast_or_sharp(
    time: Floats, position: Floats, kept: Integers, vmax: float, sharp_angle: float, sharp_above: float
) -> Booleans:
    """Which of the fixes `kept` were reached too fast, or fast where the way turns back."""
    found = np.zeros(kept.size, dtype=np.bool_)
    for k in range(1, kept.size):
        i, j = kept[k - 1], kept[k]
        speed = distance_m(position, i, j) / max(time[j] - time[i], 1.0)
        found[k] = speed > vmax
        if speed > sharp_above and k + 1 < kept.size:
            found[k] |= inner_angle(position, i, j, kept[k + 1]) < sharp_angle
    return found


@njit(cache=True, nogil=True)
def _dot(position: Floats, i: int, j: int) -> float:
    return float(position[i, 0] * position[j, 0] + position[i, 1] * position[j, 1] + position[i, 2] * position[j, 2])


@njit(cache=True, nogil=True)
def _speed_around(time: Floats, position: Floats, kept: Integers, k: int) -> float:
    # Root mean square of the speeds to the two fixes before and after.
    total = 0.0
    for other in (k - 2, k - 1, k + 1, k + 2):
        lag = abs(time[kept[k]] - time[kept[other]]) + 1.0
        total += (distance_m(position, kept[k], kept[other]) / lag) ** 2
    return math.sqrt(total / 4)


@njit(cache=True, nogil=True)
def _peaks(speed: Floats) -> Booleans:
    # Where the speed stops to rise, the first of equal ones; the ends that have no speed are left out.
    is_peak = np.zeros(speed.size, dtype=np.bool_)
    is_rising, last = True, 0.0
    for k in range(2, speed.size - 2):
        if is_rising and speed[k] <= last:
            is_peak[k - 1] = True
            is_rising = False
        elif not is_rising and speed[k] >= last:
            is_rising = True
        last = speed[k]
    if is_rising:
        is_peak[speed.size - 3] = True
    return is_peak


@njit(cache=True, nogil=True)
def _is_near(is_peak: Booleans) -> Booleans:
    near = np.zeros(is_peak.size, dtype=np.bool_)
    for k in np.flatnonzero(is_peak):
        near[max(k - 2, 0) : k + 3] = True
    return near
