"""Shifts of ranges and dates: found where they are, not where they are not."""

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import Grid, kernel_density
from wildways.movement.date_shifts import date_shift, date_trend
from wildways.movement.shifts import range_shift, use_shift

GRID = Grid(CRS.from_epsg(32632), 1000.0, 400_000, 5_100_000, 200, 200)


def rng(seed=0):
    return np.random.default_rng(seed)


def animals(north_deg, *, n=10, seed=0, longitude=10.0, both=0):
    """Two periods; animals of the second live `north_deg` farther north. The first `both` are seen in both."""
    chance = rng(seed)
    homes = chance.normal(0, 0.2, (both, 2))
    rows = []
    for period, shift in (("before", 0.0), ("after", north_deg)):
        for k in range(n):
            name = f"a{k}" if k < both else f"{period}{k}"
            home = homes[k] if k < both else chance.normal(0, 0.2, 2)
            for _ in range(int(chance.integers(5, 50))):
                at = home + chance.normal(0, 0.05, 2)
                rows.append((name, period, (longitude + at[0] + 180) % 360 - 180, 50 + shift + at[1]))
    return pd.DataFrame(rows, columns=["animal_id", "period", "longitude", "latitude"])


@pytest.mark.parametrize("longitude", [10.0, 180.0])
def test_a_range_that_moved_north_is_found_wherever_it_lies(longitude):
    found = range_shift(animals(1.0, longitude=longitude), first="before", second="after", rng=rng(), n_draws=199)
    assert found.distance_m.value == pytest.approx(111_000, rel=0.25)
    assert found.distance_m.p_value == pytest.approx(1 / 200)
    assert min(found.bearing_deg, 360 - found.bearing_deg) < 20
    assert found.north_deg.interval[0] < 1 < found.north_deg.interval[1]
    assert found.margins_deg[0.05].value == pytest.approx(1, abs=0.4)
    assert found.margins_deg[0.95].p_value < 0.05
    assert (found.n_first, found.n_second, found.n_both) == (10, 10, 0)


def test_a_range_that_stayed_is_not_found_to_move():
    p_values = [
        range_shift(
            animals(0.0, seed=seed), first="before", second="after", rng=rng(seed), n_draws=99
        ).north_deg.p_value
        for seed in range(12)
    ]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.2


def test_animals_seen_in_both_periods_are_compared_with_themselves():
    found = range_shift(animals(0.3, both=10), first="before", second="after", rng=rng(), n_draws=199)
    assert found.n_both == 10
    assert found.north_deg.p_value < 0.05


def test_many_fixes_of_one_animal_do_not_move_the_centre():
    table = animals(0.0)
    heavy = table[table["animal_id"] == "after3"]
    more = pd.concat([table, *[heavy] * 50])
    before, after = (range_shift(part, first="before", second="after", rng=rng(), n_draws=9) for part in (table, more))
    assert after.distance_m.value == pytest.approx(before.distance_m.value, rel=1e-6)
    assert after.margins_deg[0.05].value == pytest.approx(before.margins_deg[0.05].value, abs=1e-9)


def test_the_same_seed_gives_the_same_answer():
    once, again = (range_shift(animals(0.5), first="before", second="after", rng=rng(7), n_draws=49) for _ in range(2))
    assert once == again


def test_too_few_animals_are_refused():
    with pytest.raises(BadInput) as refused:
        range_shift(animals(1.0, n=2), first="before", second="after", rng=rng())
    assert refused.value.code == "shift-animals"
    with pytest.raises(BadInput) as refused:
        range_shift(animals(1.0).drop(columns="period"), first="before", second="after", rng=rng())
    assert refused.value.code == "fixes-column"


def dates(days_later, *, middle=100.0, n=12, seed=0):
    chance = rng(seed)
    rows = [
        (f"{period}{k}", period, (middle + later + chance.normal(0, 4)) % 365.25)
        for period, later in (("before", 0.0), ("after", days_later))
        for k in range(n)
    ]
    return pd.DataFrame(rows, columns=["animal_id", "period", "day"])


@pytest.mark.parametrize("middle", [100.0, 364.0])
def test_later_dates_are_found_also_at_the_turn_of_the_year(middle):
    found = date_shift(dates(8.0, middle=middle), first="before", second="after", rng=rng(), n_draws=199)
    assert found.value == pytest.approx(8, abs=4)
    assert found.interval[0] < found.value < found.interval[1]
    assert found.p_value < 0.05


def test_a_trend_over_years_is_found_in_days_a_decade():
    chance = rng(1)
    rows = [
        (f"a{k}", year, 120 - 0.5 * (year - 2000) + chance.normal(0, 3)) for year in range(2000, 2015) for k in range(8)
    ]
    table = pd.DataFrame(rows, columns=["animal_id", "year", "day"])
    found = date_trend(table, rng=rng(), n_draws=199)
    assert found.value == pytest.approx(-5, abs=1.5)
    assert found.interval[0] < found.value < found.interval[1]
    assert found.p_value < 0.05
    flat = date_trend(table.assign(day=120 + chance.normal(0, 3, len(table))), rng=rng(), n_draws=199)
    assert flat.p_value > 0.05
    with pytest.raises(BadInput) as refused:
        date_trend(table[table["year"] < 2004], rng=rng())
    assert refused.value.code == "trend-years"


def ranges(east_m, *, n=8, seed=0):
    chance = rng(seed)
    return {
        f"{seed}-{k}": kernel_density(
            500_000 + east_m + chance.normal(0, 4000) + chance.normal(0, 3000, 40),
            5_000_000 + chance.normal(0, 4000) + chance.normal(0, 3000, 40),
            grid=GRID,
            bandwidth_m=2000.0,
        )
        for k in range(n)
    }


def test_another_use_of_space_is_found_beyond_the_differences_of_animals():
    moved = use_shift(ranges(0), ranges(12_000, n=11, seed=1), rng=rng(), n_draws=20, n_permutations=199)
    assert moved.effect > 0.1
    assert moved.p_value <= 0.02
    assert moved.n_compared == 8
    same = use_shift(ranges(0), ranges(0, seed=1), rng=rng(), n_draws=20, n_permutations=199)
    assert same.p_value > 0.05
    assert same.affinity > moved.affinity
