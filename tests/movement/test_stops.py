"""Stops and legs."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.movement.frames import fix_frame, no_fixes
from wildways.model import BadInput
from wildways.movement import (
    LEG_COLUMNS,
    STOP_COLUMNS,
    StopRules,
    find_stops,
    geodesic_distances,
    migration_legs,
    stop_rules_for,
)


def _stork(west: float = 0.0) -> pd.DataFrame:
    """Sixty days at home, five on the way, twenty-five at a stopover, ten on the way, a hundred at the goal."""
    hours = np.arange(0, 24 * 200, 4.0)
    rng = np.random.default_rng(1)
    lon = np.interp(hours / 24, [0, 60, 65, 90, 100, 200], [0, 0, 4, 4, 10, 10]) + rng.normal(0, 0.04, len(hours))
    return fix_frame((west + lon + 180) % 360 - 180, 45 + rng.normal(0, 0.03, len(hours)), hours=hours)


@pytest.mark.parametrize("west", [0.0, 176.0])
def test_stops_and_the_legs_between_them_are_found(west: float) -> None:
    rules = StopRules(diameter_m=50_000, min_stay_h=48)
    stops = find_stops(_stork(west), rules)
    assert tuple(stops.columns) == STOP_COLUMNS
    days = (stops["end_utc"] - stops["start_utc"]).dt.total_seconds() / 86_400
    assert days.to_numpy() == pytest.approx([60, 25, 100], abs=2)
    assert ((stops["longitude"] - west + 180) % 360 - 180).to_numpy() == pytest.approx([0, 4, 10], abs=0.1)
    legs = migration_legs(stops, rules)
    assert tuple(legs.columns) == LEG_COLUMNS
    assert legs["displacement_m"].to_numpy() == pytest.approx([314_000, 472_000], rel=0.02)
    assert len(migration_legs(stops, StopRules(min_leg_m=400_000))) == 1


def test_a_gap_is_no_stop() -> None:
    fixes = fix_frame([5.0, 5.0, 5.0], [50.0, 50.0, 50.0], hours=[0, 10, 200])
    assert find_stops(fixes, StopRules(min_stay_h=24, max_gap_h=72)).empty
    assert len(find_stops(fixes, StopRules(min_stay_h=24, max_gap_h=300))) == 1


@pytest.mark.parametrize("fixes", [no_fixes(), fix_frame([1, 2], [3, 4])])
def test_hardly_any_fixes_have_no_stops(fixes: pd.DataFrame) -> None:
    stops = find_stops(fixes)
    assert stops.empty
    assert migration_legs(stops).empty


def test_equal_fixes_are_one_stop_and_no_leg() -> None:
    stops = find_stops(fix_frame([9.0] * 50, [89.999] * 50))
    assert stops["n_fixes"].tolist() == [50]
    assert migration_legs(stops).empty


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(1_000, 60_000))
def test_a_stop_fits_its_circle_and_lasts_long_enough(seed: int, diameter_m: float) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.03, (2, 150)) * (rng.random(150) < 0.3)
    fixes = fix_frame(*np.array([[20.0], [60.0]]) + np.cumsum(steps, axis=1), hours=6 * np.arange(150))
    stops = find_stops(fixes, StopRules(diameter_m=diameter_m))
    for stop in stops.itertuples():
        own = fixes[fixes["time_utc"].between(stop.start_utc, stop.end_utc)]
        lon, lat = own["longitude"].to_numpy(), own["latitude"].to_numpy()
        widest = max(geodesic_distances(a, b, lon, lat).max() for a, b in zip(lon, lat, strict=True))
        assert widest <= diameter_m * 1.005
        assert stop.end_utc - stop.start_utc >= pd.Timedelta(hours=24)
    assert all(a < b for a, b in pairwise(stops["start_utc"]))


def test_rules_go_by_the_group_of_a_taxon() -> None:
    assert stop_rules_for("Ciconia ciconia") == StopRules(50_000, 48, min_leg_m=100_000)
    assert stop_rules_for("Nobody knows") == StopRules()


def test_a_rule_without_sense_is_refused() -> None:
    with pytest.raises(BadInput, match="diameter_m is 0"):
        StopRules(diameter_m=0)
