"""Positions on the WGS 84 ellipsoid and on a plane: choice of projection, conversion, lengths of steps."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod, Transformer

from wildways.model import BadInput

Floats = NDArray[np.float64]

_GEOD = Geod(ellps="WGS84")
_NO_CENTRE = 1e-6


def choose_crs(longitude: ArrayLike, latitude: ArrayLike) -> CRS:
    """Choose an equal-area plane for a population.

    Lambert azimuthal equal-area on WGS 84, centred on the spherical mean of the positions (the sum of their unit
    vectors), which is safe at the antimeridian and the poles. The centre is rounded to 0.1 degree, so that a few more
    fixes seldom change the plane.

    Parameters
    ----------
    longitude, latitude : degrees, same shape

    Returns
    -------
    A CRS in metres.

    Raises
    ------
    BadInput : there is no position, one is missing or outside the globe, or they cancel out and have no centre
    """
    longitude, latitude = _checked(longitude, latitude)
    if longitude.size == 0:
        raise BadInput("positions-empty", "There is no position to centre a projection on.")
    lon, lat = np.radians(longitude), np.radians(latitude)
    from_axis = np.cos(lat)
    centre = np.array([np.mean(from_axis * np.cos(lon)), np.mean(from_axis * np.sin(lon)), np.mean(np.sin(lat))])
    if np.linalg.norm(centre) < _NO_CENTRE:
        raise BadInput(
            "positions-scattered",
            "The positions lie all around the globe and have no centre.",
            hint="Split them into populations, or name a CRS.",
        )
    east, north = (round(float(degrees), 1) + 0.0 for degrees in from_unit_vectors(centre))
    return _laea(-180.0 if east == 180.0 else east, north)


def project(longitude: ArrayLike, latitude: ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    """Convert degrees to metres of `crs`.

    Raises
    ------
    BadInput : a position is missing, outside the globe, or has no place on this plane
    """
    longitude, latitude = _checked(longitude, latitude)
    x_m, y_m = _transformer(crs).transform(longitude, latitude)
    x_m, y_m = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    lost = np.flatnonzero(~(np.isfinite(x_m) & np.isfinite(y_m)))
    if lost.size:
        where = f"{longitude.flat[lost[0]]}, {latitude.flat[lost[0]]}"
        raise BadInput("position-off-plane", f"The position {where} cannot be shown in {crs.name}.")
    return x_m, y_m


def unproject(x_m: ArrayLike, y_m: ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    """Convert metres of `crs` to degrees; longitudes are within -180…180."""
    longitude, latitude = _transformer(crs).transform(
        np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64), direction="INVERSE"
    )
    return np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)


def step_lengths(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
    """Geodesic lengths in metres of the steps between consecutive positions: one fewer than positions.

    References
    ----------
    Karney (2013), Journal of Geodesy 87, doi:10.1007/s00190-012-0578-z
    """
    longitude, latitude = _checked(longitude, latitude)
    return geodesic_distances(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])


def geodesic_distances(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> Floats:
    """Geodesic distances in metres from each position a to each position b; the arguments broadcast."""
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (lon_a, lat_a, lon_b, lat_b)))
    if arrays[0].size == 0:
        return np.zeros(arrays[0].shape)
    lon_a, lat_a, lon_b, lat_b = arrays
    return np.asarray(_GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2], dtype=np.float64)


def to_unit_vectors(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
    """Unit normals of the ellipsoid at the positions (…, 3): positions that can be averaged anywhere on the globe."""
    lon, lat = np.radians(np.asarray(longitude, np.float64)), np.radians(np.asarray(latitude, np.float64))
    return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=-1)


def from_unit_vectors(vectors: ArrayLike) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees of vectors (…, 3) of any length but zero."""
    x, y, z = np.moveaxis(np.asarray(vectors, dtype=np.float64), -1, 0)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def _checked(longitude: ArrayLike, latitude: ArrayLike) -> tuple[Floats, Floats]:
    longitude, latitude = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    if longitude.shape != latitude.shape:
        raise BadInput("positions-shape", f"There are {longitude.size} longitudes and {latitude.size} latitudes.")
    for name, values, limit in (("longitude", longitude, 360.0), ("latitude", latitude, 90.0)):
        wrong = values[~(np.abs(values) <= limit)]
        if wrong.size:
            raise BadInput("position-invalid", f"A {name} is {wrong.flat[0]}, which is outside -{limit:g}…{limit:g}.")
    return longitude, latitude


@lru_cache(maxsize=64)
def _laea(longitude: float, latitude: float) -> CRS:
    return CRS.from_proj4(f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m +no_defs +type=crs")


@lru_cache(maxsize=64)
def _transformer(crs: CRS) -> Transformer:
    return Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
