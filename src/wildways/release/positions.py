"""Whether geometries show recorded positions. Pure; arrays in, answer out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DECIMALS = 7
"""Degrees are compared to 1e-7, a centimetre: nothing computed falls on a fix by chance, a copied fix does."""


def shows_any(geometry: NDArray[np.object_], longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> bool:
    """Whether any vertex of `geometry` is one of the positions.

    Parameters
    ----------
    geometry : shapely geometries in degrees, shape (n,)
    longitude, latitude : the positions in degrees, shape (m,)
    """
    import shapely

    vertices = shapely.get_coordinates(geometry)
    return bool(np.isin(_keys(vertices[:, 0], vertices[:, 1]), _keys(longitude, latitude)).any())


def _keys(longitude: NDArray[Any], latitude: NDArray[Any]) -> NDArray[np.int64]:
    """One number for each position, equal where positions are equal to the decimals that count; 180 W is 180 E."""
    scale = 10**DECIMALS
    x = np.round((longitude + 180) % 360 * scale).astype(np.int64) % (360 * scale)
    y = np.round((latitude + 90) * scale).astype(np.int64)
    keys: NDArray[np.int64] = x * (180 * scale + 1) + y
    return keys
