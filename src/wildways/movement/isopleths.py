"""Isopleths: the cells that hold a share of a distribution's volume, or that are a share of its area; and masks."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement.data_arrays import raster_to_xarray
from wildways.movement.distribution import UtilisationDistribution, smallest_window
from wildways.movement.grid import Grid
from wildways.movement.polygons import mask_to_polygons

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from xarray import DataArray

IsoplethCompat = Literal["MAPP", "adehabitatHR"] | None
IsoplethBasis = Literal["volume", "area"]
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Footprint:
    """The cells of a window that an animal used, or that are land, or sea.

    Parameters
    ----------
    grid : the window
    mask : shape ``grid.shape``, bool
    basis : what the isopleth that made it took a share of, ``"volume"`` or ``"area"``; the two differ widely.
        None where no one isopleth made it
    level : the share
    """

    grid: Grid
    mask: NDArray[np.bool_]
    basis: IsoplethBasis | None = None
    level: float | None = None

    def __post_init__(self) -> None:
        if self.mask.shape != self.grid.shape or self.mask.dtype != np.bool_:
            raise BadInput(
                "footprint-shape",
                f"The mask is {self.mask.dtype} of shape {self.mask.shape}; its grid has shape {self.grid.shape}.",
                hint="Give a boolean mask on its grid.",
            )

    @property
    def area_m2(self) -> float:
        """Area of the cells, square metres."""
        return int(self.mask.sum()) * self.grid.cell_area_m2

    def to_geodataframe(self, *, smoothing: int = 0) -> "GeoDataFrame":
        """The cells as one multipolygon: one row, ``basis, level, area_km2`` (of the cells), ``geometry``.

        Parameters
        ----------
        smoothing : how often corners of the outline are cut; 0 keeps the edges of the cells
        """
        from geopandas import GeoDataFrame

        outline = mask_to_polygons(self.mask, self.grid, min_part_m2=0, min_hole_m2=0, smoothing=smoothing)
        row = {"basis": [self.basis], "level": [self.level], "area_km2": [self.area_m2 / 1e6], "geometry": [outline]}
        return GeoDataFrame(row, geometry="geometry", crs=self.grid.crs)

    def to_xarray(self) -> "DataArray":
        """The mask with its coordinates and CRS, 1 where used: see `raster_to_xarray`.

        Raises
        ------
        NotFound : ``xarray-missing``
        """
        about = {"long_name": "used", "basis": self.basis, "level": self.level}
        return raster_to_xarray(self.mask.astype(np.uint8), self.grid, name="used", attributes=about)


def volume_isopleth(mass: NDArray[np.floating], level: float, *, compat: IsoplethCompat = None) -> NDArray[np.bool_]:
    """The fewest cells, heaviest first, that hold at least the share `level` of the mass.

    The cell that crosses the level is included; the level counts as reached within one part in 10¹². Cells of equal
    mass are taken in row-major order. Cells without mass are never included.

    Parameters
    ----------
    mass : any shape, zero or more, not all zero
    level : above 0, at most 1
    compat : ``"MAPP"`` gives the footprint of Migration Mapper 3, which leaves out the crossing cell and its equals;
        ``"adehabitatHR"`` leaves out the crossing cell

    Returns
    -------
    Boolean mask of the mass's shape.

    Raises
    ------
    BadInput : ``isopleth-level``, ``mass-values``, ``mass-none``
    """
    flat, heaviest_first = _ranked(mass, level)
    held = np.cumsum(flat[heaviest_first])
    crossing = int(np.searchsorted(held, held[-1] * level * (1 - _ROUNDING)))
    if compat == "MAPP":
        mask = np.asarray(flat > flat[heaviest_first[crossing]])
    else:
        mask = np.zeros(flat.size, dtype=np.bool_)
        mask[heaviest_first[: crossing + (compat is None)]] = True
    return mask.reshape(np.shape(mass))


def area_isopleth(mass: NDArray[np.floating], level: float) -> NDArray[np.bool_]:
    """The share `level` of the used area, heaviest cells first: an isopleth of area, not of volume.

    The top 10 % of the area usually hold far more than 10 % of the mass. Migration Mapper 3 calls this the contour of
    the “Area”, `volume_isopleth` that of the “Volume”.

    Parameters
    ----------
    mass : any shape, zero or more, not all zero
    level : above 0, at most 1, of the cells that hold any mass; the cell that crosses it is included

    Returns
    -------
    Boolean mask of the mass's shape.

    Raises
    ------
    BadInput : ``isopleth-level``, ``mass-values``, ``mass-none``
    """
    flat, heaviest_first = _ranked(mass, level)
    mask = np.zeros(flat.size, dtype=np.bool_)
    mask[heaviest_first[: math.ceil(heaviest_first.size * level * (1 - _ROUNDING))]] = True
    return mask.reshape(np.shape(mass))


def isopleth_area(
    ud: UtilisationDistribution, level: float, *, basis: IsoplethBasis = "volume", compat: IsoplethCompat = None
) -> float:
    """Area of an isopleth, square metres: its cells, not a polygon around them.

    Parameters
    ----------
    ud, level, basis, compat : as in `footprint_of`

    Raises
    ------
    BadInput : ``isopleth-level``, ``isopleth-basis``
    """
    return int(_isopleth(ud, level, basis, compat).sum()) * ud.grid.cell_area_m2


def trim_to_volume(ud: UtilisationDistribution, level: float = 0.9999) -> UtilisationDistribution:
    """The distribution without the cells outside its volume isopleth, scaled to sum 1, on the smaller window."""
    return ud.with_mass(np.where(volume_isopleth(ud.mass, level), ud.mass, 0.0))


def restrict_to(ud: UtilisationDistribution, where: Footprint) -> UtilisationDistribution:
    """The distribution on land, at sea, or wherever the animal can be: the rest of the mass is taken away.

    Do this before taking isopleths. What was taken away is said in ``mass_masked``, as a share of all mass there was.

    Parameters
    ----------
    ud : any distribution
    where : cells the animal can be in, on the same cells and at least as far as `ud` reaches

    Raises
    ------
    BadInput : ``grid-misaligned``, ``grid-outside`` (the mask does not cover the distribution), ``mass-none``
    """
    kept = np.where(where.mask[where.grid.slices_of(ud.grid)], ud.mass, 0.0)
    masked = 1 - (1 - ud.mass_masked) * float(kept.sum())
    return replace(ud.with_mass(kept), mass_masked=max(0.0, masked))


def footprint_of(
    ud: UtilisationDistribution,
    level: float = 0.99,
    *,
    basis: IsoplethBasis = "volume",
    compat: IsoplethCompat = None,
) -> Footprint:
    """The cells of a distribution's isopleth, on the smallest window that holds them.

    Parameters
    ----------
    ud : any distribution
    level : above 0, at most 1
    basis : ``"volume"`` (`volume_isopleth`) or ``"area"`` (`area_isopleth`)
    compat : as in `volume_isopleth`. With ``"adehabitatHR"`` the level is a share of all mass, that beyond the grid
        included, as that package does not scale it to 1

    Raises
    ------
    BadInput : ``isopleth-level``, ``isopleth-basis``
    """
    mask = _isopleth(ud, level, basis, compat)
    if not mask.any():
        return Footprint(ud.grid, mask, basis, level)
    grid, mask = smallest_window(ud.grid, mask)
    return Footprint(grid, mask, basis, level)


def _isopleth(
    ud: UtilisationDistribution, level: float, basis: IsoplethBasis, compat: IsoplethCompat
) -> NDArray[np.bool_]:
    if basis == "area":
        return area_isopleth(ud.mass, level)
    if basis != "volume":
        raise BadInput("isopleth-basis", f"The basis is “{basis}”; it must be “volume” or “area”.")
    if compat == "adehabitatHR":
        level = min(1.0, level / (1 - ud.mass_outside))
    return volume_isopleth(ud.mass, level, compat=compat)


def _ranked(mass: NDArray[np.floating], level: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The mass in one dimension, and its cells that are not empty, heaviest first."""
    if not 0 < level <= 1:
        raise BadInput(
            "isopleth-level", f"The level is {level}; it must be above 0 and at most 1.", hint="95 % is 0.95."
        )
    flat = np.asarray(mass, dtype=np.float64).ravel()
    if not np.isfinite(flat).all() or (flat < 0).any():
        raise BadInput("mass-values", "Mass must be finite and not negative.")
    used = np.flatnonzero(flat)
    if used.size == 0:
        raise BadInput("mass-none", "There is no mass to take a share of.")
    return flat, used[np.argsort(-flat[used], kind="stable")]
