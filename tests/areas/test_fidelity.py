"""Fidelity of animals to their own places."""

import numpy as np
import pytest
from pyproj import CRS

from wildways.areas import assess_fidelity
from wildways.model.errors import BadInput
from wildways.movement import Grid, kernel_density

GRID = Grid(CRS.from_epsg(32632), 500.0, 450_000, 5_050_000, 200, 200)


def trips(*, own_places, n_animals=6, n_trips=3, seed=0):
    rng = np.random.default_rng(seed)
    uds, animals = [], []
    for animal in range(n_animals):
        home = rng.uniform(-20_000, 20_000, 2)
        for _ in range(n_trips):
            place = home if own_places else rng.uniform(-20_000, 20_000, 2)
            x, y = (
                centre + at + rng.normal(0, 1500, 30) for centre, at in zip((500_000, 5_000_000), place, strict=True)
            )
            uds.append(kernel_density(x, y, grid=GRID, bandwidth_m=2000.0))
            animals.append(f"a{animal}")
    return uds, animals


def test_animals_that_return_to_their_own_places_are_found():
    found = assess_fidelity(*trips(own_places=True), rng=np.random.default_rng(1), n_permutations=199)
    assert found.p_value == pytest.approx(1 / 200)
    assert found.excess > 0.2
    assert found.within.size == 6 * 3
    assert found.within.size + found.between.size == 18 * 17 // 2


def test_animals_that_go_anywhere_are_not():
    found = assess_fidelity(*trips(own_places=False, seed=2), rng=np.random.default_rng(1), n_permutations=199)
    assert found.p_value > 0.05


def test_one_trip_an_animal_tells_nothing():
    uds, _ = trips(own_places=True, n_animals=3, n_trips=1)
    with pytest.raises(BadInput) as refused:
        assess_fidelity(uds, ["a", "b", "c"], rng=np.random.default_rng(0))
    assert refused.value.code == "fidelity-pairs"
