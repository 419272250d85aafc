"""Volume isopleths and footprints."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import (
    Footprint,
    Grid,
    UtilisationDistribution,
    area_isopleth,
    footprint_of,
    isopleth_area,
    restrict_to,
    trim_to_volume,
    volume_isopleth,
)

GRID = Grid(CRS.from_epsg(32612), 100.0, 0.0, 300.0, 4, 3)
GRID_3 = Grid(CRS.from_epsg(32612), 100.0, 0.0, 200.0, 3, 2)
MASS = np.array([[0.0, 0.05, 0.1, 0.0], [0.0, 0.2, 0.4, 0.1], [0.0, 0.05, 0.1, 0.0]])
masses = arrays(np.float64, (5, 6), elements=st.floats(0, 1)).filter(lambda mass: mass.sum() > 1e-3)
levels = st.floats(0.01, 1.0)


def a_distribution(mass=MASS) -> UtilisationDistribution:
    return UtilisationDistribution(GRID, mass, "test", n_fixes=5)


def test_the_crossing_cell_is_included():
    assert volume_isopleth(MASS, 0.39).sum() == 1
    assert volume_isopleth(MASS, 0.41).sum() == 2
    assert volume_isopleth(MASS, 0.6).sum() == 2


def test_equal_cells_are_taken_in_row_major_order():
    mask = volume_isopleth(MASS, 0.75)
    assert mask.tolist() == [
        [False, False, True, False],
        [False, True, True, True],
        [False, False, False, False],
    ]


def test_cells_without_mass_are_never_included():
    assert volume_isopleth(MASS, 1.0).sum() == 7


def test_a_level_is_not_missed_by_rounding():
    assert volume_isopleth(np.full(10, 0.1), 0.8).sum() == 8


def test_one_cell_above_the_level_is_enough():
    assert volume_isopleth(np.array([0.0, 1.0]), 0.01).tolist() == [False, True]


def test_migration_mapper_leaves_out_the_crossing_cell_and_its_equals():
    assert volume_isopleth(MASS, 0.75, compat="MAPP").sum() == 2
    assert volume_isopleth(MASS, 0.3, compat="MAPP").sum() == 0


@given(masses, levels)
def test_an_isopleth_holds_its_share_and_no_cell_too_many(mass, level):
    mask = volume_isopleth(mass, level)
    total = mass.sum()
    assert mass[mask].sum() >= level * total * (1 - 1e-9)
    assert mass[mask].sum() - mass[mask].min() <= level * total * (1 + 1e-9)
    if not mask.all():
        assert mass[mask].min() >= mass[~mask].max()


@given(masses, levels, levels)
def test_isopleths_are_nested(mass, one, other):
    narrow, wide = sorted((one, other))
    assert not (volume_isopleth(mass, narrow) & ~volume_isopleth(mass, wide)).any()


@given(masses, levels, st.floats(0.5, 2))
def test_scaling_all_mass_changes_nothing_beyond_ties(mass, level, factor):
    here, there = volume_isopleth(mass, level), volume_isopleth(mass * factor, level)
    assert abs(int(here.sum()) - int(there.sum())) <= 1


@pytest.mark.parametrize(
    ("mass", "level", "code"),
    [
        (MASS, 0, "isopleth-level"),
        (MASS, 95, "isopleth-level"),
        (MASS, float("nan"), "isopleth-level"),
        (np.zeros(3), 0.5, "mass-none"),
        (np.array([1, np.nan]), 0.5, "mass-values"),
        (np.array([1.0, -1.0]), 0.5, "mass-values"),
    ],
)
def test_what_has_no_isopleth_is_refused(mass, level, code):
    with pytest.raises(BadInput) as refused:
        volume_isopleth(mass, level)
    assert refused.value.code == code


def test_area_is_that_of_the_cells():
    assert isopleth_area(a_distribution(), 0.6) == 20_000


def test_trimming_zeroes_the_rest_and_scales():
    trimmed = trim_to_volume(a_distribution(), 0.6)
    assert trimmed.grid == GRID.window(1, 1, 1, 2)
    np.testing.assert_allclose(trimmed.mass, [[1 / 3, 2 / 3]])
    assert trimmed.n_fixes == 5


def test_a_footprint_is_an_isopleth_on_its_smallest_window():
    footprint = footprint_of(a_distribution(), 0.6)
    assert footprint.grid == GRID.window(1, 1, 1, 2)
    assert footprint.mask.all()
    assert footprint.area_m2 == 20_000


def test_a_footprint_off_its_grid_is_refused():
    with pytest.raises(BadInput):
        Footprint(GRID, np.ones((2, 2), dtype=bool))
    with pytest.raises(BadInput):
        Footprint(GRID, np.ones(GRID.shape))


def test_isopleths_of_area_are_shares_of_the_used_cells():
    mass = np.array([[0.7, 0.1, 0.1], [0.06, 0.04, 0.0]])
    assert area_isopleth(mass, 0.2).tolist() == [[True, False, False], [False, False, False]]
    assert area_isopleth(mass, 0.21).sum() == 2
    assert area_isopleth(mass, 1.0).sum() == 5
    assert volume_isopleth(mass, 0.2).sum() == 1


def test_a_footprint_says_what_it_took_a_share_of():
    ud = UtilisationDistribution(GRID_3, np.array([[0.7, 0.1, 0.1], [0.06, 0.04, 0.0]]), "test")
    volume, area = footprint_of(ud, 0.9), footprint_of(ud, 0.9, basis="area")
    assert (volume.basis, volume.level, volume.mask.sum()) == ("volume", 0.9, 3)
    assert (area.basis, area.level, area.mask.sum()) == ("area", 0.9, 5)
    assert isopleth_area(ud, 0.9, basis="area") == 5 * GRID_3.cell_area_m2
    with pytest.raises(BadInput) as refused:
        footprint_of(ud, 0.9, basis="mass")
    assert refused.value.code == "isopleth-basis"


def test_adehabitat_leaves_out_the_crossing_cell_and_counts_what_lies_beyond_the_grid():
    ud = UtilisationDistribution(GRID_3, np.array([[0.5, 0.2, 0.1], [0.1, 0.1, 0.0]]), "test", mass_outside=0.1)
    assert isopleth_area(ud, 0.5, compat="adehabitatHR") == GRID_3.cell_area_m2
    assert isopleth_area(ud, 0.5) == GRID_3.cell_area_m2
    assert isopleth_area(ud, 0.55, compat="adehabitatHR") == GRID_3.cell_area_m2
    assert isopleth_area(ud, 0.55) == 2 * GRID_3.cell_area_m2


def test_a_mask_takes_mass_away_and_says_how_much():
    ud = UtilisationDistribution(GRID_3, np.array([[0.5, 0.2, 0.1], [0.1, 0.1, 0.0]]), "test")
    land = Footprint(GRID_3, np.array([[True, True, False], [True, True, True]]))
    once = restrict_to(ud, land)
    assert once.mass_masked == pytest.approx(0.1)
    assert once.mass.sum() == pytest.approx(1)
    assert once.mass[0, 0] == pytest.approx(0.5 / 0.9)
    twice = restrict_to(once, Footprint(GRID_3, np.array([[True, False, False], [True, True, True]])))
    assert twice.mass_masked == pytest.approx(0.3)
    for where, code in (
        (Footprint(GRID_3, np.zeros((2, 3), np.bool_)), "mass-none"),
        (Footprint(GRID_3.window(0, 0, 1, 3), np.ones((1, 3), np.bool_)), "grid-outside"),
    ):
        with pytest.raises(BadInput) as refused:
            restrict_to(ud, where)
        assert refused.value.code == code
