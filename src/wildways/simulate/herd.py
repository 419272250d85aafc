"""Simulated herds with known truth: where they go, when they leave and arrive, how much they jitter."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from wildways.model import MovementClass
from wildways.movement.displacement import BIO_YEAR_START
from wildways.movement.projection import choose_crs, unproject
from wildways.movement.seasons import season_names
from wildways.simulate.paths import (
    Corridor,
    Route,
    Timetable,
    lay_corridor,
    make_timetable,
    personal_route,
    scatter_home,
)
from wildways.simulate.specs import HerdSpec, MigrationSpec, RangeSpec

Floats = NDArray[np.float64]

TRUTH_COLUMNS = ("animal_id", "bio_year", "season", "start_utc", "end_utc", "movement_class")

_DAY_S = 86_400.0
_OUTLIER_M = (150_000, 600_000)


@dataclass(frozen=True, eq=False)
class SimulatedHerd:
    """What was simulated, and the truth it was simulated from."""

    spec: HerdSpec
    crs: CRS
    fixes: pd.DataFrame
    """Fixes as the science takes them, with ``algorithm_marked_outlier``; sorted by animal and time."""
    is_outlier: NDArray[np.bool_]
    """Which fixes were thrown off, marked or not; shape (n fixes,)."""
    windows: pd.DataFrame
    """True departures and arrivals: `TRUTH_COLUMNS`, one row a migration; a resident's years have no dates."""
    routes: gpd.GeoDataFrame
    """Way of each migrant without motion and error: ``animal_id`` and line, EPSG:4326."""

    @property
    def motion_variance_m2_per_s(self) -> float:
        """Variance of the Brownian motion along each axis, a second.

        Estimates from fixes an hour or less apart find it; from fixes farther apart they also hold the turns of the
        route.
        """
        return self.spec.motion_variance_m2_per_s


@dataclass(frozen=True, eq=False)
class _Animal:
    animal_id: str
    begin_s: float
    end_s: float
    death_s: float
    route: Route
    is_resident: bool


def simulate_herd(herd: HerdSpec, *, rng: np.random.Generator) -> SimulatedHerd:
    """Simulate a herd of migrating ungulates.

    Each animal has a home in an origin and in a goal and a route of its own between them along the shared trunk. It
    travels out and back every year by a timetable with pauses. Around that moving point it performs Brownian motion
    of the given variance, held back (Ornstein-Uhlenbeck) so that its spread is that of its home, or of the corridor,
    where it is; from one fix to the next it is Brownian. Fixes are taken at regular times with position error. Some are
    missing, some thrown off by hundreds of kilometres, some of those marked; a tag may go silent for days or
    outlive its animal.

    Parameters
    ----------
    herd : the specification
    rng : the only source of randomness; the same generator state gives the same herd

    Returns
    -------
    Fixes and truth.
    """
    points = [place.centre for place in (*herd.origins, *herd.goals)] + [point.position for point in herd.trunk]
    crs = choose_crs(*np.array(points).T)
    corridor = lay_corridor(herd, crs, rng)
    animals = [_make_animal(herd, number, corridor, crs, rng) for number in range(herd.n_animals)]
    tracks = [_track(herd, animal, crs, rng) for animal in animals]
    fixes = pd.concat([fixes for fixes, _, _ in tracks], ignore_index=True)
    truth = pd.DataFrame([row for _, rows, _ in tracks for row in rows], columns=list(TRUTH_COLUMNS))
    for column in ("start_utc", "end_utc"):
        truth[column] = pd.to_datetime(truth[column].astype("float64"), unit="s", utc=True).dt.as_unit("us")
    is_outlier = np.concatenate([outliers for _, _, outliers in tracks])
    return SimulatedHerd(herd, crs, fixes, is_outlier, truth, _routes(animals, crs))


def _make_animal(herd: HerdSpec, number: int, corridor: Corridor, crs: CRS, rng: np.random.Generator) -> _Animal:
    origin, goal = _pick(herd.origins, rng), _pick(herd.goals, rng)
    homes = (scatter_home(herd.origins[origin], crs, rng), scatter_home(herd.goals[goal], crs, rng))
    route = personal_route(corridor, origin, goal, homes, rng)
    begin_s = _epoch(herd.first_year + int(rng.integers(herd.n_start_years)), BIO_YEAR_START)
    begin_s += round(float(rng.uniform(0, 20))) * _DAY_S
    end_s = begin_s + float(rng.uniform(*herd.tracking_days)) * _DAY_S
    dies = rng.random() < herd.death_share
    death_s = end_s - float(rng.uniform(5, 60)) * _DAY_S if dies else end_s
    is_resident = number < round(herd.resident_share * herd.n_animals)
    return _Animal(f"{herd.name}-{number + 1:03d}", begin_s, end_s, death_s, route, is_resident)


def _track(
    herd: HerdSpec, animal: _Animal, crs: CRS, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[tuple[object, ...]], NDArray[np.bool_]]:
    interval_s = herd.fix_interval_h * 3600
    time_s = np.arange(animal.begin_s, animal.end_s, interval_s)
    trips = [] if animal.is_resident else _trips(herd, animal, rng)
    alive_s = np.minimum(time_s, animal.death_s)
    x, y, spread = _expected(herd, animal, trips, alive_s)
    east, north = (_held_brownian(spread, alive_s, herd.motion_variance_m2_per_s, rng) for _ in range(2))
    x, y = (c + rng.normal(0, herd.location_error_m, len(time_s)) for c in (x + east, y + north))
    is_outlier, is_marked = _outliers(herd, time_s < animal.death_s, rng)
    thrown_m, direction = rng.uniform(*_OUTLIER_M, is_outlier.sum()), rng.uniform(0, 2 * np.pi, is_outlier.sum())
    x[is_outlier] += thrown_m * np.sin(direction)
    y[is_outlier] += thrown_m * np.cos(direction)
    kept = _kept(herd, time_s, rng)
    longitude, latitude = unproject(x[kept], y[kept], crs)
    fixes = pd.DataFrame(
        {
            "animal_id": animal.animal_id,
            "time_utc": pd.to_datetime(time_s[kept], unit="s", utc=True).as_unit("us"),
            "longitude": longitude.round(7),
            "latitude": latitude.round(7),
            "algorithm_marked_outlier": pd.array(is_marked[kept], dtype="boolean"),
        }
    )
    return fixes, _truth(animal, trips, float(latitude.mean())), is_outlier[kept]


def _trips(herd: HerdSpec, animal: _Animal, rng: np.random.Generator) -> list[Timetable]:
    # Out and back for every biological year the animal sees; on the way back the route runs the other way.
    length_m = float(animal.route.along_m[-1])
    trips = []
    year = datetime.fromtimestamp(animal.begin_s, UTC).year
    while (departure_s := _departure(herd.outward, year, rng)) < animal.death_s:
        stops = [(stop.at, stop.days) for stop in herd.stopovers]
        out = make_timetable(herd.outward, stops, length_m, departure_s, rng)
        stops = [(1 - stop.at, 0.5 * stop.days) for stop in herd.stopovers]
        leave_s = max(_departure(herd.back, year, rng), float(out.time_s[-1]) + 40 * _DAY_S)
        back = make_timetable(herd.back, stops, length_m, leave_s, rng)
        trips += [out, Timetable(back.time_s, length_m - back.along_m)]
        year += 1
    return trips


def _expected(herd: HerdSpec, animal: _Animal, trips: list[Timetable], time_s: Floats) -> tuple[Floats, Floats, Floats]:
    along = np.zeros(len(time_s))
    for trip in trips:
        begun = time_s >= trip.time_s[0]
        along[begun] = trip.along(time_s[begun])
    x, y, spread = animal.route.at(along)
    is_home = (along == 0) | (along == animal.route.along_m[-1])
    return x, y, np.where(is_home, herd.home_sd_m, np.minimum(spread, herd.home_sd_m))


def _held_brownian(spread_m: Floats, time_s: Floats, variance: float, rng: np.random.Generator) -> Floats:
    # Ornstein-Uhlenbeck with diffusion `variance` and stationary spread `spread_m`, exact at the times given.
    lag_s = np.diff(time_s, prepend=time_s[0])
    decay = np.exp(-variance / (2 * spread_m**2) * lag_s)
    noise = spread_m * np.sqrt(1 - decay**2) * rng.standard_normal(len(time_s))
    noise[0] = spread_m[0] * rng.standard_normal()
    return np.asarray(_recurrence(decay, noise))


@numba.njit(cache=True, nogil=True)
def _recurrence(decay: Any, noise: Any) -> Any:  # pragma: no cover - compiled
    values = np.empty_like(noise)
    values[0] = noise[0]
    for i in range(1, len(noise)):
        values[i] = decay[i] * values[i - 1] + noise[i]
    return values


def _outliers(
    herd: HerdSpec, is_alive: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    draw = rng.random(len(is_alive))
    both = herd.marked_outlier_share + herd.unmarked_outlier_share
    is_outlier = is_alive & (draw < both)
    is_outlier[[0, -1]] = False
    is_outlier[1:] &= ~is_outlier[:-1]
    return is_outlier, is_outlier & (draw < herd.marked_outlier_share)


def _kept(herd: HerdSpec, time_s: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    kept = rng.random(len(time_s)) >= herd.missing_share
    if rng.random() < herd.gap_share:
        begin = rng.uniform(time_s[0], time_s[-1])
        kept &= (time_s < begin) | (time_s > begin + rng.uniform(3, 8) * _DAY_S)
    kept[[0, -1]] = True
    return kept


def _truth(animal: _Animal, trips: list[Timetable], latitude: float) -> list[tuple[object, ...]]:
    seen = [trip for trip in trips if trip.time_s[0] < animal.death_s]
    if not seen:
        year = datetime.fromtimestamp(animal.begin_s, UTC).year
        return [(animal.animal_id, year, "", np.nan, np.nan, str(MovementClass.RESIDENT))]
    rows: list[tuple[object, ...]] = []
    for out, back in zip(trips[::2], trips[1::2], strict=True):
        middles = [datetime.fromtimestamp(float(t.time_s[[0, -1]].mean()), UTC).date() for t in (out, back)]
        year = datetime.fromtimestamp(float(out.time_s[0]), UTC).year
        for trip, season in zip((out, back), season_names(middles, is_north=latitude >= 0), strict=True):
            start_s, end_s = float(trip.time_s[0]), float(trip.time_s[-1])
            if end_s <= animal.death_s:
                rows.append((animal.animal_id, year, str(season), start_s, end_s, str(MovementClass.MIGRANT)))
    return rows


def _routes(animals: list[_Animal], crs: CRS) -> gpd.GeoDataFrame:
    migrants = [animal for animal in animals if not animal.is_resident]
    lines = [
        shapely.linestrings(np.column_stack(unproject(animal.route.x_m, animal.route.y_m, crs))) for animal in migrants
    ]
    return gpd.GeoDataFrame({"animal_id": [animal.animal_id for animal in migrants]}, geometry=lines, crs="EPSG:4326")


def _pick(places: tuple[RangeSpec, ...], rng: np.random.Generator) -> int:
    shares = np.array([place.share for place in places])
    return int(rng.choice(len(places), p=shares / shares.sum()))


def _departure(migration: MigrationSpec, year: int, rng: np.random.Generator) -> float:
    scatter_days = float(np.clip(rng.normal(), -2.5, 2.5)) * migration.departure_sd_days
    return _epoch(year, migration.departure) + scatter_days * _DAY_S


def _epoch(year: int, month_day: tuple[int, int]) -> float:
    day = date(year, *month_day)
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
