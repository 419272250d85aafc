"""Representativeness: of animals that all do the same, of animals that do not, of too few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import Footprint, Grid, kernel_density, volume_isopleth
from wildways.movement._core_kernels import core_limit, core_mask, weight_inside
from wildways.movement.representativeness import (
    Seen,
    accumulate_area,
    assess_representativeness,
    leave_one_out,
    sample_sizes,
)
from wildways.movement.saturation import fit_saturation

GRID = Grid(CRS.from_epsg(32632), 1000.0, 400_000, 5_100_000, 200, 200)


def uds(n, *, spread_m, seed=0):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        x, y = (at + rng.normal(0, spread_m) + rng.normal(0, 4000, 80) for at in (500_000, 5_000_000))
        found.append(kernel_density(x, y, grid=GRID, bandwidth_m=3000.0))
    return found


def blocks(places):
    """Footprints of 4 × 4 cells, each from its row and column on."""
    return [Footprint(GRID.window(row, column, 4, 4), np.ones((4, 4), dtype=bool)) for row, column in places]


def test_animals_that_share_a_range_are_well_represented():
    found = assess_representativeness(uds(20, spread_m=500), rng=np.random.default_rng(0), n_orders=20)
    assert found.share > 0.95
    assert found.curve.asymptote == pytest.approx(0.5, abs=0.05)
    assert found.remarks == ()
    assert found.enough[0.7] <= 3


def test_animals_that_each_live_elsewhere_are_not():
    alike = assess_representativeness(uds(20, spread_m=500), rng=np.random.default_rng(0), n_orders=20)
    apart = assess_representativeness(uds(20, spread_m=25_000), rng=np.random.default_rng(0), n_orders=20)
    assert apart.share < alike.share - 0.05
    assert apart.curve.means[0] < 0.2


def test_what_was_seen_may_be_fixes_instead_of_mass():
    distributions = uds(8, spread_m=500)
    centre = 100 * GRID.n_columns + 100
    inside = [Seen(np.full(10, centre), np.ones(10)) for _ in distributions]
    found = assess_representativeness(
        distributions, seen=inside, grid=GRID, rng=np.random.default_rng(0), level=0.9, n_orders=5
    )
    assert found.curve.means == pytest.approx(np.ones(7))
    beyond = [Seen(np.full(10, -1), np.ones(10)) for _ in distributions]
    found = assess_representativeness(distributions, seen=beyond, grid=GRID, rng=np.random.default_rng(0), n_orders=5)
    assert not found.is_asymptotic
    assert found.share == 0
    assert found.remarks[0].code == "no-asymptote"


def test_the_same_seed_gives_the_same_answer():
    once, again = (assess_representativeness(uds(6, spread_m=3000), rng=np.random.default_rng(4)) for _ in range(2))
    assert once.share == again.share


def test_of_many_animals_some_numbers_are_drawn():
    found = assess_representativeness(uds(90, spread_m=3000), rng=np.random.default_rng(0), n_orders=3)
    assert found.curve.sizes[0] == 1
    assert found.curve.sizes[-1] == 89
    assert found.curve.sizes.size < 60
    assert found.share > 0.9


def test_a_few_animals_are_refused():
    with pytest.raises(BadInput) as refused:
        assess_representativeness(uds(3, spread_m=0), rng=np.random.default_rng(0))
    assert refused.value.code == "too-few-animals"
    nothing = [Seen(np.zeros(0, dtype=np.int64), np.zeros(0))] * 4
    with pytest.raises(BadInput) as refused:
        assess_representativeness(uds(4, spread_m=0), seen=nothing, rng=np.random.default_rng(0))
    assert refused.value.code == "parameter"
    with pytest.raises(BadInput) as refused:
        assess_representativeness(uds(4, spread_m=0), rng=np.random.default_rng(0), level=50)
    assert refused.value.code == "parameter"


def test_areas_that_never_meet_grow_in_a_straight_line_without_limit():
    curve = accumulate_area(blocks([(10 * k, 10 * k) for k in range(8)]), rng=np.random.default_rng(0))
    assert curve.means == pytest.approx(16e6 * np.arange(1, 9))
    assert curve.asymptote is None
    assert curve.share_at(8) is None


def test_areas_that_are_one_do_not_grow():
    curve = accumulate_area(blocks([(5, 5)] * 8), rng=np.random.default_rng(0))
    assert curve.means == pytest.approx(np.full(8, 16e6))
    assert curve.share_at(8) > 0.99
    shared = accumulate_area(blocks([(5, 5)] * 8), rng=np.random.default_rng(0), min_share=0.5)
    assert shared.means == pytest.approx(np.full(8, 16e6))


def test_leaving_out_one_animal_changes_what_only_it_used():
    stability = leave_one_out(blocks([(0, 0)] * 4 + [(50, 50)]))
    assert stability.tolist() == [1, 1, 1, 1, 0.5]
    assert leave_one_out(blocks([(0, 0)] * 4 + [(50, 50)]), min_share=0.5).tolist() == [1] * 5


def test_a_curve_gives_back_its_parameters():
    sizes = np.arange(1, 30)
    curve = fit_saturation(sizes, (0.4 * sizes / (1 + 0.8 * sizes))[None, :])
    assert (curve.asymptote, curve.half) == pytest.approx((0.5, 1.25), rel=1e-5)
    assert curve.animals_for(0.95) == 24
    assert curve.share_at(24) >= 0.95 > curve.share_at(23)


@pytest.mark.parametrize(("n", "last", "count"), [(40, 37, 37), (60, 58, 36), (120, 116, 45)])
def test_the_peers_sample_sizes(n, last, count):
    sizes = sample_sizes(n)
    assert sizes[0] == 1
    assert sizes[-1] <= last
    assert len(sizes) == count
    assert (np.diff(sizes) > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.01, 1), st.integers(1, 400), st.booleans(), st.booleans())
def test_a_core_found_without_sorting_is_the_isopleth(seed, level, n, ties, with_crossing):
    rng = np.random.default_rng(seed)
    mass = np.exp(rng.normal(0, 12, n)) * (rng.random(n) < 0.8)
    if ties:
        mass = np.round(rng.random(n) * 4)
    mass[rng.integers(0, n)] += 1
    mass /= mass.sum()
    limit, last = core_limit(mass, level * (1 - 1e-12), with_crossing)
    mask = core_mask(mass, limit, last)
    assert (mask == volume_isopleth(mass, level, compat=None if with_crossing else "adehabitatHR")).all()
    cells = np.arange(-1, n)
    everyone, first = np.array([0, n + 1]), np.array([0])
    assert weight_inside(mass, limit, last, cells, np.ones(n + 1), everyone, first) == mask.sum()


def test_a_share_that_no_number_of_animals_reaches_has_no_area() -> None:
    grid = Grid(CRS.from_epsg(32612), 100.0, 0.0, 0.0, 4, 4)
    footprints = [Footprint(grid, np.ones(grid.shape, dtype=np.bool_)) for _ in range(5)]
    curve = accumulate_area(footprints, rng=np.random.default_rng(1), min_share=3.0, n_orders=2)
    assert (curve.means == 0).all()
