"""Overlap indices against closed forms of Gaussians, and the distance mass must go."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.special import ndtr

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid, kernel_density
from wildways.movement.overlap import overlap, transport_distance

GRID = Grid(CRS.from_epsg(32632), 100.0, 480_000, 5_020_000, 400, 400)
SIGMA = 2000.0


def gaussian(east_m=0.0, *, sigma=SIGMA, grid=GRID):
    return kernel_density([500_000 + east_m], [5_000_000.0], grid=grid, bandwidth_m=sigma)


@pytest.mark.parametrize("apart", [0.5, 1.5, 3.0])
def test_two_equal_gaussians_overlap_as_their_formulas_say(apart):
    found = overlap(gaussian(), gaussian(apart * SIGMA))
    affinity = math.exp(-(apart**2) / 8)
    assert found.affinity == pytest.approx(affinity, abs=1e-4)
    assert found.intersection == pytest.approx(2 * ndtr(-apart / 2), abs=1e-4)
    assert found.hellinger == pytest.approx(math.sqrt(2 - 2 * affinity), abs=1e-4)


def test_gaussians_of_different_width():
    affinity = 2 * 1 * 2 / (1**2 + 2**2)
    assert overlap(gaussian(sigma=1000), gaussian(sigma=2000)).affinity == pytest.approx(affinity, abs=2e-3)


def test_a_distribution_overlaps_itself_wholly():
    one = gaussian()
    found = overlap(one, one)
    assert found.affinity == pytest.approx(1)
    assert found.intersection == pytest.approx(1)
    assert found.hellinger == 0
    assert found.udoi == pytest.approx(-2 * math.log(0.05) / 4, rel=1e-3)
    assert found.area_of_first == found.area_of_second == 1
    assert found.use_of_first == pytest.approx(0.95, abs=1e-3)


def test_distributions_far_apart_do_not_overlap_even_on_windows_that_do_not():
    left, right = gaussian(-12_000, sigma=500), gaussian(12_000, sigma=500)
    assert left.grid.bounds[2] < right.grid.bounds[0]
    found = overlap(left, right)
    assert found.affinity == found.intersection == found.udoi == found.use_of_first == found.area_of_first == 0
    assert found.hellinger == pytest.approx(math.sqrt(2))


def test_both_directions_are_told_apart():
    wide, narrow = gaussian(), gaussian(sigma=500)
    found = overlap(wide, narrow)
    assert found.area_of_second == 1
    assert found.area_of_first == pytest.approx((500 / SIGMA) ** 2, rel=0.02)
    assert found.use_of_second > 0.999
    assert found.use_of_first < 0.2


def test_conditional_overlap_reaches_at_most_the_level():
    one = gaussian()
    found = overlap(one, one, level=0.5, is_conditional=True)
    assert found.affinity == pytest.approx(0.5, abs=1e-3)
    assert found.intersection == pytest.approx(0.5, abs=1e-3)
    less = overlap(one, gaussian(1000), level=0.5, is_conditional=True)
    assert less.affinity < overlap(one, gaussian(1000), level=0.5).affinity


def test_compat_takes_mass_beyond_the_grid_as_missing():
    grid = Grid(CRS.from_epsg(32632), 100.0, 498_000, 5_002_000, 40, 40)
    one = kernel_density([500_000.0], [5_000_000.0], grid=grid, bandwidth_m=SIGMA, compat="adehabitatHR")
    assert overlap(one, one, level=0.3, compat="adehabitatHR").affinity == pytest.approx(1 - one.mass_outside)
    assert overlap(one, one, level=0.3).affinity == pytest.approx(1)
    with pytest.raises(BadInput) as refused:
        overlap(one, one, compat="other")
    assert refused.value.code == "compat-unknown"


@settings(max_examples=20, deadline=None)
@given(st.floats(-8000, 8000), st.floats(600, 3000), st.floats(0.1, 0.99), st.booleans())
def test_indices_are_symmetric_and_bounded(east_m, sigma, level, is_conditional):
    one, other = gaussian(), gaussian(east_m, sigma=sigma)
    there = overlap(one, other, level=level, is_conditional=is_conditional)
    back = overlap(other, one, level=level, is_conditional=is_conditional)
    assert there.affinity == pytest.approx(back.affinity)
    assert there.area_of_first == pytest.approx(back.area_of_second)
    assert there.use_of_first == pytest.approx(back.use_of_second)
    assert 0 <= there.intersection <= there.affinity + 1e-12 <= 1 + 2e-12
    if not is_conditional:
        assert there.hellinger**2 == pytest.approx(2 - 2 * there.affinity, abs=1e-9)


def test_mass_goes_as_far_as_the_distribution_moved():
    assert transport_distance(gaussian(), gaussian(9000)) == pytest.approx(9000, rel=0.01)
    assert transport_distance(gaussian(), gaussian()) == pytest.approx(0, abs=1e-6)


def test_transport_limits_are_named():
    with pytest.raises(LimitReached):
        transport_distance(gaussian(), gaussian(), max_cells=10_000)
    with pytest.raises(BadInput):
        transport_distance(gaussian(), gaussian(), max_cells=0)


def test_grids_must_share_their_cells():
    other = Grid(GRID.crs, 150.0, 480_000, 5_020_000, 300, 300)
    with pytest.raises(BadInput) as refused:
        overlap(gaussian(), gaussian(grid=other))
    assert refused.value.code == "grid-misaligned"
    assert np.isfinite(gaussian(grid=other).mass).all()
