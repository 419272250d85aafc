"""What the source itself says against a fix, and what its position says before any other fix is looked at."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement._quality_kernels import distance_m
from wildways.movement.flags import QualityFlag
from wildways.movement.quality_reasons import Found, Judged
from wildways.movement.quality_rules import CleaningRules
from wildways.movement.sensors import ARGOS, GEOLOCATOR, Kinds

MARK_COLUMNS = ("manually_marked_outlier", "algorithm_marked_outlier", "import_marked_outlier")

_SDS_OF_ELLIPSE = np.sqrt(2.0)
_RADIUS_68_SDS = float(np.sqrt(-2 * np.log(1 - 0.68)))


def judge_given(fixes: pd.DataFrame, kinds: Kinds | None, judged: Judged, rules: CleaningRules) -> None:
    """Marks, deployments, errors as stated, positions at 0, 0."""
    _add_marked(fixes, judged)
    judged.add(Found(np.flatnonzero(_is(fixes, "undeployed", True)), QualityFlag.UNDEPLOYED))
    _add_zero(judged, rules)
    if kinds is not None:
        _add_bad_ellipses(fixes, kinds, judged)
    if "semi_major_m" in fixes or "uncertainty_m" in fixes:
        _add_large_errors(fixes, kinds, judged, rules)


def _add_marked(fixes: pd.DataFrame, judged: Judged) -> None:
    marked = np.zeros(len(fixes), dtype=bool)
    for name in MARK_COLUMNS:
        marked |= _is(fixes, name, True)
    marked &= ~_is(fixes, "manually_marked_valid", True)
    is_hidden = _is(fixes, "visible", False)
    rows = np.flatnonzero((marked | is_hidden) & ~_is(fixes, "visible", True))
    judged.add(Found(rows, QualityFlag.MARKED_OUTLIER))


def _add_zero(judged: Judged, rules: CleaningRules) -> None:
    at_zero = (judged.lon == 0) & (judged.lat == 0)
    for animal in np.unique(np.searchsorted(judged.bounds, np.flatnonzero(at_zero), side="right") - 1).tolist():
        own = slice(judged.bounds[animal], judged.bounds[animal + 1])
        others = np.flatnonzero(~at_zero[own]) + own.start
        nearest = min((distance_m(0.0, 0.0, judged.lon[i], judged.lat[i]) for i in others), default=np.inf)
        if nearest > rules.zero_position_m:
            rows = np.flatnonzero(at_zero[own]) + own.start
            found = Found(rows, QualityFlag.ZERO_POSITION, np.full(rows.size, nearest), rules.zero_position_m, "m")
            judged.add(found)


def _add_bad_ellipses(fixes: pd.DataFrame, kinds: Kinds, judged: Judged) -> None:
    major, minor, turn = (numbers(fixes, name) for name in ("semi_major_m", "semi_minor_m", "ellipse_orientation_deg"))
    is_given = np.isfinite(major) | np.isfinite(minor)
    is_whole = (major > 0) & (minor > 0) & (minor <= major) & (np.abs(turn) <= 360)
    judged.add(Found(np.flatnonzero(is_given & ~is_whole & (kinds == ARGOS)), QualityFlag.BAD_ELLIPSE))


def _add_large_errors(fixes: pd.DataFrame, kinds: Kinds | None, judged: Judged, rules: CleaningRules) -> None:
    error = numbers(fixes, "semi_major_m") / _SDS_OF_ELLIPSE
    error = np.where(error > 0, error, numbers(fixes, "uncertainty_m") / _RADIUS_68_SDS)
    is_large = error > rules.max_error_m
    if kinds is not None:
        is_large &= kinds != GEOLOCATOR
    rows = np.flatnonzero(is_large)
    judged.add(Found(rows, QualityFlag.LARGE_ERROR, error[rows], rules.max_error_m, "m"))


def numbers(fixes: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as floats, NaN where it is missing."""
    if name not in fixes:
        return np.full(len(fixes), np.nan)
    return fixes[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _is(fixes: pd.DataFrame, name: str, value: bool) -> NDArray[np.bool_]:
    if name not in fixes.columns:
        return np.zeros(len(fixes), dtype=bool)
    return np.asarray(fixes[name].astype("boolean").eq(value).fillna(False).to_numpy(dtype=bool))
