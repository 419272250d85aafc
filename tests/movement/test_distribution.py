"""The contract of a utilisation distribution."""

import numpy as np
import pytest
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import Grid, UtilisationDistribution
from wildways.movement.distribution import smallest_window

GRID = Grid(CRS.from_epsg(32612), 100.0, 0.0, 300.0, 4, 3)


def test_its_mass_cannot_be_changed():
    ud = UtilisationDistribution(GRID, np.full(GRID.shape, 1 / 12), "test", {"a": 1})
    with pytest.raises(ValueError, match="read-only"):
        ud.mass[0, 0] = 1
    with pytest.raises(TypeError):
        ud.parameters["a"] = 2


def test_making_one_leaves_the_given_array_writeable():
    mass = np.full(GRID.shape, 1 / 12)
    UtilisationDistribution(GRID, mass, "test")
    mass[0, 0] = 0


def test_density_is_mass_by_area():
    ud = UtilisationDistribution(GRID, np.full(GRID.shape, 1 / 12), "test")
    assert ud.density_per_m2.sum() * GRID.cell_area_m2 == pytest.approx(1)


def test_other_mass_is_scaled_and_cut_to_where_it_is():
    ud = UtilisationDistribution(GRID, np.full(GRID.shape, 1 / 12), "test", n_fixes=7)
    mass = np.zeros(GRID.shape)
    mass[1, 2:] = [1, 3]
    other = ud.with_mass(mass)
    assert other.grid == GRID.window(1, 2, 1, 2)
    assert other.mass.tolist() == [[0.25, 0.75]]
    assert other.n_fixes == 7


@pytest.mark.parametrize(
    ("mass", "code"),
    [
        (np.full((3, 3), 1 / 9), "mass-shape"),
        (np.full((3, 4), 0.2), "mass-sum"),
        (np.full((3, 4), np.nan), "mass-values"),
        (np.array([[-1, 2, 0, 0], [0] * 4, [0] * 4]), "mass-values"),
    ],
)
def test_what_is_no_distribution_is_refused(mass, code):
    with pytest.raises(BadInput) as refused:
        UtilisationDistribution(GRID, mass, "test")
    assert refused.value.code == code


def test_nothing_has_no_smallest_window():
    with pytest.raises(BadInput) as refused:
        smallest_window(GRID, np.zeros(GRID.shape))
    assert refused.value.code == "mass-none"
