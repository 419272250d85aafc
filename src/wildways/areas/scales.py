"""How wide to smooth the fixes of a colony's animals: candidate scales, each by another idea."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from wildways.areas._passage_kernels import passage_times
from wildways.model.errors import BadInput
from wildways.movement.bandwidth import MIN_POINTS, reference_bandwidth
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.projection import choose_crs, geodesic_distances, project

Floats = NDArray[np.float64]

_FARTHEST_KM = 200.0
_WIDEST_START_KM = 20.0
_LEAST_STEPS = ((20.0, 0.5, 0.25), (50.0, 1.0, 0.5), (100.0, 5.0, 0.75), (math.inf, 10.0, 0.9))
"""Radii up to the first ascend by the second, or by the quantile (third) of the trips' median steps if that is more."""
_STARTS_KM = (0.0, 21.0, 55.0, 100.0)


@dataclass(frozen=True)
class Scales:
    """Candidate widths of the kernel, metres; None where the data tell none.

    Parameters
    ----------
    range_m : median over trips of the greatest distance from the colony
    step_m : median over trips of their median step
    magnitude_m : logarithm of the range in kilometres, as kilometres
    reference_m : median over animals of `reference_bandwidth`
    search_m : scale of area-restricted search: median over animals of the least radius at which the variance of the
        logarithm of first-passage time peaks
    n_peaks : animals with such a peak
    """

    range_m: float
    step_m: float
    magnitude_m: float | None
    reference_m: float | None
    search_m: float | None
    n_peaks: int


def find_scales(trips: pd.DataFrame, summary: pd.DataFrame, *, crs: CRS | None = None) -> Scales:
    """Find candidate scales for the kernel of each animal's use of space.

    None is right for all: the magnitude suits short ranges seen in detail, the reference smooths several centres into
    one, the search scale needs animals that search areas and fixes dense enough to show it. Compare before choosing.

    Parameters
    ----------
    trips : as `split_trips` gives them, usually those that returned; times ascend strictly within an animal
    summary : as `summarise_trips` gives it for the same trips
    crs : in metres; by default equal-area around the fixes

    Raises
    ------
    BadInput : ``trips-empty``, and what `animal_bounds` raises

    References
    ----------
    Fauchald & Tveraa (2003), Ecology 84:282. Beal et al. (2021), Methods in Ecology and Evolution 12:2372,
    doi:10.1111/2041-210X.13713.
    """
    if trips.empty or summary.empty:
        raise BadInput("trips-empty", "There is no trip to find a scale from.", hint="Are the buffers too wide?")
    longitude, latitude = trips["longitude"].to_numpy(np.float64), trips["latitude"].to_numpy(np.float64)
    x, y = project(longitude, latitude, crs or choose_crs(longitude, latitude))
    time_s, bounds = epoch_seconds(trips), animal_bounds(trips)
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    steps_km = _median_steps_km(longitude, latitude, trips["trip_id"].to_numpy())
    range_km = float(summary["max_km"].median())
    widths = [reference_bandwidth(x[part], y[part]) for part in parts if part.stop - part.start >= MIN_POINTS]
    radii_km = search_radii(steps_km, float(summary["max_km"].max()))
    peaks = [first_peak(x[part], y[part], time_s[part], radii_km * 1000) for part in parts]
    found = [peak for peak in peaks if peak is not None]
    return Scales(
        range_m=range_km * 1000,
        step_m=float(np.median(steps_km)) * 1000,
        magnitude_m=math.log(range_km) * 1000 if range_km > 1 else None,
        reference_m=float(np.median(widths)) if widths else None,
        search_m=float(np.median(found)) if found else None,
        n_peaks=len(found),
    )


def search_radii(steps_km: Floats, farthest_km: float) -> Floats:
    """Radii of the circles around fixes, kilometres, finer where they are small; from the trips' median steps."""
    quarter = float(np.quantile(steps_km, 0.25))
    farthest, at = min(farthest_km, _FARTHEST_KM), min(max(0.5, quarter), _WIDEST_START_KM)
    radii: list[float] = []
    for (limit, least, share), start in zip(_LEAST_STEPS, _STARTS_KM, strict=True):
        begin, end = max(at, start), min(limit, farthest)
        step = max(least, float(np.quantile(steps_km, share)))
        if begin <= end:
            radii += list(begin + step * np.arange(math.floor((end - begin) / step + 1e-9) + 1))
    return np.unique(radii)


def first_peak(x_m: Floats, y_m: Floats, time_s: Floats, radii_m: Floats) -> float | None:
    """The least radius at which the variance of the logarithm of first-passage time is greater than at its neighbours.

    Parameters
    ----------
    x_m, y_m, time_s : shape (n,), one animal's fixes in time order, metres and seconds
    radii_m : shape (m,), ascending, metres

    Returns
    -------
    A radius in metres, None where no variance peaks.
    """
    seconds = passage_times(x_m, y_m, time_s, radii_m)
    known = np.isfinite(seconds) & (seconds > 0)
    count = known.sum(axis=0)
    logs = np.log(np.where(known, seconds, 1.0))
    mean = logs.sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(known, logs - mean, 0.0) ** 2).sum(axis=0)
    variance = np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)
    is_peak = (variance[1:-1] >= variance[:-2]) & (variance[1:-1] > variance[2:])
    at = np.flatnonzero(is_peak)
    return float(radii_m[at[0] + 1]) if at.size else None


def _median_steps_km(longitude: Floats, latitude: Floats, trip: NDArray[np.object_]) -> Floats:
    """Median step of each trip that has one, kilometres."""
    steps = geodesic_distances(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:]) / 1000
    bounds = [0, *(np.flatnonzero(trip[1:] != trip[:-1]) + 1), len(trip)]
    medians = [np.median(steps[a : b - 1]) for a, b in pairwise(bounds) if b - a > 1]
    return np.array(medians) if medians else np.zeros(1)
