"""What is wrong with a fix: one bit flag a fix, and nothing is ever deleted."""

import csv
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from importlib.resources import files
from typing import Any

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement.fixes import animal_bounds, epoch_seconds

Flags = NDArray[np.uint16]


class QualityFlag(IntFlag):
    """What is known against a fix."""

    MARKED_OUTLIER = 1
    """Marked as outlier in the source, by Movebank's rules."""
    DUPLICATE_TIME = 2
    """The animal has another fix, kept, at the same time."""
    SPIKE = 4
    """Reached and left faster than the animal can move."""
    IMMOBILE = 8
    """Part of a long stay on one spot: resting, breeding, hibernating, or no longer alive. Usable."""
    AFTER_END = 16
    """Part of a long stay on one spot that lasts until the last fix: the animal died or lost its tag."""
    AFTER_GAP = 32
    """First fix after a long gap. Usable."""


UNUSABLE = QualityFlag.MARKED_OUTLIER | QualityFlag.DUPLICATE_TIME | QualityFlag.SPIKE | QualityFlag.AFTER_END

_DUPLICATE, _SPIKE, _GAP = int(QualityFlag.DUPLICATE_TIME), int(QualityFlag.SPIKE), int(QualityFlag.AFTER_GAP)
_IMMOBILE, _END = int(QualityFlag.IMMOBILE), int(QualityFlag.AFTER_END)

MARK_COLUMNS = ("manually_marked_outlier", "algorithm_marked_outlier", "import_marked_outlier")


@dataclass(frozen=True)
class CleaningRules:
    """When a fix is flagged.

    The defaults are those of Migration Mapper for ungulates.
    """

    vmax_mps: float = 3.0
    """Fastest speed believed, metres a second."""
    longest_spike: int = 3
    """Most consecutive fixes that may form one spike."""
    immobile_radius_m: float = 50.0
    """Radius of the spot that an immobile animal does not leave."""
    immobile_h: float = 48.0
    """Shortest stay that counts as immobile, hours."""
    max_gap_h: float = 49.0
    """Longest time between fixes that is not a gap, hours."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise BadInput("cleaning-rule", f"{name} is {value}; it must be greater than 0.")


def flag_fixes(fixes: pd.DataFrame, rules: CleaningRules | None = None) -> Flags:
    """Flag what is wrong with each fix.

    Marks of the source come first, duplicates among the unmarked fixes second; the other rules see only what is left.
    A spike is a run of at most ``longest_spike`` fixes reached and left faster than ``vmax_mps``; in a run of
    several, the steps inside may be slow, but the way past them must be believable. Steps begin at the last fix that is
    no spike itself. An immobile run is a run of fixes each within ``immobile_radius_m`` of the mean of those before,
    lasting at least ``immobile_h``; one stray fix does not end it, a gap does. Distances are on the sphere (within
    0.5 %).

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``, with ``longitude``, ``latitude`` in degrees and,
        where the source gives them, Movebank's mark columns (boolean with missing values)
    rules : default :class:`CleaningRules`

    Returns
    -------
    uint16, one a fix: a combination of :class:`QualityFlag`.

    Raises
    ------
    BadInput : columns are missing, fixes are not sorted, a position is not on the globe

    References
    ----------
    Movebank (marks): ``visible`` decides where given; else the manual, algorithm and import marks, unless a fix is
    marked valid by hand.
    Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976 (spike, immobility, gap).
    """
    rules = rules or CleaningRules()
    bounds = animal_bounds(fixes)
    flags = np.zeros(len(fixes), dtype=np.uint16)
    if not len(fixes):
        return flags
    flags[_marked_outliers(fixes)] = QualityFlag.MARKED_OUTLIER
    _flag_tracks(
        bounds,
        epoch_seconds(fixes),
        np.radians(fixes["longitude"].to_numpy(dtype=np.float64)),
        np.radians(fixes["latitude"].to_numpy(dtype=np.float64)),
        flags,
        rules.vmax_mps,
        rules.longest_spike,
        rules.immobile_radius_m,
        rules.immobile_h * 3600.0,
        rules.max_gap_h * 3600.0,
    )
    return flags


def usable(flags: Flags) -> NDArray[np.bool_]:
    """Whether each fix may be used as a position of a living, moving animal."""
    return np.asarray((flags & int(UNUSABLE)) == 0)


def flag_counts(flags: Flags) -> dict[str, int]:
    """How many fixes carry each flag, by its name in lower case, and how many are usable."""
    counts = {str(flag.name).lower(): int(np.count_nonzero(flags & int(flag))) for flag in QualityFlag}
    return {**counts, "usable": int(usable(flags).sum())}


def speed_limit_for(taxon: str) -> float | None:
    """The fastest speed believed of a taxon, metres a second, or None where the table has neither it nor its genus.

    The table is ``data/speed_limits.csv``: genera and families with the source of each figure.
    """
    name = taxon.strip()
    limits = _speed_limits()
    return limits.get(name, limits.get(name.split(" ", 1)[0]))


@cache
def _speed_limits() -> dict[str, float]:
    text = files("wildways.movement").joinpath("data/speed_limits.csv").read_text(encoding="utf-8")
    return {row["taxon"]: float(row["vmax_mps"]) for row in csv.DictReader(text.splitlines())}


def _marked_outliers(fixes: pd.DataFrame) -> NDArray[np.bool_]:
    marked = np.zeros(len(fixes), dtype=bool)
    for name in MARK_COLUMNS:
        marked |= _is(fixes, name, True)
    marked &= ~_is(fixes, "manually_marked_valid", True)
    return (marked | _is(fixes, "visible", False)) & ~_is(fixes, "visible", True)


def _is(fixes: pd.DataFrame, name: str, value: bool) -> NDArray[np.bool_]:
    if name not in fixes.columns:
        return np.zeros(len(fixes), dtype=bool)
    return np.asarray(fixes[name].astype("boolean").eq(value).fillna(False).to_numpy(dtype=bool))


@numba.njit(cache=True, nogil=True)
def _flag_tracks(
    bounds: Any,
    time_s: Any,
    lon: Any,
    lat: Any,
    flags: Any,
    vmax_mps: float,
    longest_spike: int,
    radius_m: float,
    stay_s: float,
    gap_s: float,
) -> None:  # pragma: no cover - compiled
    for animal in range(len(bounds) - 1):
        kept = _flag_duplicates(bounds[animal], bounds[animal + 1], time_s, flags)
        _flag_spikes(kept, time_s, lon, lat, flags, vmax_mps, longest_spike, gap_s)
        kept = kept[flags[kept] == 0]
        _flag_gaps(kept, time_s, flags, gap_s)
        _flag_immobile(kept, time_s, lon, lat, flags, radius_m, stay_s, gap_s)


@numba.njit(cache=True, nogil=True)
def _distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:  # pragma: no cover - compiled
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return float(2 * 6371008.8 * np.arcsin(min(1.0, np.sqrt(half))))


@numba.njit(cache=True, nogil=True)
def _flag_duplicates(begin: int, end: int, time_s: Any, flags: Any) -> Any:  # pragma: no cover - compiled
    kept = np.empty(end - begin, dtype=np.int64)
    n = 0
    for i in range(begin, end):
        if flags[i]:
            continue
        if n and time_s[kept[n - 1]] == time_s[i]:
            flags[i] |= _DUPLICATE
            continue
        kept[n] = i
        n += 1
    return kept[:n]


@numba.njit(cache=True, nogil=True)
def _is_too_fast(
    i: int, j: int, time_s: Any, lon: Any, lat: Any, vmax_mps: float, gap_s: float
) -> bool:  # pragma: no cover - compiled
    lag = time_s[j] - time_s[i]
    return bool(lag <= gap_s and _distance_m(lon[i], lat[i], lon[j], lat[j]) > vmax_mps * lag)


@numba.njit(cache=True, nogil=True)
def _flag_spikes(
    kept: Any, time_s: Any, lon: Any, lat: Any, flags: Any, vmax_mps: float, longest: int, gap_s: float
) -> None:  # pragma: no cover - compiled
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def _flag_gaps(kept: Any, time_s: Any, flags: Any, gap_s: float) -> None:  # pragma: no cover - compiled
    for k in range(1, len(kept)):
        if time_s[kept[k]] - time_s[kept[k - 1]] > gap_s:
            flags[kept[k]] |= _GAP


@numba.njit(cache=True, nogil=True)
def _flag_immobile(
    kept: Any, time_s: Any, lon: Any, lat: Any, flags: Any, radius_m: float, stay_s: float, gap_s: float
) -> None:  # pragma: no cover - compiled
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


@numba.njit(cache=True, nogil=True)
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
        if _distance_m(mean_east, lat[first] + mean_north, east, lat[i]) <= radius_m:
            inside += 1
            mean_east += (east - mean_east) / inside
            mean_north += (lat[i] - lat[first] - mean_north) / inside
            last = k
        elif k - last >= 2:
            return last, k
    return last, n
