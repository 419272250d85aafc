"""Judging fixes: every rule of quality for GPS, Argos and light, as flags and as reasons."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement import _quality_kernels as kernels
from wildways.movement.argos import class_rank
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.flags import Flags, QualityFlag
from wildways.movement.quality_coarse import judge_coarse_track
from wildways.movement.quality_given import judge_given
from wildways.movement.quality_reasons import Found, Judged, find_swapped, reason_frame
from wildways.movement.quality_rules import CleaningRules
from wildways.movement.sensors import GPS, sensor_of_animals, sensors_of


@dataclass(frozen=True, eq=False)
class Assessment:
    """What is wrong with each fix, and why."""

    flags: Flags
    """One a fix: a combination of `QualityFlag`."""
    reasons: pd.DataFrame
    """One row a fix and flag, in the order of fixes: `REASON_COLUMNS`."""


def flag_fixes(fixes: pd.DataFrame, rules: CleaningRules | None = None) -> Flags:
    """Flag what is wrong with each fix; nothing is deleted.

    What the source says comes first (outlier marks by Movebank's rules, times before and after the deployment,
    impossible errors), then positions at 0, 0, then duplicates: of the fixes of one time the one of the best location
    class is kept, of these the one nearest to the middle of its neighbours, of these the first. The other rules see
    only what is left, and depend on the tag (`sensors_of`; an animal counts as what most of its fixes are):

    GPS. A spike is a run of at most ``longest_spike`` fixes reached and left faster than ``vmax_mps``; in a run of
    several, the steps inside may be slow, but the way past them must be believable. Steps begin at the last fix that is
    no spike itself. An immobile run is a run of fixes each within ``immobile_radius_m`` of the mean of those before,
    lasting at least ``immobile_h``; one stray fix does not end it, a gap does.
    Argos. Class Z, then `sda_filter`; loops where the group has that rule.
    Light. Times near the equinoxes, then McConnell's speed.
    All. Gaps. A fix refused for its speed or angle that would be believable with longitude and latitude exchanged is
    flagged so. Distances are on the sphere (within 0.5 %). Cost O(n) for GPS, O(n) a pass for the others.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``, with ``longitude``, ``latitude`` in degrees and,
        where the source gives them, Movebank's mark columns (boolean with missing values), ``undeployed`` (boolean),
        ``sensor_type``, ``location_class``, ``semi_major_m``, ``semi_minor_m``, ``ellipse_orientation_deg``,
        ``uncertainty_m``
    rules : default :class:`CleaningRules`; those of a taxon come from `rules_for`

    Returns
    -------
    uint32, one a fix: a combination of :class:`QualityFlag`.

    Raises
    ------
    BadInput : columns are missing, fixes are not sorted, a position is not on the globe, a location class is none

    References
    ----------
    Movebank (marks): ``visible`` decides where given; else the manual, algorithm and import marks, unless a fix is
    marked valid by hand.
    Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976 (spike, immobility, gap).
    Freitas et al. (2008), Marine Mammal Science 24:315, doi:10.1111/j.1748-7692.2007.00180.x (Argos).
    """
    return _judge(fixes, rules or CleaningRules()).flags


def assess(fixes: pd.DataFrame, rules: CleaningRules | None = None) -> Assessment:
    """Flag what is wrong with each fix, as `flag_fixes`, and say why: the rule, what was measured and its limit.

    Parameters, errors : as `flag_fixes`

    Returns
    -------
    The flags, and one reason a flag set. ``fix`` is the row's place in `fixes`.
    """
    rules = rules or CleaningRules()
    judged = _judge(fixes, rules)
    return Assessment(judged.flags, reason_frame(fixes, judged, rules))


def _judge(fixes: pd.DataFrame, rules: CleaningRules) -> Judged:
    bounds = animal_bounds(fixes)
    flags = np.zeros(len(fixes), dtype=np.uint32)
    if not len(fixes):
        return Judged(flags, bounds, np.zeros(0), np.zeros(0), np.zeros(0), [])
    longitude, latitude = (fixes[name].to_numpy(dtype=np.float64) for name in ("longitude", "latitude"))
    judged = Judged(flags, bounds, epoch_seconds(fixes), np.radians(longitude), np.radians(latitude), [])
    kinds = sensors_of(fixes)
    judge_given(fixes, kinds, judged, rules)
    rank = class_rank(fixes["location_class"]) if "location_class" in fixes else np.zeros(0, dtype=np.int64)
    if kinds is None:
        _judge_gps(judged, slice(None), bounds, rank, rules)
    else:
        of_animal = sensor_of_animals(kinds, bounds)
        _judge_gps_animals(judged, of_animal, kinds, rank, rules)
        for animal in np.flatnonzero(of_animal != GPS).tolist():
            begin, end = int(bounds[animal]), int(bounds[animal + 1])
            judge_coarse_track(fixes, judged, range(begin, end), int(of_animal[animal]), rank, rules)
    find_swapped(judged, rules)
    return judged


def _judge_gps_animals(
    judged: Judged, of_animal: NDArray[np.int8], kinds: NDArray[np.int8], rank: NDArray[np.int64], rules: CleaningRules
) -> None:
    """The animals that most fixes are from GPS of; what is not from GPS is not used."""
    owner = np.repeat(of_animal, np.diff(judged.bounds))
    minor = np.flatnonzero((owner == GPS) & (kinds != GPS))
    judged.add(Found(minor, QualityFlag.MINOR_SENSOR))
    rows = np.flatnonzero(owner == GPS)
    bounds = np.concatenate(([0], np.cumsum(np.diff(judged.bounds)[of_animal == GPS])))
    _judge_gps(judged, rows, bounds, rank[rows] if rank.size else rank, rules)


def _judge_gps(
    judged: Judged,
    rows: slice | NDArray[np.int64],
    bounds: NDArray[np.int64],
    rank: NDArray[np.int64],
    rules: CleaningRules,
) -> None:
    flags = judged.flags[rows]
    kernels.flag_gps_tracks(
        bounds,
        judged.time_s[rows],
        judged.lon[rows],
        judged.lat[rows],
        rank,
        flags,
        rules.min_dt_s,
        rules.vmax_mps,
        rules.longest_spike,
        np.radians(rules.sharp_angle_deg or 0.0),
        rules.sharp_above_mps or np.inf,
        rules.immobile_radius_m,
        rules.immobile_h * 3600.0,
        rules.max_gap_h * 3600.0,
    )
    judged.flags[rows] = flags
