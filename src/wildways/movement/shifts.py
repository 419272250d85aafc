"""Whether a range has shifted between two periods: its centre, its margins, its use. Animals are the replicates.

The null model says that the period does not matter: animals seen in one period only change places at random with such
animals of the other, and an animal seen in both exchanges its two at random. Every function asks for its source of
chance. A shift found is one of the animals tracked: another technology, place of capture or sex ratio shifts it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd
from pyproj import Geod

from wildways.model.errors import LimitReached
from wildways.movement._periods import (
    Codes,
    Floats,
    Shift,
    compare_periods,
    p_value,
    require_animals,
    shuffled,
    units_of,
)
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.projection import from_unit_vectors, to_unit_vectors

MAX_STACKED = 200_000_000
_WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True)
class RangeShift:
    """How a range moved from the first period to the second.

    Parameters
    ----------
    distance_m : geodesic, between the centres; its interval cannot reach zero, look at `p_value` instead
    bearing_deg : from the first centre to the second, clockwise from north; None where they are one
    first_centre, second_centre : longitude, latitude
    north_deg : of the centre's latitude, degrees
    margins_deg : of latitude, degrees, by quantile: southern and northern margin
    n_first, n_second, n_both : animals of each period, and of both
    """

    distance_m: Shift
    bearing_deg: float | None
    first_centre: tuple[float, float]
    second_centre: tuple[float, float]
    north_deg: Shift
    margins_deg: dict[float, Shift]
    n_first: int
    n_second: int
    n_both: int


@dataclass(frozen=True)
class UseShift:
    """How much the use of space of two periods differs, beyond what differs between animals anyway.

    Parameters
    ----------
    affinity : Bhattacharyya's, between the mean distributions of as many animals of each period
    expected : mean of it under the null model
    effect : the second less the first; above zero where periods differ more than animals do
    p_value : share of arrangements of the null model, the real one among them, as unlike
    n_compared : animals drawn of each period
    """

    affinity: float
    expected: float
    effect: float
    p_value: float
    n_compared: int


def range_shift(
    positions: pd.DataFrame,
    *,
    first: str,
    second: str,
    rng: np.random.Generator,
    quantiles: tuple[float, ...] = (0.05, 0.95),
    n_draws: int = 999,
) -> RangeShift:
    """Find how the centre and the margins of a range moved between two periods.

    An animal's centre is the spherical mean of its positions, the range's the spherical mean of its animals'. Margins
    are quantiles of latitude, each animal with the same weight however many positions it has.

    Parameters
    ----------
    positions : ``animal_id, period, longitude, latitude``, one row a position, WGS 84
    first, second : the periods compared; other rows are not used
    rng : source of bootstrap and null model
    quantiles : of latitude
    n_draws : for each of both

    Raises
    ------
    BadInput : ``shift-animals`` (fewer than three in a period), ``fixes-column``
    """
    units, unit, table = units_of(positions, first, second, ("longitude", "latitude"))
    vectors = to_unit_vectors(table["longitude"].to_numpy(), table["latitude"].to_numpy())
    sums = np.stack([np.bincount(unit, weights=vectors[:, k], minlength=len(units)) for k in range(3)], axis=1)
    centres = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    latitude = table["latitude"].to_numpy(np.float64)
    order = np.argsort(latitude, kind="stable")
    per_fix = 1 / np.bincount(unit, minlength=len(units))

    def compare(weights_first: Floats, weights_second: Floats) -> Floats:
        ends = [from_unit_vectors(weights @ centres) for weights in (weights_first, weights_second)]
        (lon_a, lat_a), (lon_b, lat_b) = ends
        distance_m = _WGS84.inv(lon_a, lat_a, lon_b, lat_b)[2]
        edges = [
            _weighted_quantiles(latitude[order], (weights * per_fix)[unit][order], quantiles)
            for weights in (weights_first, weights_second)
        ]
        return np.concatenate([[distance_m, lat_b - lat_a], edges[1] - edges[0]])

    shifts = compare_periods(units, compare, rng, n_draws)
    weights = [(units["period"] == code).to_numpy(np.float64) for code in (0, 1)]
    (lon_a, lat_a), (lon_b, lat_b) = (from_unit_vectors(each @ centres) for each in weights)
    azimuth = float(_WGS84.inv(lon_a, lat_a, lon_b, lat_b)[0]) % 360
    return RangeShift(
        distance_m=shifts[0],
        bearing_deg=azimuth if shifts[0].value > 0 else None,
        first_centre=(float(lon_a), float(lat_a)),
        second_centre=(float(lon_b), float(lat_b)),
        north_deg=shifts[1],
        margins_deg=dict(zip(quantiles, shifts[2:], strict=True)),
        **_animal_numbers(units),
    )


def use_shift(
    first: Mapping[str, UtilisationDistribution],
    second: Mapping[str, UtilisationDistribution],
    *,
    rng: np.random.Generator,
    n_draws: int = 200,
    n_permutations: int = 999,
) -> UseShift:
    """Find whether two periods' use of space differs more than that of animals shuffled between them.

    As many animals of each period are drawn, `n_draws` times, and their mean distributions compared.

    Parameters
    ----------
    first, second : a distribution of each animal, by its id, on windows of one grid, all by one method with one width
    rng : source of draws and null model
    n_draws, n_permutations : how many of each

    Raises
    ------
    BadInput : ``shift-animals``, ``grid-misaligned``
    LimitReached : ``shift-cells``, animals times cells are more than 200 million
    """
    names = pd.DataFrame({"animal": [*first, *second], "period": [0] * len(first) + [1] * len(second)})
    units = names.assign(animal=pd.factorize(names["animal"])[0])
    require_animals(units)
    masses = _stacked([*first.values(), *second.values()])
    n = min(len(first), len(second))

    def likeness(period: Codes) -> float:
        chosen = [rng.permutation(np.flatnonzero(period == code))[:n] for code in (0, 1)]
        f, g = (masses[rows].mean(axis=0) for rows in chosen)
        return float(np.sqrt(f * g).sum())

    actual = units["period"].to_numpy(np.intp)
    affinity = float(np.mean([likeness(actual) for _ in range(n_draws)]))
    null = np.array([likeness(shuffled(units, rng)) for _ in range(n_permutations)])
    expected = float(null.mean()) if null.size else float("nan")
    return UseShift(affinity, expected, expected - affinity, p_value(-null, -affinity), n)


def _weighted_quantiles(ascending: Floats, weight: Floats, quantiles: tuple[float, ...]) -> Floats:
    held = np.cumsum(weight)
    at = np.searchsorted(held, np.array(quantiles) * held[-1] * (1 - 1e-12))
    return np.asarray(ascending[np.minimum(at, ascending.size - 1)])


def _stacked(uds: list[UtilisationDistribution]) -> Floats:
    *_, grid = accumulate((ud.grid for ud in uds), Grid.union)
    if grid.n_cells * len(uds) > MAX_STACKED:
        raise LimitReached(
            "shift-cells", f"{len(uds)} animals on {grid.n_cells:,} cells are too many.", hint="Use larger cells."
        )
    masses = np.zeros((len(uds), *grid.shape))
    for k, ud in enumerate(uds):
        masses[k][grid.slices_of(ud.grid)] = ud.mass
    flat = masses.reshape(len(uds), -1)
    return np.asarray(flat[:, flat.any(axis=0)])


def _animal_numbers(units: pd.DataFrame) -> dict[str, int]:
    n_first, n_second = (int((units["period"] == code).sum()) for code in (0, 1))
    return {"n_first": n_first, "n_second": n_second, "n_both": n_first + n_second - units["animal"].nunique()}
