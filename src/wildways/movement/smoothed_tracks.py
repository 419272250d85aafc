"""From an animal's fixes in degrees to smoothed positions in degrees, with the covariance of each."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Geod

from wildways.model.errors import BadInput
from wildways.movement.argos import normal_classes, position_covariance
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.projection import choose_crs, project, unproject
from wildways.movement.smoother import SmoothedTrack, fit_ctcrw, smooth
from wildways.movement.track import require_positive

Floats = NDArray[np.float64]

SMOOTHED_COLUMNS = (
    "animal_id",
    "time_utc",
    "longitude",
    "latitude",
    "variance_east_m2",
    "covariance_m2",
    "variance_north_m2",
    "in_gap",
)
ELLIPSE_COLUMNS = ("semi_major_m", "semi_minor_m", "ellipse_orientation_deg")

_GEOD = Geod(ellps="WGS84")
_PROBE_M = 100.0
_RADIUS_68_SDS = float(np.sqrt(-2 * np.log(1 - 0.68)))


def smooth_track(
    fixes: pd.DataFrame,
    *,
    step_s: float = 3600.0,
    estimate_error_scale: bool = False,
    crs: CRS | None = None,
    covariance_m2: Floats | None = None,
) -> pd.DataFrame:
    """Estimate where one animal was at regular times.

    The fixes are projected, a continuous-time correlated random walk is fitted to them (`fit_ctcrw`) and smoothed at
    all multiples of `step_s` since 1970 within the track; positions and covariances are brought back to degrees and to
    metres east and north, covariances by the local shape of the projection, so that neither its turn nor its stretch
    is left in them. Clean the fixes first, Argos positions by `sda_filter`: the model knows no outliers. O(n).

    Parameters
    ----------
    fixes : one row a fix of one animal, in time order: ``animal_id, time_utc, longitude, latitude``, and what there is
        of the error: ``location_class`` with ``semi_major_m``, ``semi_minor_m``, ``ellipse_orientation_deg``
        (see `position_covariance`), and for fixes without these ``uncertainty_m``, the radius that holds 68 % of
        positions. Fixes whose error is not known at all are not used
    step_s : seconds between the positions wanted
    estimate_error_scale : see `fit_ctcrw`
    crs : plane to work in, in metres; chosen by `choose_crs` where not given
    covariance_m2 : shape (n, 2, 2), m², east and north: the errors of the fixes where they are known better; infinite
        for a fix that is not to be used

    Returns
    -------
    One row a time: `SMOOTHED_COLUMNS`. ``in_gap`` marks positions inside a gap longer than a day and than five median
    lags: leave them out of use and crossing.

    Raises
    ------
    BadInput : as `animal_bounds`, `position_covariance` and `fit_ctcrw`; ``smoother-one-animal``;
        ``smoother-no-error``, no fix states its error; ``parameter``
    """
    step_s = require_positive("step_s", step_s)
    if len(animal_bounds(fixes)) > 2:
        raise BadInput(
            "smoother-one-animal",
            f"The fixes are of {fixes['animal_id'].nunique()} animals.",
            hint="Smooth one animal at a time.",
        )
    covariance = error_covariance(fixes) if covariance_m2 is None else np.asarray(covariance_m2, dtype=np.float64)
    is_known = np.asarray(np.isfinite(covariance).all(axis=(1, 2)))
    if not is_known.any():
        raise BadInput(
            "smoother-no-error",
            f"None of the {len(fixes)} fixes states how wrong it may be.",
            hint="They need location_class, the error ellipse or uncertainty_m.",
        )
    known = fixes.loc[is_known]
    longitude, latitude = known["longitude"].to_numpy(np.float64), known["latitude"].to_numpy(np.float64)
    crs = crs or choose_crs(longitude, latitude)
    track = (epoch_seconds(known), *project(longitude, latitude, crs))
    covariance = _turned(covariance[is_known], _shape(longitude, latitude, crs))
    fit = fit_ctcrw(*track, covariance, estimate_error_scale=estimate_error_scale)
    smoothed = smooth(fit, *track, covariance, at_s=_regular_times(track[0], step_s))
    return _frame(str(fixes["animal_id"].iloc[0]), smoothed, crs)


def error_covariance(fixes: pd.DataFrame) -> Floats:
    """Covariances of the errors that fixes state: ellipse, class, then radius; infinite where they state none.

    Parameters
    ----------
    fixes : as for `smooth_track`

    Returns
    -------
    float64, shape (n, 2, 2), m²: east and north, in that order.
    """
    n = len(fixes)
    classes = fixes["location_class"] if "location_class" in fixes else np.full(n, "", dtype=object)
    covariance = position_covariance(classes, *(_numbers(fixes, name) for name in ELLIPSE_COLUMNS))
    radius = _numbers(fixes, "uncertainty_m")
    is_given = (radius > 0) & (normal_classes(classes) == "") & ~np.isfinite(covariance).all(axis=(1, 2))
    covariance[is_given] = np.eye(2) * (radius[is_given, None, None] / _RADIUS_68_SDS) ** 2
    return covariance


def _numbers(fixes: pd.DataFrame, name: str) -> Floats:
    if name not in fixes:
        return np.full(len(fixes), np.nan)
    return fixes[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _shape(longitude: Floats, latitude: Floats, crs: CRS) -> Floats:
    # Metres in the plane of a metre to the east and one to the north, as columns.
    shape = np.empty((longitude.size, 2, 2))
    x, y = project(longitude, latitude, crs)
    for axis, azimuth in enumerate((90.0, 0.0)):
        there = _GEOD.fwd(longitude, latitude, np.full(longitude.size, azimuth), np.full(longitude.size, _PROBE_M))
        to_x, to_y = project(there[0], there[1], crs)
        shape[:, 0, axis], shape[:, 1, axis] = (to_x - x) / _PROBE_M, (to_y - y) / _PROBE_M
    return shape


def _turned(covariance: Floats, shape: Floats) -> Floats:
    turned = shape @ covariance @ shape.transpose(0, 2, 1)
    return np.asarray((turned + turned.transpose(0, 2, 1)) / 2)


def _regular_times(time_s: Floats, step_s: float) -> Floats:
    first, last = np.ceil(time_s[0] / step_s), np.floor(time_s[-1] / step_s)
    return np.asarray(np.arange(first, last + 1) * step_s)


def _frame(animal_id: str, smoothed: SmoothedTrack, crs: CRS) -> pd.DataFrame:
    longitude, latitude = unproject(smoothed.x_m, smoothed.y_m, crs)
    covariance = _turned(smoothed.covariance_m2, np.asarray(np.linalg.inv(_shape(longitude, latitude, crs))))
    columns = (
        np.full(longitude.size, animal_id, dtype=object),
        pd.to_datetime(np.round(smoothed.time_s * 1e6).astype(np.int64), unit="us", utc=True).as_unit("us"),
        longitude,
        latitude,
        covariance[:, 0, 0],
        covariance[:, 0, 1],
        covariance[:, 1, 1],
        smoothed.in_gap,
    )
    return pd.DataFrame(dict(zip(SMOOTHED_COLUMNS, columns, strict=True)))
