"""Rasters as xarray: coordinates, CRS, metadata, and back through files."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray
from pyproj import CRS

from tests.movement.tracks import brownian_track
from wildways.model import BadInput, NotFound
from wildways.movement import Grid, brownian_bridge, footprint_of, kernel_density, mean_distribution, raster_to_xarray

TRACK = brownian_track(60)
GRID = Grid.covering(*TRACK[:2], crs="EPSG:32612", cell_m=200, margin_m=5_000)


def test_a_distribution_keeps_mass_place_and_metadata() -> None:
    ud = brownian_bridge(*TRACK, grid=GRID)
    raster = ud.to_xarray()
    assert raster.name == "mass"
    assert float(raster.sum()) == pytest.approx(1)
    assert raster.dims == ("y", "x")
    assert raster.attrs["method"] == "brownian-bridge"
    assert raster.attrs["parameter_max_lag_s"] == 28_800
    assert raster.attrs["motion_variance_m2_per_s"] == ud.motion_variance_m2_per_s
    assert "parameter_compat" not in raster.attrs


def test_coordinates_are_centres_of_cells() -> None:
    ud = brownian_bridge(*TRACK, grid=GRID)
    raster = ud.to_xarray()
    row, column = np.unravel_index(ud.mass.argmax(), ud.mass.shape)
    x, y = ud.grid.west_m + 200 * (column + 0.5), ud.grid.north_m - 200 * (row + 0.5)
    assert float(raster.sel(x=x, y=y)) == ud.mass.max()
    assert raster.x.attrs["units"] == "m"
    assert (np.diff(raster.y) == -200).all()


def test_the_crs_is_found_where_readers_of_cf_look() -> None:
    raster = kernel_density(*TRACK[:2], grid=GRID).to_xarray()
    reference = raster.coords[raster.attrs["grid_mapping"]]
    assert CRS.from_cf(reference.attrs) == GRID.crs
    assert CRS.from_wkt(reference.attrs["spatial_ref"]) == GRID.crs
    west, x_step, _, north, _, y_step = (float(number) for number in reference.attrs["GeoTransform"].split())
    assert (west + x_step / 2, north + y_step / 2) == (float(raster.x[0]), float(raster.y[0]))


def test_attributes_are_what_netcdf_can_hold() -> None:
    ud = mean_distribution([brownian_bridge(*TRACK, grid=GRID), kernel_density(*TRACK[:2], grid=GRID, bandwidth_m=50)])
    assert ud.remarks
    held = (str, int, float, np.number)
    for attributes in (ud.to_xarray().attrs, ud.to_xarray().coords["spatial_ref"].attrs):
        assert all(isinstance(value, (*held, list)) for value in attributes.values())
        assert not any(isinstance(value, bool) for value in attributes.values())
    assert ud.remarks[0].code in ud.to_xarray().attrs["remarks"]


def test_a_footprint_is_a_raster_and_a_polygon_of_the_same_area() -> None:
    footprint = footprint_of(brownian_bridge(*TRACK, grid=GRID), 0.95)
    polygon = footprint.to_geodataframe()
    assert int(footprint.to_xarray().sum()) * GRID.cell_area_m2 == footprint.area_m2
    assert polygon.geometry.area.sum() == pytest.approx(footprint.area_m2)
    assert polygon.loc[0, ["basis", "level"]].tolist() == ["volume", 0.95]
    assert polygon["area_km2"][0] == pytest.approx(footprint.area_m2 / 1e6)
    assert polygon.crs == GRID.crs


def test_rasters_of_populations_are_labelled_too() -> None:
    counts = np.zeros(GRID.shape, dtype=np.uint16)
    raster = raster_to_xarray(
        counts, GRID, name="animals", attributes={"long_name": "animals", "rule": None, "ok": True}
    )
    assert raster.dtype == np.uint16
    assert raster.attrs == {"long_name": "animals", "ok": "True", "grid_mapping": "spatial_ref"}


def test_a_raster_beside_its_grid_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        raster_to_xarray(np.zeros((2, 2)), GRID, name="animals")
    assert refused.value.code == "raster-shape"


def test_without_xarray_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(NotFound) as refused:
        raster_to_xarray(np.zeros(GRID.shape), GRID, name="animals")
    assert refused.value.code == "xarray-missing"
    assert "wildways[science]" in refused.value.hint


def test_a_distribution_goes_through_netcdf_and_comes_back(tmp_path: Path) -> None:
    raster = brownian_bridge(*TRACK, grid=GRID).to_xarray()
    raster.to_netcdf(tmp_path / "ud.nc", engine="scipy")
    with xarray.open_dataarray(tmp_path / "ud.nc", engine="scipy", decode_coords="all") as back:
        assert np.array_equal(back, raster)
        assert back.encoding["grid_mapping"] == "spatial_ref"
        assert CRS.from_cf(back.coords["spatial_ref"].attrs) == GRID.crs
        assert back.attrs["input_hash"] == raster.attrs["input_hash"]
