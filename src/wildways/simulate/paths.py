"""The ways of simulated animals: smooth personal routes along a shared trunk, and timetables along them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from scipy.interpolate import CubicSpline

from wildways.movement.projection import project
from wildways.simulate.specs import HerdSpec, LonLat, MigrationSpec, RangeSpec

Floats = NDArray[np.float64]

_SAMPLES = 600
_DAY_S = 86_400.0


@dataclass(frozen=True, eq=False)
class Route:
    """A smooth way: metres along it, positions, and the width of the corridor; shape (n,) each."""

    along_m: Floats
    x_m: Floats
    y_m: Floats
    width_m: Floats

    def at(self, along_m: Floats) -> tuple[Floats, Floats, Floats]:
        """Position and width at distances from the beginning."""
        x, y, width = (np.interp(along_m, self.along_m, values) for values in (self.x_m, self.y_m, self.width_m))
        return x, y, width


@dataclass(frozen=True, eq=False)
class Timetable:
    """When an animal is where on its route: knots of time, joined by smooth acceleration."""

    time_s: Floats
    along_m: Floats

    def along(self, time_s: Floats) -> Floats:
        """Distance from the beginning of the route at each time."""
        knot = np.clip(np.searchsorted(self.time_s, time_s, side="right") - 1, 0, len(self.time_s) - 2)
        span = self.time_s[knot + 1] - self.time_s[knot]
        share = np.clip((time_s - self.time_s[knot]) / span, 0, 1)
        smooth = share**2 * (3 - 2 * share)
        return np.asarray(self.along_m[knot] + smooth * (self.along_m[knot + 1] - self.along_m[knot]))


@dataclass(frozen=True, eq=False)
class Corridor:
    """The shared ways of a herd: points (n, 3) of x, y and width in metres, from origin to goal."""

    trunk: Floats
    to_trunk: list[Floats]
    """From each origin."""
    from_trunk: list[Floats]
    """To each goal."""


def lay_corridor(herd: HerdSpec, crs: CRS, rng: np.random.Generator) -> Corridor:
    """Lay out trunk and branches of a herd, with meanders."""
    positions = _metres([point.position for point in herd.trunk], crs)
    corners = np.column_stack((positions, [point.width_m for point in herd.trunk]))
    trunk = _winding(corners, herd.meander_m, rng)
    to_trunk = [_branch(place, corners[0], herd.meander_m, crs, rng)[::-1] for place in herd.origins]
    return Corridor(trunk, to_trunk, [_branch(place, corners[-1], herd.meander_m, crs, rng) for place in herd.goals])


def personal_route(
    corridor: Corridor, origin: int, goal: int, homes: tuple[Floats, Floats], rng: np.random.Generator
) -> Route:
    """The route of one animal: home, branch, trunk, branch, home, with its own habit of keeping to one side."""
    middle = np.vstack((corridor.to_trunk[origin], corridor.trunk, corridor.from_trunk[goal]))
    aside = 0.8 * rng.normal(0, 1, 2) + 0.6 * rng.normal(0, 1, (len(middle), 2))
    widths = np.concatenate(([middle[0, 2]], middle[:, 2], [middle[-1, 2]]))
    return _smooth(np.vstack((homes[0], middle[:, :2] + 0.7 * middle[:, 2:] * aside, homes[1])), widths)


def scatter_home(place: RangeSpec, crs: CRS, rng: np.random.Generator) -> Floats:
    """A home in a range: (2,) metres."""
    return np.asarray(_metres([place.centre], crs)[0] + rng.normal(0, place.spread_m, 2))


def make_timetable(
    migration: MigrationSpec,
    stops: list[tuple[float, float]],
    length_m: float,
    departure_s: float,
    rng: np.random.Generator,
) -> Timetable:
    """Travel from 0 to `length_m` from `departure_s` on, pausing at `stops` (share of the way, mean days)."""
    speed_mps = migration.km_per_day * 1_000 / _DAY_S * rng.uniform(0.8, 1.25)
    times, alongs = [departure_s], [0.0]
    for share, days in sorted(stops):
        place = length_m * float(np.clip(share + rng.normal(0, 0.015), 0.02, 0.98))
        if place <= alongs[-1]:
            continue
        times.append(times[-1] + (place - alongs[-1]) / speed_mps)
        alongs.append(place)
        times.append(times[-1] + max(0.2, rng.exponential(days)) * _DAY_S)
        alongs.append(place)
    times.append(times[-1] + (length_m - alongs[-1]) / speed_mps)
    alongs.append(length_m)
    return Timetable(np.array(times), np.array(alongs))


def _metres(positions: list[LonLat], crs: CRS) -> Floats:
    lon, lat = np.array(positions, dtype=np.float64).T
    return np.column_stack(project(lon, lat, crs))


def _winding(corners: Floats, meander_m: float, rng: np.random.Generator) -> Floats:
    points = []
    for begin, end in pairwise(corners):
        length_m = np.hypot(*(end - begin)[:2])
        across = np.array([begin[1] - end[1], end[0] - begin[0]]) / length_m
        for share in (0.0, 0.33, 0.67):
            point = begin + share * (end - begin)
            offset = 0.0 if share == 0 else float(np.clip(rng.normal(0, meander_m), -0.2 * length_m, 0.2 * length_m))
            points.append([*(point[:2] + offset * across), point[2]])
    return np.array([*points, corners[-1]])


def _branch(place: RangeSpec, end: Floats, meander_m: float, crs: CRS, rng: np.random.Generator) -> Floats:
    # From the trunk's end to the range, without both: the homes themselves take the range's place.
    positions = np.vstack((end[:2], _metres([*place.via, place.centre], crs)))
    widths = np.linspace(end[2], 0.6 * place.spread_m, len(positions))
    return _winding(np.column_stack((positions, widths)), meander_m, rng)[1:-1]


def _smooth(points: Floats, widths: Floats) -> Route:
    chord = np.sqrt(np.hypot(*np.diff(points, axis=0).T))
    knots = np.concatenate(([0.0], np.cumsum(np.maximum(chord, 1.0))))
    sampled = np.linspace(0, knots[-1], _SAMPLES)
    x, y = CubicSpline(knots, points)(sampled).T
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    return Route(along, x, y, np.interp(sampled, knots, widths))
