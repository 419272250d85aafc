"""Sequences: one animal's usable positions within one migration window."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.flags import Flags, usable
from wildways.movement.windows import migrations

STATUS_COLUMNS = (
    "sequence_id",
    "animal_id",
    "bio_year",
    "season",
    "n_fixes",
    "first_utc",
    "last_utc",
    "is_used",
    "reason",
)
MIN_FIXES = 4
MAX_LONG_STEPS = 1 / 3
"""Largest share of steps that may be longer than ``max_lag_h``."""

_Floats = NDArray[np.float64]
_Columns = tuple[_Floats, _Floats, _Floats, _Floats | None]
"""Time, longitude, latitude, location error."""


@dataclass(frozen=True, eq=False)
class Sequence:
    """Positions of one animal in one migration, in time order: arrays of shape (n,)."""

    sequence_id: str
    animal_id: str
    bio_year: int
    season: str
    time_s: NDArray[np.float64]
    """Seconds since 1970-01-01 UTC."""
    longitude: NDArray[np.float64]
    """Degrees, WGS 84."""
    latitude: NDArray[np.float64]
    """Degrees, WGS 84."""
    location_error_m: NDArray[np.float64] | None = None
    """Standard deviation of each position along an axis, NaN where it states none; None where no position does."""
    around: "Sequence | None" = None
    """The same with positions before and after it, where they were asked for."""

    def __len__(self) -> int:
        return len(self.time_s)


def cut_sequences(
    fixes: pd.DataFrame,
    flags: Flags,
    windows: pd.DataFrame,
    *,
    max_lag_h: float = 8.0,
    min_fixes: int = MIN_FIXES,
    n_around: int = 0,
) -> tuple[list[Sequence], pd.DataFrame]:
    """Cut the usable fixes of each migration window.

    A sequence is rejected where it has fewer than ``min_fixes`` fixes, or where more than a third of its steps last
    longer than ``max_lag_h``: it would be mostly unseen.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; ``location_error_m`` where it is known
    flags : (n,), of :func:`~wildways.movement.flag_fixes`
    windows : resolved windows; rows without dates are passed over
    max_lag_h : longest time between fixes that is bridged, hours; see :func:`max_lag_for`
    n_around : usable fixes before and after the window, as many as there are, to be kept as ``around``

    Returns
    -------
    The sequences in the order of the windows, and the account of all windows with dates: one row each,
    `STATUS_COLUMNS`.

    References
    ----------
    Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976
    """
    bounds = animal_bounds(fixes)
    rows_of = {fixes["animal_id"].iloc[begin]: slice(begin, end) for begin, end in pairwise(bounds)}
    keep, time_s = usable(flags), epoch_seconds(fixes) if len(fixes) else np.zeros(0)
    longitude, latitude = (fixes[name].to_numpy(dtype=np.float64) for name in ("longitude", "latitude"))
    error = fixes["location_error_m"].to_numpy(dtype=np.float64) if "location_error_m" in fixes else None
    columns = time_s, longitude, latitude, error
    sequences, status = [], []
    for window in migrations(windows).to_dict("records"):
        rows = rows_of.get(window["animal_id"], slice(0, 0))
        start_s, end_s = window["start_utc"].timestamp(), window["end_utc"].timestamp()
        kept = np.flatnonzero(keep[rows]) + rows.start
        first, last = np.searchsorted(time_s[kept], start_s), np.searchsorted(time_s[kept], end_s, side="right")
        name = (window["animal_id"], int(window["bio_year"]), window["season"])
        sequence = _picked(name, kept[first:last], columns)
        if n_around:
            sequence = replace(
                sequence, around=_picked(name, kept[max(0, first - n_around) : last + n_around], columns)
            )
        reason = _rejection(sequence.time_s, max_lag_h, min_fixes)
        status.append(_status(sequence, reason))
        if not reason:
            sequences.append(sequence)
    return sequences, _status_frame(status)


def max_lag_for(fixes: pd.DataFrame, *, least_h: float = 8.0, most_h: float = 36.0) -> float:
    """The longest time between fixes to bridge, in hours, for tracks of this schedule.

    Migration Mapper's 8 hours, or one and a half times the median time between fixes where that is longer (tags
    with one or two fixes a day), but at most 36 hours.
    """
    bounds = animal_bounds(fixes)
    lags = np.diff(epoch_seconds(fixes)) if len(fixes) else np.zeros(0)
    lags = np.delete(lags, bounds[1:-1] - 1)
    return least_h if not lags.size else float(np.clip(1.5 * np.median(lags) / 3600, least_h, most_h))


def _picked(name: tuple[str, int, str], rows: NDArray[np.intp], columns: _Columns) -> Sequence:
    time_s, longitude, latitude, error = columns
    own_error = None if error is None or np.isnan(error[rows]).all() else error[rows]
    sequence_id = "_".join(str(part) for part in name)
    return Sequence(sequence_id, *name, time_s[rows], longitude[rows], latitude[rows], own_error)


def _rejection(time_s: NDArray[np.float64], max_lag_h: float, min_fixes: int) -> str:
    if len(time_s) < min_fixes:
        return f"It has {len(time_s)} usable fixes; {min_fixes} are needed."
    n_long, n_steps = int((np.diff(time_s) > max_lag_h * 3600).sum()), len(time_s) - 1
    if n_long > MAX_LONG_STEPS * n_steps:
        return f"{n_long} of {n_steps} steps last longer than {max_lag_h:g} hours; a third may."
    return ""


def _status(sequence: Sequence, reason: str) -> tuple[object, ...]:
    ends = (sequence.time_s[0], sequence.time_s[-1]) if len(sequence) else (np.nan, np.nan)
    head = (sequence.sequence_id, sequence.animal_id, sequence.bio_year, sequence.season)
    return (*head, len(sequence), *ends, not reason, reason)


def _status_frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(STATUS_COLUMNS))
    for column in ("first_utc", "last_utc"):
        seconds = frame[column].astype("float64")
        frame[column] = pd.to_datetime(seconds, unit="s", utc=True).dt.as_unit("us")
    return frame.astype({"bio_year": "int64", "n_fixes": "int64", "is_used": "bool"})
