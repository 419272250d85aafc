"""Animals in a frame of fixes: the columns it must have, its order, where each animal begins and ends."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model import BadInput, Place

FIX_COLUMNS = ("animal_id", "time_utc", "longitude", "latitude")


def animal_bounds(fixes: pd.DataFrame) -> NDArray[np.int64]:
    """Where each animal's rows begin, with the number of rows at the end.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc`` (aware, UTC); ``longitude``, ``latitude`` in
        degrees, WGS 84

    Returns
    -------
    int64, n animals + 1: animal ``k`` has rows ``bounds[k]:bounds[k + 1]``; ``[0]`` for an empty frame.

    Raises
    ------
    BadInput : a column is missing, times are naive, an animal's rows are scattered or not in time order,
        a position is missing or outside -180…180, -90…90
    """
    _check_columns(fixes)
    if fixes.empty:
        return np.zeros(1, dtype=np.int64)
    _check_positions(fixes)
    names, time_us = fixes["animal_id"], epoch_microseconds(fixes)
    is_new = np.asarray(names.iloc[1:].array != names.iloc[:-1].array, dtype=np.bool_)
    starts = np.concatenate(([0], np.flatnonzero(is_new) + 1))
    first_names = names.iloc[starts]
    if (nameless := starts[first_names.isna().to_numpy()]).size:
        raise _refuse(fixes, int(nameless[0]), "fixes-missing", "animal_id", "it is empty")
    if (again := starts[first_names.duplicated().to_numpy()]).size:
        raise _refuse(fixes, int(again[0]), "fixes-unsorted", "animal_id", "an animal's rows are scattered")
    backwards = np.flatnonzero((time_us[1:] < time_us[:-1]) & ~is_new)
    if backwards.size:
        raise _refuse(fixes, int(backwards[0]) + 1, "fixes-unsorted", "time_utc", "it is before the animal's last fix")
    return np.append(starts, len(fixes)).astype(np.int64)


def epoch_microseconds(fixes: pd.DataFrame) -> NDArray[np.int64]:
    """Times of the fixes as microseconds since 1970-01-01 UTC."""
    return np.asarray(fixes["time_utc"].dt.as_unit("us").astype("int64").to_numpy(), dtype=np.int64)


def epoch_seconds(fixes: pd.DataFrame) -> NDArray[np.float64]:
    """Times of the fixes as seconds since 1970-01-01 UTC."""
    return epoch_microseconds(fixes) / 1e6


def _check_columns(fixes: pd.DataFrame) -> None:
    missing = [name for name in FIX_COLUMNS if name not in fixes.columns]
    if missing:
        raise BadInput(
            "fixes-column",
            f"The fixes have no column “{missing[0]}”.",
            hint=f"They need {', '.join(FIX_COLUMNS)}.",
            place=Place(field=missing[0]),
        )
    if not isinstance(fixes["time_utc"].dtype, pd.DatetimeTZDtype):
        raise BadInput(
            "fixes-time-zone",
            f"Times of fixes must be aware of their time zone; they are {fixes['time_utc'].dtype}.",
            hint="Convert them with pandas.to_datetime(…, utc=True).",
            place=Place(field="time_utc"),
        )


def _check_positions(fixes: pd.DataFrame) -> None:
    if fixes["time_utc"].isna().any():
        row = int(np.flatnonzero(fixes["time_utc"].isna())[0])
        raise _refuse(fixes, row, "fixes-missing", "time_utc", "it is empty")
    for field, limit in (("longitude", 180.0), ("latitude", 90.0)):
        values = fixes[field].to_numpy(dtype=np.float64)
        wrong = np.flatnonzero(~(np.abs(values) <= limit))
        if wrong.size:
            raise _refuse(fixes, int(wrong[0]), "fixes-position", field, f"it is not within -{limit:g}…{limit:g}")


def _refuse(fixes: pd.DataFrame, row: int, code: str, field: str, why: str) -> BadInput:
    value: Any = fixes[field].iloc[row]
    return BadInput(
        code, f"Fix {row} has {field} {value}: {why}.", hint="Sort and clean the fixes first.", place=Place(field=field)
    )
