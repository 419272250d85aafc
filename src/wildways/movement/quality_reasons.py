"""Why a fix is flagged: the rule, what was measured, and the limit it broke."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement.flags import Flags, QualityFlag, flag_name
from wildways.movement.quality_rules import CleaningRules

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REASON_COLUMNS = ("fix", "animal_id", "time_utc", "rule", "value", "limit", "unit")
"""``fix`` is the row of the fix in the frame that was judged; ``rule`` the name of the flag in lower case; ``value``
what was measured and ``limit`` what it should have been at most (angles: at least), missing where the rule is not one
of measure."""
SWAP_LEAST_M = 100_000.0
"""Nearer positions are not taken as swapped: where longitude and latitude are alike, so are the two places."""
SWAP_LEAST_GAIN = 10.0
"""How many times nearer to the fix before the exchange must bring a position."""

_EARTH_RADIUS_M = 6_371_008.8
_GIVEN = (
    QualityFlag.MARKED_OUTLIER
    | QualityFlag.UNDEPLOYED
    | QualityFlag.ZERO_POSITION
    | QualityFlag.LARGE_ERROR
    | QualityFlag.MINOR_SENSOR
)
_NOT_KEPT = _GIVEN | QualityFlag.DUPLICATE_TIME | QualityFlag.NEAR_DUPLICATE | QualityFlag.LATITUDE_UNRELIABLE
_NOT_BELIEVED = _NOT_KEPT | QualityFlag.SPIKE | QualityFlag.SPEED | QualityFlag.ANGLE | QualityFlag.CLASS_INVALID


@dataclass(frozen=True, eq=False)
class Found:
    """Fixes that one rule flags, and what it measured of each; NaN where it measures nothing."""

    rows: Integers
    flag: QualityFlag
    value: Floats | float = np.nan
    limit: Floats | float = np.nan
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Judged:
    """The fixes while they are judged: flags are set in place, findings of measure are kept beside."""

    flags: Flags
    bounds: Integers
    time_s: Floats
    lon: Floats
    """Radians, as ``lat``."""
    lat: Floats
    found: list[Found]

    def add(self, found: Found) -> None:
        """Flag what a rule found."""
        if found.rows.size:
            self.flags[found.rows] |= np.uint32(found.flag)
            self.found.append(found)

    def rows_with(self, flag: QualityFlag) -> Integers:
        """Rows that carry any of these flags."""
        return np.flatnonzero(self.flags & np.uint32(flag))

    def last_before(self, rows: Integers, without: QualityFlag) -> Integers:
        """The last row of the same animal before each that carries none of these flags, -1 where there is none."""
        is_good = (self.flags & np.uint32(without)) == 0
        last = np.maximum.accumulate(np.where(is_good, np.arange(is_good.size), -1))
        before = np.where(rows > 0, last[rows - 1], -1)
        begin = self.bounds[np.searchsorted(self.bounds, rows, side="right") - 1]
        return np.where(before >= begin, before, -1)

    def speed_mps(self, start: Integers, end: Integers, lon: Any = None, lat: Any = None) -> Floats:
        """Speed from each row `start` to each row `end`, or to other positions at its time."""
        lon, lat = self.lon[end] if lon is None else lon, self.lat[end] if lat is None else lat
        way = _distance_m(self.lon[start], self.lat[start], lon, lat)
        return np.asarray(way / np.maximum(self.time_s[end] - self.time_s[start], 1e-6))


def find_swapped(judged: Judged, rules: CleaningRules) -> None:
    """Flag fixes refused for speed or angle that are believable with longitude and latitude exchanged."""
    rows = judged.rows_with(QualityFlag.SPIKE | QualityFlag.SPEED | QualityFlag.ANGLE)
    before = judged.last_before(rows, _NOT_BELIEVED)
    can_be = (before >= 0) & (np.abs(judged.lon[rows]) <= np.pi / 2)
    rows, before = rows[can_be], before[can_be]
    speed = judged.speed_mps(before, rows, judged.lat[rows], judged.lon[rows])
    apart = _distance_m(judged.lon[rows], judged.lat[rows], judged.lat[rows], judged.lon[rows])
    is_nearer = speed * SWAP_LEAST_GAIN <= judged.speed_mps(before, rows)
    is_swapped = (speed <= rules.vmax_mps) & (apart > SWAP_LEAST_M) & is_nearer
    judged.add(Found(rows[is_swapped], QualityFlag.SWAPPED, speed[is_swapped], rules.vmax_mps, "m/s"))


def reason_frame(fixes: pd.DataFrame, judged: Judged, rules: CleaningRules) -> pd.DataFrame:
    """One row a fix and flag, sorted by fix, then by the order of the flags: `REASON_COLUMNS`."""
    parts = [_rows(found) for found in (*judged.found, *_measured(judged, rules)) if found.rows.size]
    if not parts:
        parts = [_rows(Found(np.zeros(0, dtype=np.int64), QualityFlag.SPIKE))]
    frame = pd.concat(parts, ignore_index=True).sort_values(["fix", "flag"], kind="stable", ignore_index=True)
    row = frame["fix"].to_numpy()
    frame.insert(1, "animal_id", fixes["animal_id"].to_numpy()[row])
    frame.insert(2, "time_utc", fixes["time_utc"].array[row])
    return frame[list(REASON_COLUMNS)]


def _rows(found: Found) -> pd.DataFrame:
    n = found.rows.size
    return pd.DataFrame(
        {
            "fix": found.rows,
            "flag": np.full(n, int(found.flag)),
            "rule": np.full(n, flag_name(found.flag), dtype=object),
            "value": np.broadcast_to(np.asarray(found.value, dtype=np.float64), n),
            "limit": np.broadcast_to(np.asarray(found.limit, dtype=np.float64), n),
            "unit": np.full(n, found.unit, dtype=object),
        }
    )


def _measured(judged: Judged, rules: CleaningRules) -> Iterator[Found]:
    # What the compiled rules only flag, measured again.
    yield _duplicates(judged)
    yield _since(judged, QualityFlag.NEAR_DUPLICATE, _NOT_KEPT, rules.min_dt_s, "s", 1.0)
    yield _since(judged, QualityFlag.AFTER_GAP, _NOT_BELIEVED, rules.max_gap_h, "h", 3600.0)
    yield _spikes(judged, rules)
    yield _sharp_turns(judged, rules)
    yield from _stays(judged, rules)


def _duplicates(judged: Judged) -> Found:
    rows = judged.rows_with(QualityFlag.DUPLICATE_TIME)
    return Found(rows, QualityFlag.DUPLICATE_TIME, 0.0, 0.0, "s")


def _since(judged: Judged, flag: QualityFlag, without: QualityFlag, limit: float, unit: str, unit_s: float) -> Found:
    rows = judged.rows_with(flag)
    before = judged.last_before(rows, without)
    return Found(rows, flag, (judged.time_s[rows] - judged.time_s[before]) / unit_s, limit, unit)


def _spikes(judged: Judged, rules: CleaningRules) -> Found:
    # The speed at which the run was entered from the last fix believed; the steps inside it may be slow.
    rows = judged.rows_with(QualityFlag.SPIKE)
    before = judged.last_before(rows, _NOT_KEPT | QualityFlag.SPIKE)
    first = rows[np.searchsorted(before, before)] if rows.size else rows
    return Found(rows, QualityFlag.SPIKE, judged.speed_mps(before, first), rules.vmax_mps, "m/s")


def _sharp_turns(judged: Judged, rules: CleaningRules) -> Found:
    rows = judged.rows_with(QualityFlag.SHARP_TURN)
    before = judged.last_before(rows, _NOT_KEPT | QualityFlag.SPIKE)
    speed = judged.speed_mps(before, rows)
    return Found(rows, QualityFlag.SHARP_TURN, speed, rules.sharp_above_mps or np.nan, "m/s")


def _stays(judged: Judged, rules: CleaningRules) -> Iterator[Found]:
    for flag in (QualityFlag.IMMOBILE, QualityFlag.AFTER_END):
        rows = judged.rows_with(flag)
        if not rows.size:
            continue
        is_kept = (judged.flags & np.uint32(_NOT_KEPT | QualityFlag.SPIKE)) == 0
        place = np.cumsum(is_kept)
        animal = np.searchsorted(judged.bounds, rows, side="right")
        starts = np.concatenate(([True], (np.diff(place[rows]) != 1) | (np.diff(animal) != 0)))
        run = np.cumsum(starts) - 1
        first = rows[starts]
        last = rows[np.append(np.flatnonzero(starts)[1:] - 1, rows.size - 1)]
        hours = (judged.time_s[last] - judged.time_s[first]) / 3600
        yield Found(rows, flag, hours[run], rules.immobile_h, "h")


def _distance_m(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Floats:
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * _EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(half))))
