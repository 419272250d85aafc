"""Judging the track of an Argos tag or a geolocator."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement import _quality_kernels as kernels
from wildways.movement.argos import normal_classes
from wildways.movement.flags import UNUSABLE, QualityFlag
from wildways.movement.quality_reasons import Found, Judged
from wildways.movement.quality_rules import CleaningRules
from wildways.movement.sensors import ARGOS, GEOLOCATOR
from wildways.movement.speed_filters import FilterLabel, judge_argos

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DAY_S = 86_400.0
_J2000_S = 946_728_000.0
_EQUINOXES = ((78.80984, 365_242.37404, 0.05169), (265.21715, 365_242.01767, -0.11575))
"""Of the year 2000 in days since 1 January, 12 h; days in a millennium; bend in days a millennium squared."""


def judge_coarse_track(
    fixes: pd.DataFrame, judged: Judged, rows: range, sensor: int, rank: Integers, rules: CleaningRules
) -> None:
    """Flag one animal's fixes by the rules for `sensor`."""
    track = (judged.time_s, judged.lon, judged.lat)
    kept = kernels.flag_duplicates(rows.start, rows.stop, *track, rank, judged.flags, rules.min_dt_s)
    classes = np.full(kept.size, "")
    if sensor == ARGOS and "location_class" in fixes:
        classes = normal_classes(fixes["location_class"].iloc[kept])
        judged.add(Found(kept[classes == "Z"], QualityFlag.CLASS_INVALID))
    if sensor == GEOLOCATOR:
        days = days_from_equinox(judged.time_s[kept])
        is_near = days <= rules.equinox_days
        near = Found(kept[is_near], QualityFlag.LATITUDE_UNRELIABLE, days[is_near], rules.equinox_days, "d")
        judged.add(near)
        kept, classes = kept[~is_near], classes[~is_near]
    _add_filtered(judged, kept, classes, sensor, rules)
    kept = kept[(judged.flags[kept] & int(UNUSABLE)) == 0]
    if sensor == ARGOS and rules.loop_angle_deg and rules.loop_above_mps:
        _add_loops(judged, kept, rules.loop_angle_deg, rules.loop_above_mps)
    kernels.flag_gaps(kept, judged.time_s, judged.flags, rules.max_gap_h * 3600.0)


def days_from_equinox(time_s: Floats) -> Floats:
    """Days between each time and the nearest equinox.

    References
    ----------
    Meeus (1998), Astronomical Algorithms, chapter 27: mean equinoxes, within half an hour.
    """
    days = (np.asarray(time_s, dtype=np.float64) - _J2000_S) / _DAY_S
    nearest = np.full(days.shape, np.inf)
    year = np.floor(days / 365.2425)
    for of_2000, a_millennium, bend in _EQUINOXES:
        for shift in (-1.0, 0.0, 1.0):
            millennia = (year + shift) / 1000
            at = of_2000 + a_millennium * millennia + bend * millennia**2
            nearest = np.minimum(nearest, np.abs(days - at))
    return nearest


def _add_filtered(judged: Judged, kept: Integers, classes: NDArray[np.str_], sensor: int, rules: CleaningRules) -> None:
    found = judge_argos(
        judged.time_s[kept],
        np.degrees(judged.lon[kept]),
        np.degrees(judged.lat[kept]),
        classes,
        vmax_mps=rules.vmax_mps,
        angles_deg=rules.sda_angles_deg if sensor == ARGOS else (),
        lengths_m=rules.sda_lengths_m if sensor == ARGOS else (),
    )
    is_removed = (found.labels == FilterLabel.REMOVED) & (classes != "Z")
    is_fast, is_sharp = is_removed & np.isfinite(found.speed_mps), is_removed & np.isfinite(found.angle_deg)
    judged.add(Found(kept[is_fast], QualityFlag.SPEED, found.speed_mps[is_fast], rules.vmax_mps, "m/s"))
    angles, limits = found.angle_deg[is_sharp], found.angle_limit_deg[is_sharp]
    judged.add(Found(kept[is_sharp], QualityFlag.ANGLE, angles, limits, "degrees"))


def _add_loops(judged: Judged, kept: Integers, angle_deg: float, above_mps: float) -> None:
    angle, speed = kernels.angles_and_speeds(kept, judged.time_s, judged.lon, judged.lat)
    is_loop = (np.degrees(angle) <= angle_deg) & (speed > above_mps)
    judged.add(Found(kept[is_loop], QualityFlag.LOOP, np.degrees(angle[is_loop]), angle_deg, "degrees"))
