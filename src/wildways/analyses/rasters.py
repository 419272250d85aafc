"""Rasters as analyses leave them: GeoTIFF in the grid's own CRS."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from wildways.movement import Grid


def write_raster(path: Path, values: NDArray[Any], grid: Grid) -> None:
    """Write one band; zero means no data."""
    import rasterio

    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.n_columns,
        height=grid.n_rows,
        count=1,
        dtype=values.dtype,
        crs=grid.crs.to_wkt(),
        transform=grid.transform,
        nodata=0,
        compress="deflate",
    ) as raster:
        raster.write(values, 1)


def grid_bbox(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east, north of a grid in degrees."""
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*grid.bounds, densify_pts=21)
    return west, south, east, north
