"""Biological years and net displacement: how far from where its year began was the animal, day by day."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement.fixes import animal_bounds
from wildways.movement.projection import from_unit_vectors, geodesic_distances, to_unit_vectors

BIO_YEAR_START = (2, 1)
"""Month and day on which a biological year begins by default, as in Migration Mapper."""

_DAY_US = 86_400_000_000


def biological_years(time_utc: pd.Series, start: tuple[int, int] = BIO_YEAR_START) -> NDArray[np.int64]:
    """The biological year of each time: the calendar year in which it began.

    Raises
    ------
    BadInput : `start` is no month and day of every year
    """
    offset = _start_offset(start)
    days = time_utc.to_numpy(dtype="datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return np.asarray(years - (days < _year_starts(years, offset)))


def quietest_start(fixes: pd.DataFrame, *, span_days: int = 20, margin_m: float = 5_000) -> tuple[int, int]:
    """A start of the biological year that cuts no migration: a first or fifteenth around which the animals stay.

    For every animal and day the distance between its positions half a span before and after is taken. The default
    start stays where the median of that distance, over animals and years, is at most ``margin_m`` above the least
    of all dates; else the start is the date of the least.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; only usable ones
    span_days : days over which a move is measured
    margin_m : how much more movement than on the quietest date the default start may see, metres

    Returns
    -------
    Month and day.
    """
    daily = daily_positions(fixes)
    pairs = daily.merge(
        daily.assign(date_utc=daily["date_utc"] - pd.Timedelta(days=span_days)),
        on=["animal_id", "date_utc"],
        suffixes=("", "_after"),
    )
    middle = pairs["date_utc"] + pd.Timedelta(days=span_days // 2)
    moved = geodesic_distances(pairs["longitude"], pairs["latitude"], pairs["longitude_after"], pairs["latitude_after"])
    day_of_year = middle.dt.day_of_year.to_numpy()
    medians: dict[tuple[int, int], float] = {}
    for month, day in ((month, day) for month in range(1, 13) for day in (1, 15)):
        apart = np.abs(day_of_year - date(2001, month, day).timetuple().tm_yday)
        near = moved[np.minimum(apart, 365 - apart) <= span_days // 2]
        if near.size:
            medians[month, day] = float(np.median(near))
    quietest = min(medians, key=medians.__getitem__, default=BIO_YEAR_START)
    default_is_quiet = medians.get(BIO_YEAR_START, np.inf) <= medians.get(quietest, np.inf) + margin_m
    return BIO_YEAR_START if default_is_quiet else quietest


def daily_positions(fixes: pd.DataFrame, bio_year_start: tuple[int, int] = BIO_YEAR_START) -> pd.DataFrame:
    """Median position of each animal on each UTC day.

    Medians are taken of unit vectors, component by component, and are safe at the antimeridian and the poles.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; only usable ones

    Returns
    -------
    One row an animal and day: ``animal_id, bio_year, date_utc`` (midnight, UTC), ``longitude, latitude`` (degrees),
    ``n_fixes``; sorted like the fixes.
    """
    bounds = animal_bounds(fixes)
    time_utc = fixes["time_utc"].dt.as_unit("us")
    day = time_utc.astype("int64").to_numpy() // _DAY_US
    new = np.zeros(len(fixes), dtype=bool)
    new[bounds[:-1]] = True
    new[1:] |= np.diff(day) != 0
    first = np.flatnonzero(new)
    vectors = to_unit_vectors(fixes["longitude"], fixes["latitude"])
    medians = pd.DataFrame(vectors).groupby(np.cumsum(new) - 1).median().to_numpy().reshape(-1, 3)
    longitude, latitude = from_unit_vectors(medians)
    return pd.DataFrame(
        {
            "animal_id": fixes["animal_id"].to_numpy()[first],
            "bio_year": biological_years(time_utc.iloc[first], bio_year_start),
            "date_utc": time_utc.iloc[first].dt.floor("D").array,
            "longitude": longitude,
            "latitude": latitude,
            "n_fixes": np.diff(np.append(first, len(fixes))),
        }
    )


def net_displacement(
    fixes: pd.DataFrame,
    *,
    bio_year_start: tuple[int, int] = BIO_YEAR_START,
    reference_days: int = 10,
    min_reference_fixes: int = 5,
) -> pd.DataFrame:
    """Net displacement of each animal on each day of its biological years.

    The reference of an animal-year is the mean of its daily positions, weighted by their fixes, in the first
    ``reference_days`` days since its first fix, and as many more as it takes to have ``min_reference_fixes`` fixes.
    Distances are geodesic.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; only usable ones

    Returns
    -------
    The rows of :func:`daily_positions` with ``day`` (days since the biological year began, 0 or more)
    and ``displacement_m``.

    References
    ----------
    Bunnefeld et al. (2011), Journal of Animal Ecology 80, doi:10.1111/j.1365-2656.2010.01776.x
    """
    daily = daily_positions(fixes, bio_year_start)
    if daily.empty:
        return daily.assign(day=np.zeros(0, dtype=np.int64), displacement_m=np.zeros(0))
    days = daily["date_utc"].to_numpy(dtype="datetime64[D]")
    daily["day"] = (days - _year_starts(daily["bio_year"].to_numpy(), _start_offset(bio_year_start))).astype(np.int64)
    year = daily.groupby(["animal_id", "bio_year"], sort=False)
    elapsed = daily["day"] - year["day"].transform("first")
    sampled = year["n_fixes"].cumsum() - daily["n_fixes"]
    in_reference = (elapsed < reference_days) | (sampled < min_reference_fixes)
    weights = (daily["n_fixes"] * in_reference).to_numpy()
    vectors = to_unit_vectors(daily["longitude"], daily["latitude"]) * weights[:, None]
    reference = pd.DataFrame(vectors).groupby(year.ngroup().to_numpy()).transform("sum").to_numpy()
    daily["displacement_m"] = geodesic_distances(*from_unit_vectors(reference), daily["longitude"], daily["latitude"])
    return daily


def _start_offset(start: tuple[int, int]) -> tuple[int, int]:
    try:
        date(2001, *start)
    except (TypeError, ValueError) as error:
        raise BadInput(
            "bio-year-start", f"The biological year cannot begin on {start}.", hint="Give month and day, as in (2, 1)."
        ) from error
    return start


def _year_starts(years: NDArray[np.int64], start: tuple[int, int]) -> NDArray[np.datetime64]:
    months = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (start[0] - 1)
    return np.asarray(months.astype("datetime64[D]") + (start[1] - 1))
