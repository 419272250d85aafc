"""Polygons around cells."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import Grid, mask_to_polygons
from wildways.movement.polygons import find_parts

GRID = Grid(CRS.from_epsg(32612), 100.0, 1000.0, 5000.0, 7, 7)
masks = arrays(np.bool_, GRID.shape)


@settings(deadline=None)
@given(masks)
def test_unsmoothed_polygons_cover_exactly_the_cells(mask):
    polygons = mask_to_polygons(mask, GRID, min_part_m2=0, min_hole_m2=0)
    assert polygons.area == pytest.approx(mask.sum() * GRID.cell_area_m2)
    rows, columns = np.nonzero(mask)
    x, y = GRID.west_m + (columns + 0.5) * 100, GRID.north_m - (rows + 0.5) * 100
    assert shapely.contains_xy(polygons, x, y).all()


@settings(deadline=None)
@given(masks, st.integers(0, 4))
def test_polygons_are_valid_however_smooth(mask, smoothing):
    polygons = mask_to_polygons(mask, GRID, min_part_m2=0, min_hole_m2=0, smoothing=smoothing)
    assert polygons.is_valid
    assert polygons.geom_type == "MultiPolygon"
    assert polygons.is_empty == (not mask.any())


@settings(deadline=None)
@given(masks)
def test_smoothing_moves_an_outline_by_half_a_cell_at_most(mask):
    rough, smooth = (mask_to_polygons(mask, GRID, min_part_m2=0, min_hole_m2=0, smoothing=n) for n in (0, 3))
    assert smooth.difference(rough.buffer(50)).area < 1e-6
    assert rough.buffer(-50).difference(smooth).area < 1e-6


def test_cells_that_touch_at_a_corner_are_one_part():
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[0, 0] = mask[1, 1] = mask[4, 4] = True
    assert find_parts(mask, GRID, min_area_m2=0).n == 2
    assert len(mask_to_polygons(mask, GRID, smoothing=0).geoms) == 2
    assert len(mask_to_polygons(mask, GRID, smoothing=2).geoms) == 1


def test_small_parts_are_dropped_and_small_holes_filled():
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[0:5, 0:5] = True
    mask[2, 2] = False
    mask[6, 6] = True
    polygons = mask_to_polygons(mask, GRID)
    assert polygons.area == 25 * GRID.cell_area_m2
    assert mask_to_polygons(mask, GRID, min_part_m2=0, min_hole_m2=0).area == 25 * GRID.cell_area_m2


def test_a_hole_large_enough_stays():
    mask = np.ones(GRID.shape, dtype=bool)
    mask[2:4, 2:4] = False
    polygons = mask_to_polygons(mask, GRID)
    assert polygons.area == 45 * GRID.cell_area_m2
    assert len(polygons.geoms[0].interiors) == 1


def test_parts_know_their_area_and_sums():
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[0, 0:3] = mask[5:7, 5] = mask[3, 3] = True
    parts = find_parts(mask, GRID, min_area_m2=15_000)
    assert parts.n == 2
    assert parts.areas_m2.tolist() == [30_000, 20_000]
    assert parts.sums(np.ones(GRID.shape)).tolist() == [3, 2]


def test_a_mask_off_its_grid_is_refused():
    with pytest.raises(BadInput) as refused:
        mask_to_polygons(np.ones((2, 2), dtype=bool), GRID)
    assert refused.value.code == "footprint-shape"
