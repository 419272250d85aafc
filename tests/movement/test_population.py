"""From sequences to animals to a population."""

import numpy as np
import pytest
from pyproj import CRS

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import (
    Footprint,
    Grid,
    Remark,
    UtilisationDistribution,
    animal_footprint,
    coarsened,
    count_footprints,
    mean_distribution,
    population,
    union_of_footprints,
)

GRID = Grid(CRS.from_epsg(32612), 100.0, 0.0, 600.0, 6, 6)


def uniform(row, column, n_rows, n_columns, **record) -> UtilisationDistribution:
    window = GRID.window(row, column, n_rows, n_columns)
    return UtilisationDistribution(window, np.full(window.shape, 1 / window.n_cells), "test", **record)


def block(row, column, n_rows, n_columns) -> Footprint:
    window = GRID.window(row, column, n_rows, n_columns)
    return Footprint(window, np.ones(window.shape, dtype=bool))


def on_grid(values, window):
    whole = np.zeros(GRID.shape, dtype=values.dtype)
    whole[GRID.slices_of(window)] = values
    return whole


def test_each_distribution_weighs_the_same_whatever_its_size():
    mean = mean_distribution([uniform(0, 0, 1, 1), uniform(2, 2, 2, 2), uniform(0, 5, 1, 1), uniform(0, 0, 1, 1)])
    mass = on_grid(mean.mass, mean.grid)
    assert mass[0, 0] == 0.5
    assert mass[2:4, 2:4].sum() == 0.25
    assert mass[0, 5] == 0.25
    assert mean.grid == GRID.window(0, 0, 4, 6)


def test_a_mean_takes_distributions_one_by_one_and_sums_what_stands_behind_them():
    parts = [
        uniform(0, 0, 2, 2, n_fixes=10, represented_s=100.0, mass_outside=0.1),
        uniform(1, 1, 2, 2, n_fixes=5, represented_s=50.0),
    ]
    mean = mean_distribution(iter(parts))
    assert (mean.n_fixes, mean.represented_s, mean.mass_outside) == (15, 150.0, 0.05)
    assert mean.method == "mean of test"
    assert mean.parameters == {"n_distributions": 2}


def test_the_mean_of_means_names_the_method_once():
    assert mean_distribution([mean_distribution([uniform(0, 0, 1, 1)])] * 2).method == "mean of test"


def test_the_order_of_the_parts_does_not_matter():
    parts = [uniform(0, 0, 2, 2), uniform(3, 3, 2, 2), uniform(1, 0, 5, 3)]
    forth, back = mean_distribution(parts), mean_distribution(parts[::-1])
    assert forth.grid == back.grid
    np.testing.assert_allclose(forth.mass, back.mass, atol=1e-15)


def test_the_parts_stay_as_they_were():
    parts = [uniform(0, 0, 2, 2), uniform(0, 0, 2, 2)]
    before = parts[0].mass.copy()
    mean_distribution(parts)
    np.testing.assert_array_equal(parts[0].mass, before)


def test_an_animal_used_what_any_of_its_sequences_used():
    sequences = [uniform(0, 0, 1, 1), uniform(0, 2, 4, 4)]
    by_sequence = animal_footprint(sequences, level=0.99)
    assert on_grid(by_sequence.mask, by_sequence.grid).sum() == 17
    by_mean = animal_footprint(sequences, level=0.5, of="mean")
    assert on_grid(by_mean.mask, by_mean.grid).sum() == 1


def test_six_animals_are_counted_cell_by_cell():
    animals = [
        block(0, 0, 1, 6),
        block(0, 0, 6, 1),
        block(0, 0, 2, 2),
        block(5, 5, 1, 1),
        union_of_footprints([block(0, 0, 1, 1), block(5, 5, 1, 1)]),
        block(0, 0, 6, 6),
    ]
    assert count_footprints(iter(animals), GRID).tolist() == [
        [5, 3, 2, 2, 2, 2],
        [3, 2, 1, 1, 1, 1],
        [2, 1, 1, 1, 1, 1],
        [2, 1, 1, 1, 1, 1],
        [2, 1, 1, 1, 1, 1],
        [2, 1, 1, 1, 1, 3],
    ]


def test_counts_of_parts_of_a_population_add_up():
    animals = [block(i, 0, 1, 6 - i) for i in range(6)]
    parts = count_footprints(animals[:2], GRID) + count_footprints(animals[2:], GRID)
    np.testing.assert_array_equal(parts, count_footprints(animals, GRID))


def test_no_animals_use_nothing():
    assert count_footprints([], GRID).sum() == 0


def test_a_union_counts_an_overlap_once():
    joined = union_of_footprints([block(0, 0, 2, 2), block(1, 1, 2, 2)])
    assert joined.grid == GRID.window(0, 0, 3, 3)
    assert joined.mask.sum() == 7


@pytest.mark.parametrize("join", [mean_distribution, union_of_footprints, animal_footprint])
def test_nothing_has_no_mean_and_no_union(join):
    with pytest.raises(BadInput) as refused:
        join([])
    assert refused.value.code == "population-empty"


def test_grids_that_do_not_share_cells_are_refused():
    shifted = Grid(GRID.crs, 100.0, 50.0, 600.0, 1, 1)
    other = UtilisationDistribution(shifted, np.ones((1, 1)), "test")
    with pytest.raises(BadInput) as refused:
        mean_distribution([uniform(0, 0, 1, 1), other])
    assert refused.value.code == "grid-misaligned"


def test_a_footprint_beyond_the_populations_grid_is_refused():
    with pytest.raises(BadInput) as refused:
        count_footprints([block(5, 5, 2, 2)], GRID)
    assert refused.value.code == "grid-outside"


def test_an_unknown_rule_for_the_footprint_is_refused():
    with pytest.raises(BadInput) as refused:
        animal_footprint([uniform(0, 0, 1, 1)], of="fixes")
    assert refused.value.code == "parameter"


def test_more_animals_than_can_be_counted_are_refused(monkeypatch):
    monkeypatch.setattr(population, "MAX_ANIMALS", 2)
    with pytest.raises(LimitReached) as refused:
        count_footprints([block(0, 0, 1, 1)] * 3, GRID)
    assert refused.value.code == "too-many-animals"


def test_a_union_keeps_basis_and_level_where_all_have_the_same():
    first, other = (
        Footprint(GRID.window(row, 0, 1, 1), np.ones((1, 1), dtype=bool), "volume", level)
        for row, level in ((0, 0.99), (2, 0.95))
    )
    same = union_of_footprints([first, first])
    assert (same.basis, same.level) == ("volume", 0.99)
    mixed = union_of_footprints([first, other])
    assert (mixed.basis, mixed.level) == (None, None)


def test_a_mean_keeps_remarks_once_and_names_each_method_once():
    coarse, odd = Remark("cell-coarse", "Cells are wide."), Remark("odd", "Odd.")
    parts = [uniform(0, 0, 1, 1, remarks=(coarse, odd), mass_masked=0.2), uniform(1, 0, 1, 1, remarks=(coarse,))]
    mean = mean_distribution(parts)
    assert mean.remarks == (coarse, odd)
    assert mean.mass_masked == 0.1
    other = UtilisationDistribution(GRID, np.full(GRID.shape, 1 / GRID.n_cells), "other")
    assert mean_distribution([mean_distribution([*parts, other]), parts[0]]).method == "mean of other, test"
    hashed = [uniform(0, 0, 1, 1, input_hash=name) for name in "ab"]
    assert mean_distribution(hashed).input_hash != mean_distribution(hashed[:1]).input_hash


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_a_coarser_distribution_has_the_same_mass_in_the_same_places(factor):
    rng = np.random.default_rng(factor)
    window = GRID.window(1, 2, 4, 3)
    mass = rng.uniform(size=window.shape)
    fine = UtilisationDistribution(window, mass / mass.sum(), "test")
    coarse = coarsened(fine, factor)
    assert coarse.grid.cell_m == factor * GRID.cell_m
    assert coarse.mass.sum() == pytest.approx(1)
    coarse.grid.union(coarsened(uniform(0, 0, 6, 6), factor).grid)
    for axis in (0, 1):
        size = coarse.mass.shape[1 - axis]
        start = (
            coarse.grid.west_m + coarse.grid.cell_m * (np.arange(size) + 0.5)
            if axis == 0
            else coarse.grid.north_m - coarse.grid.cell_m * (np.arange(size) + 0.5)
        )
        own = (
            window.west_m + window.cell_m * (np.arange(window.n_columns) + 0.5)
            if axis == 0
            else window.north_m - window.cell_m * (np.arange(window.n_rows) + 0.5)
        )
        apart = (coarse.mass.sum(axis=axis) * start).sum() - (fine.mass.sum(axis=axis) * own).sum()
        assert abs(apart) <= coarse.grid.cell_m / 2
