"""Our bridge in compat mode against the R package BBMM 3.0: mule deer MD344, spring 2009, 487 fixes, 250 m cells."""

import json

import numpy as np
import pytest

from wildways.movement import UtilisationDistribution, brownian_bridge, isopleth_area, volume_isopleth

pytestmark = pytest.mark.peers

VARIANCE_M2_PER_MIN = 965.352361243377


@pytest.fixture(scope="module")
def grid(reference):
    return reference.grid("bbmm_MD344_spring.tif")


@pytest.fixture(scope="module")
def ud(reference, grid) -> UtilisationDistribution:
    track = reference.tracks("input_MD344_spring.csv")
    return brownian_bridge(track["x"], track["y"], track["time_s"], grid=grid, time_step_s=600.0, compat="BBMM")


@pytest.fixture(scope="module")
def theirs(reference, grid) -> UtilisationDistribution:
    return UtilisationDistribution(grid, reference.raster("bbmm_MD344_spring.tif"), "BBMM 3.0")


def test_the_motion_variance_is_theirs(ud):
    assert ud.motion_variance_m2_per_s * 60 == pytest.approx(VARIANCE_M2_PER_MIN, rel=1e-3)


def test_the_distribution_is_theirs(ud, theirs, grid):
    ours = np.zeros(grid.shape)
    ours[grid.slices_of(ud.grid)] = ud.mass
    assert 0.5 * np.abs(ours - theirs.mass).sum() < 1e-6


@pytest.mark.parametrize("level", [0.50, 0.75, 0.90, 0.95, 0.99])
def test_the_areas_of_isopleths_are_theirs(ud, theirs, level):
    assert abs(isopleth_area(ud, level) - isopleth_area(theirs, level)) <= ud.grid.cell_area_m2


def test_the_areas_are_within_one_row_of_cells_of_those_bbmm_prints(ud, shared):
    """BBMM finds its contours by optimisation, not by sorting, so its own areas differ by a few cells."""
    result = json.loads((shared / "reference/bbmm_MD344_spring.json").read_text())["result"]
    for level, area_km2 in zip(result["contour_levels"], result["area_km2"], strict=True):
        columns_used = np.flatnonzero(volume_isopleth(ud.mass, level / 100).any(axis=0))
        one_row_m2 = (columns_used[-1] - columns_used[0] + 1) * ud.grid.cell_area_m2
        assert abs(isopleth_area(ud, level / 100) - area_km2 * 1e6) <= one_row_m2
