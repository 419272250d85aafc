"""Rasters as xarray holds them: cell centres in metres, the CRS by the CF conventions, metadata as attributes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput, NotFound
from wildways.movement.grid import Grid

if TYPE_CHECKING:
    from xarray import DataArray

GRID_MAPPING = "spatial_ref"
"""The coordinate that holds the CRS, as rioxarray, GDAL and QGIS look for it."""

_AXES = {"x": "projection_x_coordinate", "y": "projection_y_coordinate"}


def raster_to_xarray(
    values: NDArray[Any], grid: Grid, *, name: str, attributes: Mapping[str, object] | None = None
) -> "DataArray":
    """Label a raster with its coordinates and its CRS.

    Parameters
    ----------
    values : shape ``grid.shape``; the array keeps its memory, nothing is copied
    grid : what they lie on
    name : of the variable
    attributes : metadata; what is None is left out, what netCDF cannot hold becomes text

    Returns
    -------
    Dimensions ``y, x``: centres of cells, metres, y descending; the scalar coordinate ``spatial_ref`` holds the CRS and
    the transform. rioxarray and ``to_netcdf`` take it as it is.

    Raises
    ------
    BadInput : ``raster-shape``
    NotFound : ``xarray-missing``

    Examples
    --------
    >>> import numpy
    >>> grid = Grid.covering([0, 200], [0, 100], crs="EPSG:3035", cell_m=100)
    >>> raster = raster_to_xarray(numpy.ones(grid.shape), grid, name="animals")
    >>> raster.dims, raster.x.values.tolist(), raster.spatial_ref.attrs["grid_mapping_name"]
    (('y', 'x'), [50.0, 150.0, 250.0], 'lambert_azimuthal_equal_area')
    """
    if np.shape(values) != grid.shape:
        raise BadInput("raster-shape", f"The raster has shape {np.shape(values)}, its grid {grid.shape}.")
    try:
        import xarray
    except ImportError as error:
        raise NotFound(
            "xarray-missing", "Labelled rasters need xarray.", hint="Install it: pip install 'wildways[science]'."
        ) from error
    coords = {axis: (axis, centres, _axis_attributes(axis)) for axis, centres in _centres(grid).items()}
    attrs = {key: _plain(value) for key, value in (attributes or {}).items() if value is not None}
    return xarray.DataArray(
        values,
        dims=("y", "x"),
        coords={**coords, GRID_MAPPING: ((), 0, _crs_attributes(grid))},
        name=name,
        attrs={**attrs, "grid_mapping": GRID_MAPPING},
    )


def _centres(grid: Grid) -> dict[str, NDArray[np.float64]]:
    rows, columns = np.arange(grid.n_rows), np.arange(grid.n_columns)
    y, x = grid.north_m - grid.cell_m * (rows + 0.5), grid.west_m + grid.cell_m * (columns + 0.5)
    return {"y": y.astype(np.float64), "x": x.astype(np.float64)}


def _axis_attributes(axis: str) -> dict[str, str]:
    return {"standard_name": _AXES[axis], "axis": axis.upper(), "units": "m"}


def _crs_attributes(grid: Grid) -> dict[str, Any]:
    wkt = grid.crs.to_wkt()
    transform = " ".join(repr(float(number)) for number in grid.transform.to_gdal())
    return {**grid.crs.to_cf(), "crs_wkt": wkt, "spatial_ref": wkt, "GeoTransform": transform}


def _plain(value: object) -> object:
    is_held = isinstance(value, str | int | float | np.number) and not isinstance(value, bool)
    return value if is_held else str(value)
