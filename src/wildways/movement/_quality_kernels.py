"""Compiled kernels of the quality rules: arrays in, flags set in place, no checks. They release the GIL.

``kept`` are the rows of one animal that no rule before has refused, in time order; positions are in radians.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from wildways.movement.flags import UNUSABLE, QualityFlag

_UNUSABLE = int(UNUSABLE)
_DUPLICATE, _NEAR = int(QualityFlag.DUPLICATE_TIME), int(QualityFlag.NEAR_DUPLICATE)
_SPIKE, _GAP, _SHARP = int(QualityFlag.SPIKE), int(QualityFlag.AFTER_GAP), int(QualityFlag.SHARP_TURN)
_IMMOBILE, _END = int(QualityFlag.IMMOBILE), int(QualityFlag.AFTER_END)


@njit(cache=True, nogil=True)
def flag_gps_tracks(
    bounds: Any,
    time_s: Any,
    lon: Any,
    lat: Any,
    rank: Any,
    flags: Any,
    min_dt_s: float,
    vmax_mps: float,
    longest_spike: int,
    sharp_angle: float,
    sharp_mps: float,
    radius_m: float,
    stay_s: float,
    gap_s: float,
) -> None:  # pragma: no cover - compiled
    """Flag all animals of a frame, each by every rule for GPS."""
    for animal in range(len(bounds) - 1):
        kept = flag_duplicates(bounds[animal], bounds[animal + 1], time_s, lon, lat, rank, flags, min_dt_s)
        flag_spikes(kept, time_s, lon, lat, flags, vmax_mps, longest_spike, gap_s)
        kept = kept[(flags[kept] & _SPIKE) == 0]
        if sharp_angle > 0:
            flag_sharp_turns(kept, time_s, lon, lat, flags, sharp_angle, sharp_mps, gap_s)
        flag_gaps(kept, time_s, flags, gap_s)
        flag_immobile(kept, time_s, lon, lat, flags, radius_m, stay_s, gap_s)


@njit(cache=True, nogil=True)
def flag_duplicates(
    begin: int, end: int, time_s: Any, lon: Any, lat: Any, rank: Any, flags: Any, min_dt_s: float
) -> Any:  # pragma: no cover - compiled
    """Keep one fix a time: the best class, then the nearest to the middle of its neighbours, then the first."""
    rows = np.empty(end - begin, dtype=np.int64)
    n = 0
    for i in range(begin, end):
        if not flags[i] & _UNUSABLE:
            rows[n] = i
            n += 1
    kept, m, k = np.empty(n, dtype=np.int64), 0, 0
    while k < n:
        after = k + 1
        while after < n and time_s[rows[after]] == time_s[rows[k]]:
            after += 1
        best = rows[k]
        if after > k + 1:
            best = _best(rows[k:after], kept[m - 1] if m else -1, rows[after] if after < n else -1, lon, lat, rank)
            for i in rows[k:after]:
                if i != best:
                    flags[i] |= _DUPLICATE
        if m and time_s[best] - time_s[kept[m - 1]] <= min_dt_s:
            flags[best] |= _NEAR
        else:
            kept[m] = best
            m += 1
        k = after
    return kept[:m]


@njit(cache=True, nogil=True)
def _best(rows: Any, before: int, after: int, lon: Any, lat: Any, rank: Any) -> int:  # pragma: no cover - compiled
    least = rank[rows].min() if len(rank) else 0
    best, nearest = -1, np.inf
    for i in rows:
        if len(rank) and rank[i] != least:
            continue
        way = 0.0
        if before >= 0:
            way += distance_m(lon[before], lat[before], lon[i], lat[i]) ** 2
        if after >= 0:
            way += distance_m(lon[after], lat[after], lon[i], lat[i]) ** 2
        if way < nearest:
            best, nearest = i, way
    return best


@njit(cache=True, nogil=True)
def inner_angle(i: int, j: int, k: int, lon: Any, lat: Any) -> float:  # pragma: no cover - compiled
    """Angle at `j` between the ways to `i` and to `k`, radians, by the plane that touches there."""
    scale = math.cos(lat[j])
    ax, ay = scale * ((lon[i] - lon[j] + math.pi) % (2 * math.pi) - math.pi), lat[i] - lat[j]
    bx, by = scale * ((lon[k] - lon[j] + math.pi) % (2 * math.pi) - math.pi), lat[k] - lat[j]
    if (ax == 0 and ay == 0) or (bx == 0 and by == 0):
        return math.pi
    return abs(math.atan2(ax * by - ay * bx, ax * bx + ay * by))


@njit(cache=True, nogil=True)
def flag_sharp_turns(
    kept: Any, time_s: Any, lon: Any, lat: Any, flags: Any, angle: float, above_mps: float, gap_s: float
) -> None:  # pragma: no cover - compiled
    """Flag fixes reached at speed where the way turns back."""
    for k in range(1, len(kept) - 1):
        i, j, after = kept[k - 1], kept[k], kept[k + 1]
        if not _is_too_fast(i, j, time_s, lon, lat, above_mps, gap_s):
            continue
        if inner_angle(i, j, after, lon, lat) < angle:
            flags[j] |= _SHARP


@njit(cache=True, nogil=True)
def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:  # pragma: no cover - compiled
    """Great-circle distance on the mean sphere."""
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return float(2 * 6371008.8 * np.arcsin(min(1.0, np.sqrt(half))))


@njit(cache=True, nogil=True)
def _is_too_fast(
    i: int, j: int, time_s: Any, lon: Any, lat: Any, vmax_mps: float, gap_s: float
) -> bool:  # pragma: no cover - compiled
    lag = time_s[j] - time_s[i]
    return bool(lag <= gap_s and distance_m(lon[i], lat[i], lon[j], lat[j]) > vmax_mps * lag)


@njit(cache=True, nogil=True)
def flag_spikes(
    kept: Any, time_s: Any, lon: Any, lat: Any, flags: Any, vmax_mps: float, longest: int, gap_s: float
) -> None:  # pragma: no cover - compiled
    """Flag runs of fixes reached and left faster than the animal can move."""
    # Steps are taken from the last fix that is no spike, so that a good fix between two spikes is not lost.
    n, before, k = len(kept), 0, 1
    while k < n:
        after = 0
        if _is_too_fast(kept[before], kept[k], time_s, lon, lat, vmax_mps, gap_s):
            after = _spike_end(kept, before, k, time_s, lon, lat, vmax_mps, longest, gap_s)
        if after:
            for i in kept[k:after]:
                flags[i] |= _SPIKE
            k = after
        else:
            before, k = k, k + 1


@njit(cache=True, nogil=True)
def _spike_end(
    kept: Any, before: int, k: int, time_s: Any, lon: Any, lat: Any, vmax_mps: float, longest: int, gap_s: float
) -> int:  # pragma: no cover - compiled
    # The first fix after the spike that begins at k, 0 where it is none.
    for after in range(k + 1, min(k + longest, len(kept) - 1) + 1):
        if not _is_too_fast(kept[after - 1], kept[after], time_s, lon, lat, vmax_mps, gap_s):
            continue
        if after == k + 1 or not _is_too_fast(kept[before], kept[after], time_s, lon, lat, vmax_mps, gap_s):
            return after
        return 0
    return 0


@njit(cache=True, nogil=True)
def flag_gaps(kept: Any, time_s: Any, flags: Any, gap_s: float) -> None:  # pragma: no cover - compiled
    """Flag the first fix after each gap."""
    for k in range(1, len(kept)):
        if time_s[kept[k]] - time_s[kept[k - 1]] > gap_s:
            flags[kept[k]] |= _GAP


@njit(cache=True, nogil=True)
def flag_immobile(
    kept: Any, time_s: Any, lon: Any, lat: Any, flags: Any, radius_m: float, stay_s: float, gap_s: float
) -> None:  # pragma: no cover - compiled
    """Flag long stays on one spot, and what follows where they last to the end."""
    n = len(kept)
    begin = 0
    while begin < n:
        last, after = _stay_end(kept, begin, time_s, lon, lat, radius_m, gap_s)
        if time_s[kept[last]] - time_s[kept[begin]] >= stay_s:
            mark = _IMMOBILE | _END if after >= n else _IMMOBILE
            for k in range(begin, last + 1):
                flags[kept[k]] |= mark
            if after >= n:
                for k in range(last + 1, n):
                    flags[kept[k]] |= _END
        begin = last + 1


@njit(cache=True, nogil=True)
def _stay_end(
    kept: Any, begin: int, time_s: Any, lon: Any, lat: Any, radius_m: float, gap_s: float
) -> Any:  # pragma: no cover - compiled
    # The last fix on the spot, and the fix that ended the stay (n where none did). Offsets from the first fix are
    # averaged, so that the antimeridian does no harm.
    n = len(kept)
    first = kept[begin]
    mean_east = mean_north = 0.0
    inside, last = 1, begin
    for k in range(begin + 1, n):
        i = kept[k]
        if time_s[i] - time_s[kept[k - 1]] > gap_s:
            return last, k
        east = (lon[i] - lon[first] + np.pi) % (2 * np.pi) - np.pi
        if distance_m(mean_east, lat[first] + mean_north, east, lat[i]) <= radius_m:
            inside += 1
            mean_east += (east - mean_east) / inside
            mean_north += (lat[i] - lat[first] - mean_north) / inside
            last = k
        elif k - last >= 2:
            return last, k
    return last, n


@njit(cache=True, nogil=True)
def angles_and_speeds(kept: Any, time_s: Any, lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    """Inner angle in radians at each fix, and the faster of the speeds into and out of it; NaN and 0 at the ends."""
    angle, speed = np.full(len(kept), np.nan), np.zeros(len(kept))
    for k in range(1, len(kept) - 1):
        i, j, after = kept[k - 1], kept[k], kept[k + 1]
        angle[k] = inner_angle(i, j, after, lon, lat)
        into = distance_m(lon[i], lat[i], lon[j], lat[j]) / max(time_s[j] - time_s[i], 1.0)
        out = distance_m(lon[j], lat[j], lon[after], lat[after]) / max(time_s[after] - time_s[j], 1.0)
        speed[k] = max(into, out)
    return angle, speed
