"""From fixes of any tag to positions that analyses may use: GPS as it is, Argos and light smoothed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement.argos import normal_classes, position_covariance
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.flags import UNUSABLE, Flags, QualityFlag, usable
from wildways.movement.quality import flag_fixes
from wildways.movement.quality_given import numbers
from wildways.movement.quality_rules import CleaningRules
from wildways.movement.sensors import ARGOS, GEOLOCATOR, GPS, Kinds, Sensor, sensor_of_animals, sensors_of
from wildways.movement.smoothed_tracks import ELLIPSE_COLUMNS, error_covariance, smooth_track
from wildways.movement.track import require_positive

Floats = NDArray[np.float64]

TRACK_COLUMNS = ("animal_id", "sensor", "n_fixes", "n_usable", "step_h", "n_positions", "n_in_gap", "reason")
STEPS_H = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0)
"""Times between smoothed positions: the least of these that is no shorter than the median time between fixes."""

_NUMBER_COLUMNS = ("longitude", "latitude", "variance_east_m2", "covariance_m2", "variance_north_m2")
_LATITUDE = int(QualityFlag.LATITUDE_UNRELIABLE)


@dataclass(frozen=True, eq=False)
class PreparedTracks:
    """Positions for analyses, and what became of the fixes."""

    positions: pd.DataFrame
    """One row a position, sorted by animal and time. Where a track was smoothed: ``variance_east_m2``,
    ``covariance_m2``, ``variance_north_m2`` and ``location_error_m``, the standard deviation along an axis (root mean
    square of the two), missing for GPS. Of GPS alone, the very fixes that were given."""
    flags: Flags
    """One a position: those of the fix for GPS, ``IN_GAP`` or none for smoothed ones."""
    fix_flags: Flags
    """One a fix, of `flag_fixes`."""
    account: pd.DataFrame
    """One row an animal: `TRACK_COLUMNS`. ``step_h`` is missing and ``n_positions`` counts the fixes where the track is
    as it was measured; ``reason`` says why there are no positions."""

    @property
    def n_smoothed(self) -> int:
        """Animals whose tracks were smoothed."""
        return int(self.account["step_h"].notna().sum())


def prepare_tracks(
    fixes: pd.DataFrame, rules: CleaningRules | None = None, *, step_h: float | None = None
) -> PreparedTracks:
    """Make positions of fixes, each kind of tag in its way.

    The fixes are flagged (`flag_fixes`). The tracks of animals that are followed by GPS stay as they are. Of the others
    the usable fixes are smoothed to regular times (`smooth_track`), with the error of each: its ellipse, else its
    location class, else its radius; without any, an Argos fix counts as of ``unknown_class`` and a geolocator's as
    off by ``geolocator_error_m``. Near an equinox a position from light is used only where its source states an error,
    and then with no less than ``equinox_error_m`` from south to north. Positions inside a gap longer than a day and
    than five median lags are flagged ``IN_GAP``. Cost: some 0.1 s a thousand fixes that are smoothed.

    Parameters
    ----------
    fixes : as for `flag_fixes`
    rules : default `CleaningRules`; those of a taxon come from `rules_for`
    step_h : hours between smoothed positions; by default the least of `STEPS_H` that is no shorter than the median time
        between the animal's usable fixes

    Raises
    ------
    BadInput : as `flag_fixes`; ``parameter``. A track that cannot be smoothed is left out, and ``account`` says why
    """
    rules = rules or CleaningRules()
    if step_h is not None:
        step_h = require_positive("step_h", step_h)
    flags = flag_fixes(fixes, rules)
    bounds, kinds = animal_bounds(fixes), sensors_of(fixes)
    of_animal = sensor_of_animals(kinds, bounds)
    if kinds is None or (of_animal == GPS).all():
        return PreparedTracks(fixes, flags, flags, _account(list(_as_measured(fixes, flags, bounds))))
    parts, states, rows = [], [], []
    measured = {row[0]: row for row in _as_measured(fixes, flags, bounds)}
    for animal, sensor in enumerate(of_animal.tolist()):
        own = slice(int(bounds[animal]), int(bounds[animal + 1]))
        if sensor == GPS:
            part, state = fixes.iloc[own], flags[own]
            row = measured[str(part["animal_id"].iloc[0])]
        else:
            part, row = _smoothed(fixes.iloc[own], flags[own], kinds[own], sensor, rules, step_h)
            state = np.where(part["in_gap"], int(QualityFlag.IN_GAP), 0).astype(np.uint32)
        parts.append(part)
        states.append(state)
        rows.append(row)
    return PreparedTracks(_joined(parts, fixes), np.concatenate(states), flags, _account(rows))


def _as_measured(fixes: pd.DataFrame, flags: Flags, bounds: NDArray[np.int64]) -> Iterator[tuple[object, ...]]:
    kept = np.concatenate(([0], np.cumsum(usable(flags))))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        name, n_usable = str(fixes["animal_id"].iloc[begin]), int(kept[end] - kept[begin])
        yield (name, str(Sensor.GPS), end - begin, n_usable, np.nan, end - begin, 0, "")


def _smoothed(
    fixes: pd.DataFrame, flags: Flags, kinds: Kinds, sensor: int, rules: CleaningRules, step_h: float | None
) -> tuple[pd.DataFrame, tuple[object, ...]]:
    covariance = _errors(fixes, flags, kinds, rules)
    is_used = np.asarray(np.isfinite(covariance).all(axis=(1, 2)))
    n_used = int(is_used.sum())
    head = (str(fixes["animal_id"].iloc[0]), str(list(Sensor)[sensor]), len(fixes), n_used)
    step = step_h or _step_h(epoch_seconds(fixes)[is_used])
    try:
        positions = smooth_track(fixes.loc[is_used], step_s=step * 3600, covariance_m2=covariance[is_used])
    except BadInput as refused:
        nothing = fixes.iloc[:0].assign(in_gap=False)
        return nothing, (*head, np.nan, 0, 0, refused.message)
    return positions, (*head, step, len(positions), int(positions["in_gap"].sum()), "")


def _errors(fixes: pd.DataFrame, flags: Flags, kinds: Kinds, rules: CleaningRules) -> Floats:
    # Covariances east and north; infinite for fixes that are not to be used.
    is_bad = (flags & int(QualityFlag.BAD_ELLIPSE)) > 0
    axes = {name: np.where(is_bad, np.nan, numbers(fixes, name)) for name in ELLIPSE_COLUMNS}
    covariance = error_covariance(fixes.assign(**axes))
    is_stated = np.isfinite(covariance).all(axis=(1, 2))
    has_class = normal_classes(fixes["location_class"]) != "" if "location_class" in fixes else np.zeros_like(is_stated)
    for kind, name in ((GPS, "G"), (ARGOS, rules.unknown_class)):
        covariance[~is_stated & ~has_class & (kinds == kind)] = position_covariance([name])[0]
    is_light, is_near = kinds == GEOLOCATOR, (flags & _LATITUDE) > 0
    covariance[~is_stated & is_light] = np.eye(2) * rules.geolocator_error_m**2
    covariance[is_near, 1, 1] = np.maximum(covariance[is_near, 1, 1], rules.equinox_error_m**2)
    others = (flags & (int(UNUSABLE) & ~_LATITUDE)) == 0
    covariance[~others | (is_near & ~is_stated)] = np.inf
    return covariance


def _step_h(time_s: Floats) -> float:
    lag_h = float(np.median(np.diff(time_s))) / 3600 if time_s.size > 1 else 0.0
    return next((step for step in STEPS_H if step >= lag_h), STEPS_H[-1])


def _joined(parts: list[pd.DataFrame], fixes: pd.DataFrame) -> pd.DataFrame:
    columns = ["animal_id", "time_utc", *_NUMBER_COLUMNS]
    filled = [part.reindex(columns=columns) for part in parts if len(part)]
    filled = [part.astype(dict.fromkeys(_NUMBER_COLUMNS, "float64")) for part in filled]
    frame = pd.concat(filled, ignore_index=True) if filled else fixes.iloc[:0].reindex(columns=columns)
    error = np.sqrt((frame["variance_east_m2"] + frame["variance_north_m2"]) / 2)
    return frame.assign(location_error_m=error.astype("float64"))


def _account(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(TRACK_COLUMNS))
    return frame.astype({**dict.fromkeys(("n_fixes", "n_usable", "n_positions", "n_in_gap"), "int64"), "step_h": float})
