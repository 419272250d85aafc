"""Stays: the part of each animal-year that lies in winter, in summer, or all of it. Frames in, a frame out."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.analyses.ranges.parameters import RangeParameters
from wildways.movement import migrations
from wildways.movement.fixes import animal_bounds, epoch_microseconds

NORTHERN = {"winter": ("12-01", "03-31"), "summer": ("06-01", "08-31")}
SOUTHERN = {"winter": NORTHERN["summer"], "summer": NORTHERN["winter"]}
STAY_COLUMNS = ("animal_id", "bio_year", "season", "start_utc", "end_utc")
_SECOND = pd.Timedelta(seconds=1)


def season_dates(parameters: RangeParameters, *, is_north: bool) -> dict[str, tuple[str, str]]:
    """First and last day of winter and summer, as month and day."""
    usual = NORTHERN if is_north else SOUTHERN
    return {"winter": parameters.winter or usual["winter"], "summer": parameters.summer or usual["summer"]}


def stays(living: pd.DataFrame, dates: dict[str, tuple[str, str]], parameters: RangeParameters) -> pd.DataFrame:
    """One row an animal, year and range: windows in which sequences can be cut.

    A season that passes New Year is of the year in which it begins; a year is the biological one.

    Parameters
    ----------
    living : positions that may be used, sorted by animal and time
    dates : of `season_dates`
    parameters : which ranges, and when the biological year begins
    """
    spans = living.groupby("animal_id", sort=True)["time_utc"].agg(["min", "max"])
    rows = [row for animal, span in spans.iterrows() for row in _of_animal(str(animal), span, dates, parameters)]
    frame = pd.DataFrame(rows, columns=list(STAY_COLUMNS))
    for column in ("start_utc", "end_utc"):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    return frame


def outside_migrations(positions: pd.DataFrame, windows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which positions lie in no migration window of their animal, shape (n,).

    Parameters
    ----------
    positions : sorted by animal and time
    """
    outside = np.ones(len(positions), dtype=np.bool_)
    names, time_us = positions["animal_id"], epoch_microseconds(positions)
    rows_of = {names.iloc[begin]: (begin, end) for begin, end in pairwise(animal_bounds(positions).tolist())}
    found = migrations(windows)
    starts_us, ends_us = (found[name].dt.as_unit("us").astype("int64").tolist() for name in ("start_utc", "end_utc"))
    for animal, start_us, end_us in zip(found["animal_id"], starts_us, ends_us, strict=True):
        begin, end = rows_of.get(animal, (0, 0))
        own = time_us[begin:end]
        outside[begin + np.searchsorted(own, start_us) : begin + np.searchsorted(own, end_us, side="right")] = False
    return outside


def _of_animal(
    animal: str, span: "pd.Series[pd.Timestamp]", dates: dict[str, tuple[str, str]], parameters: RangeParameters
) -> Iterator[tuple[object, ...]]:
    first, last = span["min"], span["max"]
    for name in parameters.ranges:
        if name == "annual":
            begin, end = parameters.bio_year_start, None
        else:
            begin, end = dates[name]
        for year in range(first.year - 1, last.year + 1):
            start = pd.Timestamp(f"{year}-{begin}", tz="UTC")
            until = _end(year, begin, end)
            if start <= last and until >= first:
                yield animal, year, name, start, until


def _end(year: int, begin: str, last: str | None) -> pd.Timestamp:
    """The last second of a season, or of a year that begins on that day."""
    if last is None:
        return pd.Timestamp(f"{year + 1}-{begin}", tz="UTC") - _SECOND
    passes = last < begin
    return pd.Timestamp(f"{year + passes}-{last}", tz="UTC") + pd.Timedelta(days=1) - _SECOND


def days_with_fixes(time_s: NDArray[np.float64]) -> int:
    """On how many UTC days there are fixes."""
    return int(np.unique(np.floor(time_s / 86_400)).size)


def is_northern(living: pd.DataFrame) -> bool:
    """Whether the population lives north of the equator."""
    return bool(living["latitude"].mean() >= 0)
