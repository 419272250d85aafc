"""Rasters read back from a release."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from tests.release.samples import write_raster
from wildways.model import Corrupt, Property
from wildways.release.rasters import write_cog

SHARE = Property(name="share", label={"en": "Share of time"}, unit="%")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_raster(tmp_path / "raster.tif")
    return tmp_path / "raster.tif"


def test_a_raster_is_published_as_a_cloud_optimised_geotiff(written_release: Path, source: Path) -> None:
    with (
        rasterio.open(written_release / "data" / "ungulates.sagebrush.use.tif") as cog,
        rasterio.open(source) as original,
    ):
        assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert cog.block_shapes == [(256, 256)]
        assert cog.overviews(1) == [2, 4]
        assert (cog.crs, cog.transform) == (original.crs, original.transform)
        assert np.isnan(cog.nodata)
        assert np.array_equal(cog.read(1), original.read(1), equal_nan=True)


def test_a_raster_tells_method_unit_and_licence(written_release: Path) -> None:
    with rasterio.open(written_release / "data" / "ungulates.sagebrush.use.tif") as cog:
        tags = cog.tags()
        assert (cog.units, cog.descriptions) == (("%",), ("Share of time",))
    assert "Brownian" in tags["method"]
    assert tags["licence"] == "CC-BY-4.0"
    assert "origin" not in tags


def test_the_extent_is_that_of_the_pixels_with_data(source: Path, tmp_path: Path) -> None:
    box = write_cog(source, tmp_path / "cog.tif", (SHARE,), {})
    assert box is not None
    corners = Transformer.from_crs(32612, 4326, always_xy=True).transform_bounds(700_000, 4_500_000, 850_000, 4_650_000)
    assert box == pytest.approx(corners, abs=1e-6)


def test_a_raster_without_data_has_no_extent(tmp_path: Path) -> None:
    profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "uint8", "nodata": 0}
    with rasterio.open(
        tmp_path / "r.tif", "w", crs="EPSG:32612", transform=rasterio.Affine(1, 0, 5, 0, -1, 5), **profile
    ) as raster:
        raster.write(np.zeros((1, 4, 4), "uint8"))
    assert write_cog(tmp_path / "r.tif", tmp_path / "cog.tif", (), {}) is None


def test_bands_that_are_missing_are_reported(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Corrupt) as error:
        write_cog(source, tmp_path / "cog.tif", (SHARE, SHARE), {})
    assert error.value.code == "product-bands"


def test_what_is_not_a_raster_is_reported(tmp_path: Path) -> None:
    (tmp_path / "r.tif").write_bytes(b"not a raster")
    with pytest.raises(Corrupt) as error:
        write_cog(tmp_path / "r.tif", tmp_path / "cog.tif", (SHARE,), {})
    assert error.value.code == "product-unreadable"
