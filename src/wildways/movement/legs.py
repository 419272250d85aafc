"""Legs of a migration: on which day did a move begin, on which did it end. Daily positions in, rows out."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from wildways.movement.logistic import DisplacementModel, Move
from wildways.movement.projection import from_unit_vectors, geodesic_distances, to_unit_vectors

Floats = NDArray[np.float64]

_NEAR = 0.25
_REACH = 2.0
_LONGEST_REACH = 0.3
_GAP_DAYS = 3


@dataclass(frozen=True)
class SeasonRules:
    """What counts as a migration."""

    min_displacement_m: float = 5_000
    """Least change of net displacement of a move, metres."""
    min_scatter_ratio: float = 4.0
    """Least way between two stays, as a multiple of the animal's median distance from the middle of each."""
    min_stay_days: float = 14
    """Least stay between moving out and back; a shorter trip is an excursion."""
    min_cover_days: int = 240
    """Least span of a track that tells residents and dispersers from animals that were not watched long enough."""
    min_days: int = 15
    """Least days with fixes that say anything."""
    level: float = 0.05
    """Share of a move that may be done before it begins and left when it ends."""
    aic_gain: float = 2.0
    """Least improvement of AIC for one more move."""


@dataclass(frozen=True, eq=False)
class AnimalYear:
    """Daily positions of one animal in one biological year; arrays of shape (n days with fixes,)."""

    animal_id: str
    bio_year: int
    date: NDArray[np.datetime64]
    day: Floats
    """Days since the biological year began."""
    displacement_m: Floats
    longitude: Floats
    latitude: Floats


@dataclass(frozen=True)
class Leg:
    """One move: the last day before it and the first day after it, as rows of the animal-year."""

    first: int
    last: int
    half: int
    """The first day of the second half of the way."""
    midpoint_day: float
    remark: str
    """What a reviewer should know: begins with “; ” where there is something."""


@dataclass(frozen=True)
class Stay:
    """Where an animal stays: the middle of its daily positions, and its median distance from there."""

    longitude: float
    latitude: float
    spread_m: float

    @classmethod
    def of(cls, longitude: Floats, latitude: Floats) -> "Stay":
        """The stay that these positions make."""
        lon, lat = from_unit_vectors(np.median(to_unit_vectors(longitude, latitude), axis=0))
        return cls(float(lon), float(lat), float(np.median(geodesic_distances(lon, lat, longitude, latitude))))

    def distances(self, longitude: Floats, latitude: Floats) -> Floats:
        """Metres from its middle."""
        return geodesic_distances(self.longitude, self.latitude, longitude, latitude)


def find_legs(year: AnimalYear, model: DisplacementModel, rules: SeasonRules) -> list[Leg]:
    """The legs of a model, or none where one of its moves is too small or too vague to be a migration.

    The levels of displacement before, between and after the moves tell which days the animal spent where it came
    from and where it went: those within a quarter of the change of level, on their side of the passage through its
    half. From these days follow the two places, and from the places the days of departure and arrival: the last day
    within reach of the one and the first within reach of the other. The reach is ``level`` of the way between the
    places, or twice the median distance from the middle of the place where that is more, but at most 0.3 of the
    way.
    """
    levels = _levels(year, model.moves, rules.level)
    ends = [*(int(np.searchsorted(year.day, move.midpoint_day)) for move in model.moves[1:]), len(year.day)]
    legs: list[Leg] = []
    for move, change, end in zip(model.moves, pairwise(levels), ends, strict=True):
        leg = _leg(year, move, change, slice(legs[-1].last + 1 if legs else 0, end), rules)
        if leg is None:
            return []
        legs.append(leg)
    stays_days = [year.day[back.first] - year.day[out.last] for out, back in pairwise(legs)]
    return legs if all(stay >= rules.min_stay_days for stay in stays_days) else []


def _levels(year: AnimalYear, moves: tuple[Move, ...], level: float) -> list[float]:
    # Displacement before, between and after the moves; where they leave no days, that of the days nearest in time.
    begins = [-np.inf, *(move.midpoint_day + move.half_width_days(level) for move in moves)]
    ends = [*(move.midpoint_day - move.half_width_days(level) for move in moves), np.inf]
    middles = [year.day[0], *(0.5 * (a.midpoint_day + b.midpoint_day) for a, b in pairwise(moves)), year.day[-1]]
    levels = []
    for begin, end, middle in zip(begins, ends, middles, strict=True):
        stay = (year.day >= begin) & (year.day <= end)
        apart = np.abs(year.day - middle)
        days = stay if stay.any() else apart <= max(1.0, float(apart.min()))
        levels.append(float(np.median(year.displacement_m[days])))
    return levels


def _leg(year: AnimalYear, move: Move, change: tuple[float, float], days: slice, rules: SeasonRules) -> Leg | None:
    rise_m = change[1] - change[0]
    if rise_m * move.amplitude_m <= 0 or abs(rise_m) < rules.min_displacement_m:
        return None
    progress = (year.displacement_m[days] - change[0]) / rise_m
    crossing = _crossing(year.day[days], progress, move.midpoint_day)
    is_before = np.arange(len(progress)) < crossing
    at_origin, at_goal = is_before & (progress <= _NEAR), ~is_before & (progress >= 1 - _NEAR)
    if not at_origin.any() or not at_goal.any():
        return None
    lon, lat = year.longitude[days], year.latitude[days]
    origin, goal = (Stay.of(lon[stay], lat[stay]) for stay in (at_origin, at_goal))
    way_m = float(geodesic_distances(origin.longitude, origin.latitude, goal.longitude, goal.latitude))
    if way_m < rules.min_scatter_ratio * max(origin.spread_m, goal.spread_m):
        return None
    left = np.flatnonzero(is_before & (origin.distances(lon, lat) <= reach_m(origin, way_m, rules.level)))
    right = np.flatnonzero(~is_before & (goal.distances(lon, lat) <= reach_m(goal, way_m, rules.level)))
    first = days.start + (int(left[-1]) if left.size else 0)
    last = days.start + (int(right[0]) if right.size else len(progress) - 1)
    remark = _remark(year.day[first : last + 1], begun=not left.size, unfinished=not right.size)
    return Leg(first, last, days.start + crossing, move.midpoint_day, remark)


def reach_m(stay: Stay, way_m: float, level: float) -> float:
    """How far from the middle of a stay an animal may be and still be there, metres; see :func:`find_legs`."""
    return min(max(level * way_m, _REACH * stay.spread_m), _LONGEST_REACH * way_m)


def _crossing(day: Floats, progress: Floats, midpoint: float) -> int:
    # The first day of the second half of the move: of all passages through its middle, the one nearest in time.
    passages = np.flatnonzero((progress[:-1] < 0.5) & (progress[1:] >= 0.5)) + 1
    if not passages.size:
        return int(np.searchsorted(day, midpoint))
    return int(passages[np.abs(0.5 * (day[passages] + day[passages - 1]) - midpoint).argmin()])


def _remark(day: Floats, *, begun: bool, unfinished: bool) -> str:
    gap_days = int(np.diff(day).max(initial=1)) - 1
    remarks = (
        "; the track begins during the move" if begun else "",
        "; the track ends during the move" if unfinished else "",
        f"; {gap_days} days without fixes during the move" if gap_days >= _GAP_DAYS else "",
    )
    return "".join(remarks)
