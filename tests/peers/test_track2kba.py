"""The whole chain from fixes to candidate sites against the R package track2KBA 1.1.3: masked boobies of St Helena."""

import json
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from wildways.areas import (
    TripRules,
    core_of,
    estimate_space_use,
    find_scales,
    find_sites,
    split_trips,
    summarise_trips,
)
from wildways.movement import assess_representativeness

pytestmark = pytest.mark.peers

COLONY = (-5.72638, -16.00711)
RULES = TripRules(3000, 10_000, timedelta(hours=1))
SCALE_M = 3130.0


@pytest.fixture(scope="module")
def fixes(shared):
    columns = {
        "individual-local-identifier": "animal_id",
        "timestamp": "time_utc",
        "location-long": "longitude",
        "location-lat": "latitude",
    }
    table = pd.read_csv(shared / "data/booby_sthelena/booby_sthelena.csv", usecols=list(columns)).rename(
        columns=columns
    )
    table["animal_id"] = table["animal_id"].astype(str)
    table["time_utc"] = pd.to_datetime(table["time_utc"], utc=True)
    return table.sort_values(["animal_id", "time_utc"], kind="stable", ignore_index=True)


@pytest.fixture(scope="module")
def all_trips(fixes):
    return split_trips(fixes, COLONY, RULES)


@pytest.fixture(scope="module")
def trips(all_trips):
    return all_trips[all_trips["returned"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def their_crs(shared):
    return CRS.from_proj4(json.loads((shared / "reference/track2kba_kde.json").read_text())["params"]["proj"])


@pytest.fixture(scope="module")
def use(trips, their_crs):
    return estimate_space_use(trips, SCALE_M, crs=their_crs, compat="track2KBA")


def test_every_trip_is_theirs(all_trips, shared):
    ours = summarise_trips(all_trips, COLONY)
    assert len(ours) == 215
    assert ours["returned"].sum() == 213
    theirs = pd.read_csv(shared / "reference/track2kba_trips.csv")
    both = ours[ours["returned"]].merge(theirs, left_on="trip_id", right_on="tripID", suffixes=("", "_theirs"))
    assert len(both) == len(theirs) == 213
    assert (both["n_fixes"] == both["n_locs"]).all()
    assert np.abs(both["duration_h"] - both["duration"]).max() < 1e-9
    assert np.abs(both["total_km"] - both["total_dist"]).max() < 1e-4
    assert np.abs(both["max_km"] - both["max_dist"]).max() < 1e-3
    assert np.abs(both["direction_deg"] - both["direction"]).max() < 1e-9


def test_scales_are_theirs_but_for_the_one_whose_unit_they_mistake(trips):
    scales = find_scales(trips, summarise_trips(trips, COLONY))
    assert round(scales.range_m / 1000, 2) == 22.97
    assert round(scales.step_m / 1000, 2) == 0.92
    assert round(scales.magnitude_m / 1000, 2) == 3.13
    assert round(scales.reference_m / 1000, 2) == 5.78
    # Theirs is 29.5: radii in kilometres among positions in metres, circles of 29.5 m.
    assert 2_000 < scales.search_m < 6_000
    assert scales.n_peaks == 40


def test_the_grid_and_the_animals_are_theirs(use):
    assert len(use.uds) == 40
    assert use.grid.n_cells == 237_474


def test_core_areas_are_near_those_of_their_smoothed_outlines(use, shared):
    theirs = pd.read_csv(shared / "reference/track2kba_core50_area.csv").set_index("id")["area_km2"]
    ratios = [
        core_of(ud, 0.5, compat="track2KBA").area_m2 / 1e6 / theirs[int(animal)]
        for animal, ud in zip(use.animals, use.uds, strict=True)
    ]
    assert np.abs(np.array(ratios) - 1).max() < 0.01


def test_representativeness_is_theirs_within_the_noise_of_their_ten_draws(use):
    found = assess_representativeness(
        use.uds, seen=use.seen, grid=use.grid, rng=np.random.default_rng(1), n_orders=10, compat="track2KBA"
    )
    assert 100 * found.share == pytest.approx(98.16, abs=1.5)
    assert found.curve.asymptote == pytest.approx(0.5071, abs=0.03)
    assert found.enough[0.7] == 2
    assert 6 <= found.enough[0.95] <= 16


def test_sites_are_theirs(use):
    sites = find_sites(use, 0.9816, population=500)
    assert sites.counts.max() == 35
    assert sites.mask.sum() == 4469
    assert sites.shares.max() * 500 == pytest.approx(429.45)


def test_counts_are_theirs_but_where_their_polygons_are_broken(trips, their_crs, shared):
    """Their polygons leave out 52 cells of the grid, hold 11 twice, and fill holes of five."""
    coarse = estimate_space_use(trips, SCALE_M, cell_m=2000.0, crs=their_crs, compat="track2KBA")
    sites = find_sites(coarse, 0.98732291613014, population=500)
    theirs = gpd.read_file(shared / "reference/track2kba_site.geojson").to_crs(their_crs)
    row, column = np.nonzero(np.ones(coarse.grid.shape))
    x = coarse.grid.west_m + (column + 0.5) * 2000
    y = coarse.grid.north_m - (row + 0.5) * 2000
    times, counts = np.zeros(x.size, dtype=int), np.zeros(x.size, dtype=int)
    for polygon, n in zip(theirs.geometry, theirs["N_IND"], strict=True):
        inside = shapely.contains_xy(polygon, x, y)
        times += inside
        counts += inside * int(n)
    once = times == 1
    assert once.sum() == 7587
    assert (counts[once] != sites.counts.ravel()[once]).sum() == 5
    is_site = counts / 40 * 0.98732291613014 >= 0.1
    assert (is_site[once] == sites.mask.ravel()[once]).all()
    assert sites.shares.max() * 500 == pytest.approx(431.953775806936)


def test_our_defaults_find_the_same_place(use, trips):
    ours = find_sites(estimate_space_use(trips, SCALE_M), 0.9816, population=500)
    theirs = find_sites(use, 0.9816, population=500)
    assert ours.mask.sum() * ours.grid.cell_area_m2 == pytest.approx(
        theirs.mask.sum() * theirs.grid.cell_area_m2, rel=0.01
    )
    assert ours.counts.max() == 35
