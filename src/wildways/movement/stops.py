"""Stops of travelling animals, and the legs between them. Fixes in, frames out."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement._stop_kernels import last_within
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.projection import from_unit_vectors, geodesic_distances, to_unit_vectors
from wildways.movement.quality_rules import rules_for

Floats = NDArray[np.float64]

STOP_COLUMNS = ("animal_id", "start_utc", "end_utc", "longitude", "latitude", "n_fixes")
LEG_COLUMNS = ("animal_id", "start_utc", "end_utc", "displacement_m")

_EARTH_M = 6_371_008.8
_MOST_BEGINNINGS = 24


@dataclass(frozen=True)
class StopRules:
    """What a stop is, and how far apart two must be for a leg of migration between them."""

    diameter_m: float = 30_000
    """Of the circle that an animal does not leave during a stop, metres."""
    min_stay_h: float = 24
    """Shortest stop, hours."""
    max_gap_h: float = 72
    """A longer time without fixes ends a stop: no fixes are no evidence of staying."""
    min_leg_m: float | None = None
    """Least way between the stops before and after a leg; None: a fifth of the greatest way between two of the
    animal's stops."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not (value > 0 and np.isfinite(value)):
                raise BadInput("stop-rules", f"{name} is {value}; it must be greater than 0.")


def stop_rules_for(taxon: str) -> StopRules:
    """The rules of a taxon's group, from ``data/stop_rules.toml``; experts' defaults, to be confirmed."""
    table = _table()
    return StopRules(**table["groups"].get(rules_for(taxon).id, table["default"]))


def find_stops(fixes: pd.DataFrame, rules: StopRules | None = None) -> pd.DataFrame:
    """Find where animals stopped on their way.

    A stop is a run of fixes that a circle of ``diameter_m`` holds, as long as it can be, lasting at least
    ``min_stay_h``. Runs are looked for from the beginning of a track on; of those that begin within the shortest stay
    after the first, the longest is taken, and the next begins after its end. Sizes are those in an azimuthal
    equidistant plane about the first fix of a run: 0.01 % off in a circle of 150 km.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; only usable ones
    rules : default :class:`StopRules`; see :func:`stop_rules_for`

    Returns
    -------
    One row a stop: `STOP_COLUMNS`; the position is the mean of its fixes on the sphere; sorted like the fixes.
    """
    rules = rules or StopRules()
    rows: list[tuple[int, int]] = []
    if len(fixes):
        bounds, time_s = animal_bounds(fixes), epoch_seconds(fixes)
        vectors = to_unit_vectors(fixes["longitude"], fixes["latitude"])
        for begin, end in pairwise(bounds):
            rows += _runs(vectors, time_s, int(begin), int(end), rules)
    return _stop_frame(fixes, rows)


def migration_legs(stops: pd.DataFrame, rules: StopRules | None = None) -> pd.DataFrame:
    """The ways between successive stops of an animal that are far enough apart to be legs of migration.

    Returns
    -------
    One row a leg: `LEG_COLUMNS`; from the end of a stop to the beginning of the next, and the distance between them.
    """
    rules = rules or StopRules()
    rows: list[tuple[object, ...]] = []
    for animal, own in stops.groupby("animal_id", sort=False):
        lon, lat = own["longitude"].to_numpy(), own["latitude"].to_numpy()
        way_m = np.asarray(geodesic_distances(lon[:-1], lat[:-1], lon[1:], lat[1:]))
        least_m = rules.min_leg_m if rules.min_leg_m is not None else 0.2 * _widest(lon, lat)
        is_leg = (way_m >= least_m) & (way_m > 0)
        ends, starts = own["end_utc"].iloc[:-1][is_leg], own["start_utc"].iloc[1:][is_leg]
        rows += zip([animal] * int(is_leg.sum()), ends, starts, way_m[is_leg], strict=True)
    frame = pd.DataFrame(rows, columns=list(LEG_COLUMNS))
    for column in ("start_utc", "end_utc"):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    return frame.astype({"displacement_m": "float64", "animal_id": stops["animal_id"].dtype})


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("wildways.movement").joinpath("data/stop_rules.toml").read_text(encoding="utf-8"))


def _runs(vectors: Floats, time_s: Floats, begin: int, end: int, rules: StopRules) -> list[tuple[int, int]]:
    # Ends where the next fix is too long after; a run never goes over such an end.
    is_gap = np.diff(time_s[begin:end]) > rules.max_gap_h * 3600
    breaks = begin + np.append(np.flatnonzero(is_gap) + 1, end - begin)
    runs = []
    first = begin
    for stretch_end in (int(each) for each in breaks):
        while first < stretch_end and time_s[stretch_end - 1] - time_s[first] >= rules.min_stay_h * 3600:
            run = _longest(vectors, time_s, first, stretch_end, rules)
            if run is None:
                first += 1
            else:
                runs.append(run)
                first = run[1] + 1
        first = stretch_end
    return runs


def _longest(vectors: Floats, time_s: Floats, first: int, end: int, rules: StopRules) -> tuple[int, int] | None:
    # The run from `first`, or one that begins later but within the shortest stay, before which an animal arrives.
    last = _last(vectors, first, end, rules)
    if time_s[last] - time_s[first] < rules.min_stay_h * 3600:
        return None
    later = np.flatnonzero(time_s[first : last + 1] - time_s[first] <= rules.min_stay_h * 3600)[1:] + first
    picked = later[:: -(-len(later) // _MOST_BEGINNINGS)] if len(later) else later
    runs = [(first, last), *((int(begin), _last(vectors, int(begin), end, rules)) for begin in picked)]
    return max(runs, key=lambda run: time_s[run[1]] - time_s[run[0]])


def _last(vectors: Floats, first: int, end: int, rules: StopRules) -> int:
    # No later than the first fix that lies farther from the first than the circle is wide.
    left = np.linalg.norm(vectors[first:end] - vectors[first], axis=1) * _EARTH_M > rules.diameter_m
    bound = int(left.argmax()) if left.any() else end - first
    return first + int(last_within(*_plane(vectors[first : first + bound]), 0, bound, rules.diameter_m / 2))


def _plane(vectors: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of the first position, azimuthal equidistant on the sphere."""
    up = vectors[0]
    east = np.cross([0.0, 0.0, 1.0] if abs(up[2]) < 0.9 else [1.0, 0.0, 0.0], up)
    east /= np.linalg.norm(east)
    north = np.cross(up, east)
    x, y = vectors @ east, vectors @ north
    sine = np.hypot(x, y)
    scale = np.where(sine > 0, np.arctan2(sine, vectors @ up) / np.where(sine > 0, sine, 1.0), 1.0) * _EARTH_M
    return x * scale, y * scale


def _widest(lon: Floats, lat: Floats) -> float:
    if len(lon) < 2:
        return 0.0
    return max(float(np.max(geodesic_distances(a, b, lon, lat))) for a, b in zip(lon, lat, strict=True))


def _stop_frame(fixes: pd.DataFrame, rows: list[tuple[int, int]]) -> pd.DataFrame:
    first, last = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    sums = np.zeros((len(fixes) + 1, 3))
    if len(fixes):
        sums[1:] = np.cumsum(to_unit_vectors(fixes["longitude"], fixes["latitude"]), axis=0)
    lon, lat = from_unit_vectors(sums[last + 1] - sums[first])
    return pd.DataFrame(
        {
            "animal_id": fixes["animal_id"].to_numpy()[first],
            "start_utc": fixes["time_utc"].iloc[first].array,
            "end_utc": fixes["time_utc"].iloc[last].array,
            "longitude": lon,
            "latitude": lat,
            "n_fixes": last - first + 1,
        }
    )
