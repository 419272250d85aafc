"""Whether something has come to happen earlier or later: dates of two periods, trends over years."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement._periods import INTERVAL, Shift, compare_periods, p_value, require_columns, units_of

Floats = NDArray[np.float64]

MIN_YEARS = 5


def date_shift(dates: pd.DataFrame, *, first: str, second: str, rng: np.random.Generator, n_draws: int = 999) -> Shift:
    """Find how much later, in days, something happened in the second period than in the first.

    Each animal's dates of a period are averaged first. Days of the year are taken around their circular mean, so that
    dates at the turn of the year are near to each other.

    Parameters
    ----------
    dates : ``animal_id, period, day``: day of the year, 1…366, one row an event
    first, second, rng, n_draws : as in `range_shift`

    Raises
    ------
    BadInput : ``shift-animals``, ``fixes-column``
    """
    units, unit, table = units_of(dates, first, second, ("day",))
    offset = _around_mean(table["day"].to_numpy(np.float64))
    means = np.bincount(unit, weights=offset, minlength=len(units)) / np.bincount(unit, minlength=len(units))

    def compare(weights_first: Floats, weights_second: Floats) -> Floats:
        return np.array([weights_second @ means / weights_second.sum() - weights_first @ means / weights_first.sum()])

    return compare_periods(units, compare, rng, n_draws)[0]


def date_trend(dates: pd.DataFrame, *, rng: np.random.Generator, n_draws: int = 999) -> Shift:
    """Find the trend of dates over years, in days a decade.

    The median slope between all pairs of years (Theil and Sen), of each year's mean over its animals. The interval is
    from drawing animals anew with all their years; the null model shuffles the years, which are the replicates of a
    trend.

    Parameters
    ----------
    dates : ``animal_id, year, day``: day of the year, 1…366, one row an event
    rng, n_draws : as in `range_shift`

    Raises
    ------
    BadInput : ``trend-years`` (fewer than five), ``fixes-column``
    """
    require_columns(dates, ("animal_id", "year", "day"))
    years, code = np.unique(dates["year"].to_numpy(np.int64), return_inverse=True)
    if years.size < MIN_YEARS:
        raise BadInput("trend-years", f"{years.size} years are too few for a trend; {MIN_YEARS} are needed.")
    animal = pd.factorize(dates["animal_id"])[0]
    offset = _around_mean(dates["day"].to_numpy(np.float64))
    cells = pd.DataFrame({"animal": animal, "year": code, "day": offset}).groupby(["animal", "year"])["day"].mean()
    table = cells.unstack("year").to_numpy(np.float64)
    i, j = np.triu_indices(years.size, 1)

    def slope(means: NDArray[np.floating]) -> float:
        return 10 * float(np.nanmedian((means[j] - means[i]) / (years[j] - years[i])))

    means = np.nanmean(table, axis=0)
    value = slope(means)
    drawn = []
    for _ in range(n_draws):
        chosen = table[rng.integers(0, len(table), len(table))]
        counted = np.isfinite(chosen).sum(axis=0)
        drawn.append(slope(np.where(counted, np.nansum(chosen, axis=0) / np.maximum(counted, 1), np.nan)))
    null = np.array([slope(means[rng.permutation(years.size)]) for _ in range(n_draws)])
    low, high = np.nanquantile(np.array(drawn), INTERVAL)
    return Shift(value, (float(low), float(high)), p_value(np.abs(null), abs(value)))


def _around_mean(day: Floats) -> Floats:
    """Days before (below zero) or after the circular mean of all."""
    angle = day * (2 * np.pi / 365.25)
    mean = np.arctan2(np.sin(angle).mean(), np.cos(angle).mean())
    return np.asarray((angle - mean + np.pi) % (2 * np.pi) - np.pi) * (365.25 / (2 * np.pi))
