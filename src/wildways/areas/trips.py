"""Trips from a central place: which fixes lie on one, how long and far each went, whether it came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod

from wildways.model.errors import BadInput
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.projection import geodesic_distances, to_unit_vectors

Position = tuple[float, float]
Colony = Position | Mapping[str, Position]
Floats = NDArray[np.float64]

TRIP_COLUMNS = (
    "trip_id",
    "animal_id",
    "n_fixes",
    "start_utc",
    "end_utc",
    "duration_h",
    "total_km",
    "max_km",
    "direction_deg",
    "returned",
)

_WGS84 = Geod(ellps="WGS84")
_LEAST_CURVED_M = 6_400_000.0
"""No normal section of the ellipsoid is curved less than a circle of this radius: a bound of distances."""


@dataclass(frozen=True)
class TripRules:
    """What counts as a trip.

    Parameters
    ----------
    inner_m : an animal farther than this from its colony is on a trip
    return_m : a trip that ends, without a fix back at the colony, nearer than this has returned all the same
    min_duration : shorter absences are no trips
    max_gap : a longer time without a fix ends a trip

    Raises
    ------
    BadInput : ``trip-rules``
    """

    inner_m: float = 15_000.0
    return_m: float = 45_000.0
    min_duration: timedelta = timedelta(hours=12)
    max_gap: timedelta = timedelta(days=365)

    def __post_init__(self) -> None:
        if not 0 < self.inner_m <= self.return_m < np.inf:
            raise BadInput(
                "trip-rules",
                f"The buffers are {self.inner_m} and {self.return_m} m.",
                hint="Both must be above zero, and the return buffer no smaller than the inner one.",
            )
        if self.min_duration < timedelta(0) or self.max_gap <= timedelta(0):
            raise BadInput("trip-rules", "The shortest duration and the longest gap must not be negative.")


def split_trips(fixes: pd.DataFrame, colony: Colony, rules: TripRules | None = None) -> pd.DataFrame:
    """Find the fixes on trips: runs outside the inner buffer, with the fix back inside that ends them.

    Parameters
    ----------
    fixes : one row a fix, ``animal_id, time_utc, longitude, latitude``, WGS 84, sorted by animal and time
    colony : longitude, latitude of the central place in degrees; or of each animal's nest, by ``animal_id``
    rules : what counts as a trip

    Returns
    -------
    The rows on trips, in order, with three columns more: ``trip_id`` (the animal's and the number of its trip),
    ``colony_m`` (geodesic distance from the colony) and ``returned``.

    Raises
    ------
    BadInput : ``colony-position``, ``colony-missing`` (an animal without nest), and what `animal_bounds` raises

    References
    ----------
    Lascelles et al. (2016), Diversity and Distributions 22:422, doi:10.1111/ddi.12411. Beal et al. (2021), Methods in
    Ecology and Evolution 12:2372, doi:10.1111/2041-210X.13713.
    """
    rules = rules or TripRules()
    bounds = animal_bounds(fixes)
    first_of_animal = np.zeros(len(fixes) + 1, dtype=np.bool_)
    first_of_animal[bounds] = True
    distance_m = _colony_distances(fixes, colony, rules.inner_m)
    time_s = epoch_seconds(fixes)
    cut = first_of_animal[:-1] | (np.diff(time_s, prepend=-np.inf) > rules.max_gap.total_seconds())
    start, stop = _runs(distance_m >= rules.inner_m, cut)
    long_enough = time_s[stop - 1] - time_s[start] >= rules.min_duration.total_seconds()
    start, stop = start[long_enough], stop[long_enough]
    rows = _rows_of(start, stop)
    lengths = stop - start
    trips = fixes.iloc[rows].reset_index(drop=True)
    trips["trip_id"] = np.repeat(_names(fixes["animal_id"].to_numpy()[start], start, bounds), lengths)
    trips["colony_m"] = distance_m[rows]
    trips["returned"] = np.repeat(distance_m[stop - 1] < rules.return_m, lengths)
    return trips


def nearest_colonies(fixes: pd.DataFrame, colonies: Sequence[Position]) -> dict[str, Position]:
    """The colony of each animal: the one to which the median distance of its fixes is least.

    Parameters
    ----------
    fixes : ``animal_id, longitude, latitude``, one row a fix
    colonies : longitude, latitude of each, at least one

    Raises
    ------
    BadInput : ``colony-missing``, ``colony-position``
    """
    if not colonies:
        raise BadInput("colony-missing", "No colony is given.", hint="Give the longitude and latitude of at least one.")
    places = [_checked(place) for place in colonies]
    if len(places) == 1:
        return {str(animal): places[0] for animal in fixes["animal_id"].unique()}
    longitude, latitude = fixes["longitude"].to_numpy(np.float64), fixes["latitude"].to_numpy(np.float64)
    distances = pd.DataFrame({k: geodesic_distances(*place, longitude, latitude) for k, place in enumerate(places)})
    nearest = distances.groupby(fixes["animal_id"].to_numpy()).median().idxmin(axis=1)
    return {str(animal): places[int(k)] for animal, k in nearest.items()}


def summarise_trips(trips: pd.DataFrame, colony: Colony) -> pd.DataFrame:
    """One row a trip.

    The way is summed from the colony to the first fix and on to the last. The direction is the azimuth from the colony
    to the farthest fix. A trip that did not return has no duration.

    Parameters
    ----------
    trips : as `split_trips` gives them
    colony : the same as there

    Returns
    -------
    `TRIP_COLUMNS`: durations in hours, distances in kilometres, direction in degrees clockwise from north.
    """
    if trips.empty:
        return pd.DataFrame({name: [] for name in TRIP_COLUMNS})
    start = _starts(trips["trip_id"].to_numpy())
    stop = np.append(start[1:], len(trips))
    longitude, latitude = trips["longitude"].to_numpy(np.float64), trips["latitude"].to_numpy(np.float64)
    distance_m = trips["colony_m"].to_numpy(np.float64)
    step_m = np.empty(len(trips))
    step_m[1:] = geodesic_distances(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    step_m[start] = distance_m[start]
    firsts = trips.iloc[start].reset_index(drop=True)
    lasts = trips.iloc[stop - 1].reset_index(drop=True)
    farthest = np.array([a + int(np.argmax(distance_m[a:b])) for a, b in zip(start, stop, strict=True)])
    home_lon, home_lat = _colony_of(firsts["animal_id"], colony)
    azimuth = _WGS84.inv(home_lon, home_lat, longitude[farthest], latitude[farthest])[0]
    hours = (lasts["time_utc"] - firsts["time_utc"]).dt.total_seconds() / 3600
    return pd.DataFrame(
        {
            "trip_id": firsts["trip_id"],
            "animal_id": firsts["animal_id"],
            "n_fixes": stop - start,
            "start_utc": firsts["time_utc"],
            "end_utc": lasts["time_utc"],
            "duration_h": hours.where(firsts["returned"]),
            "total_km": np.add.reduceat(step_m, start) / 1000,
            "max_km": distance_m[farthest] / 1000,
            "direction_deg": np.asarray(azimuth) % 360.0,
            "returned": firsts["returned"],
        }
    )


def _colony_distances(fixes: pd.DataFrame, colony: Colony, inner_m: float) -> Floats:
    """Geodesic distances, but for fixes plainly inside the inner buffer whose successors are too: less than it."""
    longitude, latitude = fixes["longitude"].to_numpy(np.float64), fixes["latitude"].to_numpy(np.float64)
    home_lon, home_lat = (np.broadcast_to(part, longitude.shape) for part in _colony_of(fixes["animal_id"], colony))
    here = to_unit_vectors(longitude, latitude)
    few = slice(1) if isinstance(colony, tuple) else slice(None)
    home = to_unit_vectors(home_lon[few], home_lat[few])
    chord = np.sqrt(((here - home) ** 2).sum(axis=1))
    distance_m = 2 * np.arcsin(np.minimum(chord / 2, 1)) * _LEAST_CURVED_M
    exact = distance_m >= inner_m
    exact[1:] |= exact[:-1].copy()
    distance_m[exact] = geodesic_distances(home_lon[exact], home_lat[exact], longitude[exact], latitude[exact])
    return np.asarray(distance_m)


def _colony_of(animals: pd.Series, colony: Colony) -> tuple[Floats, Floats]:
    if isinstance(colony, Mapping):
        missing = sorted(set(animals.unique()) - set(colony))
        if missing:
            raise BadInput(
                "colony-missing",
                f"There is no nest for animal “{missing[0]}”, and {len(missing)} in all.",
                hint="Give a position for every animal, or one colony.",
            )
        places = {name: _checked(place) for name, place in colony.items()}
        names, codes = animals.unique(), pd.factorize(animals)[0]
        each = np.array([places[str(name)] for name in names], dtype=np.float64).reshape(-1, 2)[codes]
        return each[:, 0], each[:, 1]
    longitude, latitude = _checked(colony)
    return np.full(len(animals), longitude), np.full(len(animals), latitude)


def _checked(place: Position) -> Position:
    longitude, latitude = place
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise BadInput(
            "colony-position", f"The colony is at {longitude}, {latitude}.", hint="Give longitude, then latitude."
        )
    return float(longitude), float(latitude)


def _runs(outside: NDArray[np.bool_], cut: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First row of each run outside, and the row after the fix that ends it: the one back inside, if there is one."""
    before = np.concatenate(([False], outside[:-1])) & ~cut
    after = np.concatenate((outside[1:] & ~cut[1:], [False]))
    start, last = np.flatnonzero(outside & ~before), np.flatnonzero(outside & ~after)
    follows = np.append(~cut[1:], False)[last]
    return start, last + 1 + follows


def _rows_of(start: NDArray[np.intp], stop: NDArray[np.intp]) -> NDArray[np.intp]:
    lengths = stop - start
    offsets = np.cumsum(lengths) - lengths
    return np.repeat(start - offsets, lengths) + np.arange(int(lengths.sum()))


def _names(animals: NDArray[np.object_], start: NDArray[np.intp], bounds: NDArray[np.int64]) -> NDArray[np.object_]:
    animal = np.searchsorted(bounds, start, side="right")
    first = np.searchsorted(animal, animal)
    number = np.arange(start.size) - first + 1
    return np.array([f"{name}_{n:02d}" for name, n in zip(animals, number, strict=True)], dtype=object)


def _starts(names: NDArray[np.object_]) -> NDArray[np.intp]:
    return np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
