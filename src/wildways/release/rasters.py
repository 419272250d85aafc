"""Rasters as they are published: declared bands as a cloud optimised GeoTIFF."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wildways.model import Corrupt, Place, Property
from wildways.release.extent import Box
from wildways.release.texts import in_language

BLOCK = 256


def write_cog(source: Path, file: Path, properties: tuple[Property, ...], about: Mapping[str, str]) -> Box | None:
    """Copy the declared bands of a raster into a cloud optimised GeoTIFF, with overviews, units and `about` as tags.

    Only pixels, CRS, grid and nodata value are taken from `source`; whatever else it holds stays behind.

    Parameters
    ----------
    properties : one for each band that is published, in order; none means the first band alone

    Returns
    -------
    The box around the pixels that hold data, in degrees, or None where none does

    Raises
    ------
    Corrupt : not a raster, without CRS, or with fewer bands than declared
    """
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy

    try:
        with rasterio.open(source) as raster:
            bands = list(range(1, max(1, len(properties)) + 1))
            _check(raster, source, len(bands))
            pixels = raster.read(bands)
            profile = {
                "driver": "GTiff",
                "count": len(bands),
                "dtype": raster.dtypes[0],
                "width": raster.width,
                "height": raster.height,
                "crs": raster.crs,
                "transform": raster.transform,
                "nodata": _nodata(raster),
            }
    except RasterioError as error:
        raise Corrupt(
            "product-unreadable", f"The raster of a product cannot be read: {error}.", place=Place(source)
        ) from error
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(pixels)
            plain.update_tags(**about)
            for band, declared in zip(bands, properties, strict=False):
                plain.set_band_description(band, in_language(declared.label, "en"))
                plain.set_band_unit(band, declared.unit)
            box = _box_of_data(plain)
        averaged = np.issubdtype(pixels.dtype, np.floating)
        options: dict[str, Any] = {
            "compress": "DEFLATE",
            "level": 9,
            "predictor": "YES",
            "blocksize": BLOCK,
            "resampling": "AVERAGE" if averaged else "NEAREST",
            "bigtiff": "IF_SAFER",
        }
        copy(memory.name, file, driver="COG", **options)
    return box


def _check(raster: Any, source: Path, n_bands: int) -> None:
    if raster.crs is None:
        raise Corrupt("product-crs", "The raster of a product has no CRS.", place=Place(source))
    if raster.count < n_bands:
        message = f"The product declares {n_bands} bands, its raster has {raster.count}."
        raise Corrupt("product-bands", message, hint="Build the atlas again.", place=Place(source))


def _nodata(raster: Any) -> float | None:
    if raster.nodata is not None or not np.issubdtype(np.dtype(raster.dtypes[0]), np.floating):
        return raster.nodata  # type: ignore[no-any-return]
    return float("nan")


def _box_of_data(raster: Any) -> Box | None:
    from rasterio.warp import transform_bounds

    mask = raster.dataset_mask() > 0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    column, row = np.meshgrid([columns[0], columns[-1] + 1], [rows[0], rows[-1] + 1])
    grid = raster.transform
    x, y = grid.a * column + grid.b * row + grid.c, grid.d * column + grid.e * row + grid.f
    west, south, east, north = transform_bounds(raster.crs, "EPSG:4326", x.min(), y.min(), x.max(), y.max())
    return west, south, east, north
