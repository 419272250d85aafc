"""The account of the fixes: one row an animal, computed in pieces of whole animals."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.analyses.cache import code_version, content_key
from wildways.analyses.contract import Unit
from wildways.movement import (
    CleaningRules,
    QualityFlag,
    Sensor,
    flag_fixes,
    flag_name,
    sensor_of_animals,
    sensors_of,
    usable,
)
from wildways.movement.fixes import animal_bounds, epoch_seconds

PIECE = 500_000
"""Fixes a unit of work has at most, unless one animal has more."""

FLAG_COLUMNS = {f"n_{flag_name(flag)}": flag for flag in QualityFlag if flag is not QualityFlag.IN_GAP}


def account_units(fixes: pd.DataFrame, rules: CleaningRules) -> list[Unit]:
    """Units of work that together account for all animals, in their order."""
    return [_unit(piece, rules) for piece in _pieces(fixes)]


def account_of(fixes: pd.DataFrame, rules: CleaningRules) -> pd.DataFrame:
    """Account for the fixes of each animal.

    Returns
    -------
    One row an animal, in the order of the fixes: ``animal_id, sensor, n_fixes, n_usable, first_utc, last_utc,
    median_interval_h, n_gaps, longest_interval_h`` and the number of fixes with each flag, `FLAG_COLUMNS`. Intervals
    are those between usable fixes, missing where there are fewer than two.
    """
    bounds, flags = animal_bounds(fixes), flag_fixes(fixes, rules)
    sensors = sensor_of_animals(sensors_of(fixes), bounds)
    is_used, time_s = usable(flags), epoch_seconds(fixes)
    rows = []
    for (begin, end), sensor in zip(pairwise(bounds.tolist()), sensors.tolist(), strict=True):
        own, times = flags[begin:end], time_s[begin:end][is_used[begin:end]]
        counts = {name: int(np.count_nonzero(own & np.uint32(flag))) for name, flag in FLAG_COLUMNS.items()}
        head = {"animal_id": fixes["animal_id"].iloc[begin], "sensor": str(list(Sensor)[sensor])}
        ends = {"first_utc": fixes["time_utc"].iloc[begin], "last_utc": fixes["time_utc"].iloc[end - 1]}
        rows.append(
            {**head, "n_fixes": end - begin, "n_usable": times.size, **ends, **_intervals(times, rules), **counts}
        )
    return pd.DataFrame(rows)


def write_account(fixes: pd.DataFrame, rules: CleaningRules, path: Path) -> None:
    """Write the account of some animals as Parquet."""
    account_of(fixes, rules).to_parquet(path, index=False)


def _intervals(times: NDArray[np.float64], rules: CleaningRules) -> dict[str, float]:
    hours = np.diff(times) / 3600
    is_any = bool(hours.size)
    return {
        "median_interval_h": float(np.median(hours)) if is_any else np.nan,
        "n_gaps": int((hours > rules.max_gap_h).sum()),
        "longest_interval_h": float(hours.max()) if is_any else np.nan,
    }


def _pieces(fixes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    bounds, begin = animal_bounds(fixes).tolist(), 0
    for last, end in pairwise(bounds):
        if end - begin > PIECE and last > begin:
            yield fixes.iloc[begin:last]
            begin = last
    if bounds[-1] > begin:
        yield fixes.iloc[begin : bounds[-1]]


def _unit(piece: pd.DataFrame, rules: CleaningRules) -> Unit:
    first, last = str(piece["animal_id"].iloc[0]), str(piece["animal_id"].iloc[-1])
    digest = pd.util.hash_pandas_object(piece, index=False).to_numpy()
    key = content_key(code_version(), digest, list(piece.columns), vars(rules))
    return Unit(key, f"{first} … {last}", write_account, (piece, rules), ".parquet")
