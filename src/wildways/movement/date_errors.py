"""How sure is a date of migration: standard errors by resampling days. Pure; seeded by the caller."""

import numpy as np
from numpy.typing import NDArray

from wildways.movement.legs import AnimalYear, Leg, SeasonRules, Stay, reach_m
from wildways.movement.projection import geodesic_distances, to_unit_vectors

Floats = NDArray[np.float64]

_EARTH_M = 6_371_008.8
_BLOCK_DAYS = 5
_REPLICATES = 200
_ROUNDING_VARIANCE = 1 / 12
_LOOK_BACK = 40
_REACHES = (0.5, 1.5)


def date_errors(
    year: AnimalYear, legs: list[Leg], number: int, rules: SeasonRules, *, rng: np.random.Generator
) -> tuple[float, float]:
    """Standard errors of the first and the last day of one leg, days.

    The animal's way is its daily positions between the two dates, smoothed over three days, and the middle of its
    stays before and after. To it are added the distances of days of the stays from these middles, drawn in blocks
    of five days because neighbouring days resemble each other; then the dates are taken again as before, 200
    times, each with another reach of the stays, from half to one and a half times the usual. The error from dates
    being whole days is added.

    Returns
    -------
    Two numbers; NaN where a stay has fewer than five days.
    """
    leg = legs[number]
    begin = legs[number - 1].last if number else 0
    end = legs[number + 1].first + 1 if number + 1 < len(legs) else len(year.day)
    before, after = slice(begin, leg.first + 1), slice(leg.last, end)
    way_m = _way(year, before, after)
    start = _error(year, before, slice(leg.first, leg.half), way_m, rules, rng, is_reversed=False)
    stop = _error(year, after, slice(leg.half, leg.last + 1), way_m, rules, rng, is_reversed=True)
    return start, stop


def _way(year: AnimalYear, before: slice, after: slice) -> float:
    origin, goal = (Stay.of(year.longitude[days], year.latitude[days]) for days in (before, after))
    return float(geodesic_distances(origin.longitude, origin.latitude, goal.longitude, goal.latitude))


def _error(
    year: AnimalYear,
    stay_days: slice,
    way_days: slice,
    way_m: float,
    rules: SeasonRules,
    rng: np.random.Generator,
    *,
    is_reversed: bool,
) -> float:
    """Spread of the last day within reach of the stay, or, reversed, of the first."""
    stay = Stay.of(year.longitude[stay_days], year.latitude[stay_days])
    middle = to_unit_vectors(np.array([stay.longitude]), np.array([stay.latitude]))[0]
    around = to_unit_vectors(year.longitude[stay_days], year.latitude[stay_days]) - middle
    if len(around) < _BLOCK_DAYS:
        return float("nan")
    way = to_unit_vectors(year.longitude[way_days], year.latitude[way_days]) - middle
    days = year.day[way_days]
    if is_reversed:
        around, way, days = around[::-1], way[::-1], -days[::-1]
    n_stay = min(_LOOK_BACK, len(around))
    expected = np.concatenate((np.zeros((n_stay, 3)), _smoothed(way)[1:]))
    day = np.concatenate((days[0] - np.arange(n_stay)[::-1], days[1:]))
    drawn = _blocks(around, len(expected), rng)
    apart_m = np.linalg.norm(expected + drawn, axis=2) * _EARTH_M
    reaches = reach_m(stay, way_m, rules.level) * rng.uniform(*_REACHES, (_REPLICATES, 1))
    within = apart_m <= reaches
    last = len(day) - 1 - within[:, ::-1].argmax(axis=1)
    found = day[last][within.any(axis=1)]
    return float(np.sqrt(found.var() + _ROUNDING_VARIANCE)) if found.size else float("nan")


def _blocks(around: Floats, length: int, rng: np.random.Generator) -> Floats:
    n_blocks = -(-length // _BLOCK_DAYS)
    starts = rng.integers(0, len(around) - _BLOCK_DAYS + 1, (_REPLICATES, n_blocks))
    rows = (starts[:, :, None] + np.arange(_BLOCK_DAYS)).reshape(_REPLICATES, -1)[:, :length]
    return np.asarray(around[rows])


def _smoothed(way: Floats) -> Floats:
    if len(way) < 3:
        return way
    middle = (way[:-2] + way[1:-1] + way[2:]) / 3
    return np.concatenate((way[:1], middle, way[-1:]))
