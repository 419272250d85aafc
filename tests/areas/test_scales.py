"""Candidate scales, each against its definition."""

from datetime import timedelta

import numpy as np
import pytest

from tests.areas.birds import COLONY, bird, colony
from wildways.areas import TripRules, find_scales, first_peak, search_radii, split_trips, summarise_trips
from wildways.areas._passage_kernels import passage_times
from wildways.model.errors import BadInput

RULES = TripRules(3000, 10_000, timedelta(hours=1))


def test_scales_follow_their_definitions():
    trips = split_trips(colony(), COLONY, RULES)
    summary = summarise_trips(trips, COLONY)
    scales = find_scales(trips, summary)
    assert scales.range_m == pytest.approx(summary["max_km"].median() * 1000)
    assert scales.magnitude_m == pytest.approx(np.log(summary["max_km"].median()) * 1000)
    assert 5_000 < scales.step_m < 8_000
    assert scales.reference_m > 0


def test_straight_evenly_timed_flight_stays_in_a_circle_for_its_diameter():
    x = np.arange(200) * 100.0
    seconds = passage_times(x, np.zeros(200), np.arange(200) * 10.0, np.array([250.0, 1000.0, 30_000.0]))
    assert np.allclose(seconds[50:150, 0], 50.0)
    assert np.allclose(seconds[50:150, 1], 200.0)
    assert np.isnan(seconds[:, 2]).all()
    assert np.isnan(seconds[0]).all()


def test_the_search_scale_is_that_of_the_places_searched():
    rng = np.random.default_rng(3)
    x, y, here = [], [], 0.0
    for _ in range(12):
        x += list(here + np.linspace(0, 60_000, 31))
        y += [0.0] * 31
        here += 60_000
        x += list(here + rng.uniform(-4000, 4000, 60))
        y += list(rng.uniform(-4000, 4000, 60))
    radii_m = np.arange(1.0, 25.0) * 1000
    peak = first_peak(np.array(x), np.array(y), np.arange(len(x)) * 600.0, radii_m)
    assert 3_000 <= peak <= 9_000


def test_radii_are_finer_where_they_are_small_and_end_at_the_farthest_trip():
    radii = search_radii(np.array([0.7, 0.9, 1.1]), 150.0)
    assert radii[0] == pytest.approx(0.8)
    assert (np.diff(radii) > 0).all()
    assert np.diff(radii)[0] < np.diff(radii)[-1]
    assert radii[-1] <= 150
    assert search_radii(np.array([0.1]), 12.0)[-1] <= 12


def test_without_trips_there_is_no_scale():
    trips = split_trips(bird("a", []), COLONY, RULES)
    with pytest.raises(BadInput) as refused:
        find_scales(trips, summarise_trips(trips, COLONY))
    assert refused.value.code == "trips-empty"
