"""Trips: where they begin and end, which return, what is refused."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.areas.birds import COLONY, bird
from wildways.areas import TRIP_COLUMNS, TripRules, nearest_colonies, split_trips, summarise_trips
from wildways.areas.trips import _colony_distances
from wildways.model.errors import BadInput
from wildways.movement import geodesic_distances

RULES = TripRules(3000, 10_000, timedelta(hours=1))


def test_a_trip_is_a_run_outside_the_inner_buffer_with_the_fix_back_home():
    fixes = bird("a", [(30, 90), (26, 0)])
    trips = split_trips(fixes, COLONY, RULES)
    assert trips["trip_id"].unique().tolist() == ["a_01", "a_02"]
    for _, own in trips.groupby("trip_id"):
        assert (own["colony_m"].iloc[:-1] >= 3000).all()
        assert own["colony_m"].iloc[-1] < 3000
    assert trips["returned"].all()


def test_a_summary_tells_how_far_how_long_and_whither():
    summary = summarise_trips(split_trips(bird("a", [(30, 90), (26, 0)]), COLONY, RULES), COLONY)
    assert tuple(summary.columns) == TRIP_COLUMNS
    assert summary["max_km"].tolist() == pytest.approx([30, 26], rel=0.01)
    assert summary["direction_deg"].tolist()[0] == pytest.approx(90, abs=1)
    assert (summary["direction_deg"].iloc[1] + 180) % 360 == pytest.approx(180, abs=1)
    assert summary["total_km"].tolist() == pytest.approx([60, 52], rel=0.01)
    assert summary["duration_h"].between(0.9, 1.6).all()


def test_a_trip_that_ends_far_away_has_not_returned_and_no_duration():
    fixes = bird("a", [(40, 90)])
    far = int(fixes["longitude"].argmax())
    cut = split_trips(fixes.iloc[: far + 1], COLONY, TripRules(3000, 10_000, timedelta(minutes=30)))
    summary = summarise_trips(cut, COLONY)
    assert not summary["returned"].item()
    assert np.isnan(summary["duration_h"].item())


def test_a_trip_that_ends_within_the_return_buffer_has_returned():
    fixes = bird("a", [(40, 90)])
    trips = split_trips(fixes, COLONY, RULES)
    near = trips[trips["colony_m"] > 3000]
    assert near["colony_m"].iloc[-1] < 10_000
    again = split_trips(fixes.loc[: fixes.index[len(fixes) - 20]], COLONY, TripRules(3000, 10_000, timedelta(hours=1)))
    assert again["returned"].all()


def test_short_absences_and_a_single_last_fix_are_no_trips():
    fixes = bird("a", [(5, 0)])
    assert split_trips(fixes, COLONY, RULES).empty
    out = fixes.index[np.flatnonzero(fixes["latitude"] > COLONY[1] + 0.03)[0]]
    assert split_trips(fixes.loc[:out], COLONY, RULES).empty


def test_a_gap_ends_a_trip():
    fixes = bird("a", [(80, 90)])
    late = fixes.index[len(fixes) // 2 :]
    fixes.loc[late, "time_utc"] += timedelta(days=2)
    gap = TripRules(3000, 10_000, timedelta(minutes=30), timedelta(days=1))
    trips = split_trips(fixes, COLONY, gap)
    assert trips.groupby("trip_id")["returned"].first().tolist() == [False, True]


def test_every_animal_may_have_its_own_nest():
    east = (COLONY[0] + 1, COLONY[1])
    fixes = pd.concat([bird("a", [(30, 0)]), bird("b", [(30, 0)]).assign(longitude=lambda f: f["longitude"] + 1)])
    nests = {"a": COLONY, "b": east}
    summary = summarise_trips(split_trips(fixes, nests, RULES), nests)
    assert summary["max_km"].tolist() == pytest.approx([30, 30], rel=0.01)
    with pytest.raises(BadInput) as refused:
        split_trips(fixes, {"a": COLONY}, RULES)
    assert refused.value.code == "colony-missing"


def test_an_animal_belongs_to_the_colony_it_stays_near():
    far = (COLONY[0], COLONY[1] + 3)
    fixes = pd.concat([bird("a", [(30, 0)]), bird("b", [(30, 0)]).assign(latitude=lambda f: f["latitude"] + 3)])
    assert nearest_colonies(fixes, [COLONY, far]) == {"a": COLONY, "b": far}
    with pytest.raises(BadInput) as refused:
        nearest_colonies(fixes, [])
    assert refused.value.code == "colony-missing"


def test_a_colony_at_the_antimeridian():
    fixes = bird("a", [(30, 90)])
    moved = (fixes["longitude"] - COLONY[0] + 180) % 360 - 180
    there = fixes.assign(longitude=(moved + 179.95 + 180) % 360 - 180)
    assert there["longitude"].min() < 0 < there["longitude"].max()
    here = summarise_trips(split_trips(fixes, COLONY, RULES), COLONY)
    summary = summarise_trips(split_trips(there, (179.95, COLONY[1]), RULES), (179.95, COLONY[1]))
    assert summary["total_km"].item() == pytest.approx(here["total_km"].item(), rel=1e-9)


def test_without_trips_the_answer_is_empty_with_all_columns():
    trips = split_trips(bird("a", []), COLONY, RULES)
    assert trips.empty
    assert {"trip_id", "colony_m", "returned"} <= set(trips.columns)
    assert tuple(summarise_trips(trips, COLONY).columns) == TRIP_COLUMNS


@pytest.mark.parametrize("buffers", [(0, 10), (10, 5), (float("nan"), 5)])
def test_buffers_must_make_sense(buffers):
    with pytest.raises(BadInput) as refused:
        TripRules(*buffers)
    assert refused.value.code == "trip-rules"


def test_a_colony_off_the_globe_is_refused():
    with pytest.raises(BadInput) as refused:
        split_trips(bird("a", [(30, 0)]), (-16.0, -95.0), RULES)
    assert refused.value.code == "colony-position"


@settings(max_examples=30, deadline=None)
@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(100, 50_000), st.integers(0, 2**32))
def test_distances_are_exact_wherever_they_decide(longitude, latitude, inner_m, seed):
    rng = np.random.default_rng(seed)
    near = rng.normal(0, 0.3, (2, 40))
    fixes = pd.DataFrame(
        {
            "animal_id": "a",
            "longitude": np.clip(longitude + near[0], -180, 180),
            "latitude": np.clip(latitude + near[1], -90, 90),
        }
    )
    exact = geodesic_distances(longitude, latitude, fixes["longitude"], fixes["latitude"])
    ours = _colony_distances(fixes, (longitude, latitude), inner_m)
    assert ((ours >= inner_m) == (exact >= inner_m)).all()
    assert np.allclose(ours[exact >= inner_m], exact[exact >= inner_m])
