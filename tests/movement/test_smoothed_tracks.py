"""From fixes in degrees to smoothed positions in degrees."""

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from wildways.model import BadInput
from wildways.movement import SMOOTHED_COLUMNS, choose_crs, smooth_track, unproject

from .frames import fix_frame, no_fixes
from .walks import argos_walk

GEOD = Geod(ellps="WGS84")


def argos_frame(seed=0, *, n=120, longitude=10.0, latitude=60.0, is_exact=False) -> pd.DataFrame:
    """Fixes of a walk around a place."""
    walk = argos_walk(seed, n=n)
    east, north = (walk.truth_m if is_exact else walk.seen_m).T
    lon, lat, _ = GEOD.fwd(
        np.full(n, longitude), np.full(n, latitude), np.degrees(np.arctan2(east, north)), np.hypot(east, north)
    )
    fixes = fix_frame(lon, lat, hours=walk.time_s / 3600)
    return fixes.assign(location_class=walk.location_class)


def test_positions_come_at_regular_times_within_the_track():
    fixes = argos_frame()
    smoothed = smooth_track(fixes, step_s=7200.0)
    assert tuple(smoothed.columns) == SMOOTHED_COLUMNS
    assert smoothed["time_utc"].dtype == fixes["time_utc"].dtype
    assert (smoothed["time_utc"].dt.hour % 2 == 0).all()
    assert (smoothed["time_utc"].diff().dropna() == pd.Timedelta(hours=2)).all()
    assert smoothed["time_utc"].iloc[0] - fixes["time_utc"].iloc[0] < pd.Timedelta(hours=2)
    assert fixes["time_utc"].iloc[-1] - smoothed["time_utc"].iloc[-1] < pd.Timedelta(hours=2)
    assert set(smoothed["animal_id"]) == {"A"}


def test_smoothed_positions_are_near_the_truth():
    walk = argos_walk(3, n=120)
    fixes = argos_frame(3)
    smoothed = smooth_track(fixes, step_s=3600.0)
    hours = (smoothed["time_utc"] - pd.Timestamp("2020-02-01", tz="UTC")) / pd.Timedelta(seconds=1)
    x, y = (np.interp(hours, walk.time_s, values) for values in walk.truth_m.T)
    lon, lat, _ = GEOD.fwd(np.full(x.size, 10.0), np.full(x.size, 60.0), np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    apart = GEOD.inv(lon, lat, smoothed["longitude"], smoothed["latitude"])[2]
    error = np.hypot(*(walk.seen_m - walk.truth_m).T)
    assert np.sqrt(np.mean(apart**2)) < 0.6 * np.sqrt(np.mean(error**2))


def test_the_antimeridian_changes_nothing():
    here, there = smooth_track(argos_frame(longitude=0.0)), smooth_track(argos_frame(longitude=180.0))
    apart = (there["longitude"] - here["longitude"]) % 360 - 180
    np.testing.assert_allclose(apart, 0, atol=1e-6)
    np.testing.assert_allclose(there["latitude"], here["latitude"], atol=1e-6)
    np.testing.assert_allclose(there["variance_east_m2"], here["variance_east_m2"], rtol=1e-4)
    assert there["longitude"].between(-180, 180).all()
    assert (there["longitude"] > 179).any()


def test_errors_are_kept_east_and_north_in_a_plane_that_is_turned():
    fixes = argos_frame(latitude=70.0, is_exact=True)
    ellipse = {"semi_major_m": 20_000.0, "semi_minor_m": 500.0, "ellipse_orientation_deg": 90.0}
    fixes = fixes.assign(location_class="A", **ellipse)
    straight = smooth_track(fixes)
    assert straight["variance_east_m2"].median() > 4 * straight["variance_north_m2"].median()
    turned = smooth_track(fixes, crs=choose_crs([-80.0], [70.0]))
    for name in ("variance_east_m2", "variance_north_m2"):
        np.testing.assert_allclose(turned[name], straight[name], rtol=0.1)
    apart = GEOD.inv(turned["longitude"], turned["latitude"], straight["longitude"], straight["latitude"])[2]
    assert np.median(apart) < 0.1 * np.sqrt(straight["variance_east_m2"].median())


def test_a_radius_serves_where_there_is_no_class():
    lon, lat = unproject(*argos_walk(1, n=40).truth_m.T, choose_crs([10.0], [60.0]))
    fixes = fix_frame(lon, lat, hours=np.arange(40) * 3.0)
    smoothed = smooth_track(fixes.assign(uncertainty_m=30.0), step_s=3 * 3600.0)
    assert len(smoothed) == 40
    np.testing.assert_allclose(smoothed["latitude"], lat, atol=1e-3)
    assert (smoothed["variance_east_m2"] < 30.0**2).all()


def test_a_radius_does_not_revive_class_z():
    fixes = argos_frame().assign(uncertainty_m=10.0)
    with_invalid = fixes.copy()
    with_invalid.loc[[20, 50], "location_class"] = "Z"
    pd.testing.assert_frame_equal(smooth_track(with_invalid), smooth_track(fixes.drop(index=[20, 50])))


def test_a_gap_is_marked():
    fixes = argos_frame()
    fixes.loc[60:, "time_utc"] += pd.Timedelta(days=20)
    smoothed = smooth_track(fixes)
    between = smoothed["time_utc"].between(fixes["time_utc"][59], fixes["time_utc"][60], inclusive="neither")
    np.testing.assert_array_equal(smoothed["in_gap"], between)


def test_ellipses_of_a_frame_are_used():
    fixes = argos_frame(is_exact=True)
    ellipse = {"semi_major_m": 300.0, "semi_minor_m": 200.0, "ellipse_orientation_deg": 10.0}
    better, worse = smooth_track(fixes.assign(**ellipse)), smooth_track(fixes)
    assert better["variance_east_m2"].median() < 0.1 * worse["variance_east_m2"].median()


@pytest.mark.parametrize(
    ("fixes", "code"),
    [
        (argos_frame().drop(columns="location_class"), "smoother-no-error"),
        (argos_frame().assign(location_class="Z"), "smoother-no-error"),
        (no_fixes(), "smoother-no-error"),
        (argos_frame().assign(animal_id=["A"] * 60 + ["B"] * 60), "smoother-one-animal"),
        (argos_frame().iloc[:4], "smoother-too-few"),
        (argos_frame().iloc[::-1], "fixes-unsorted"),
    ],
)
def test_fixes_that_cannot_be_smoothed_are_refused(fixes, code):
    with pytest.raises(BadInput) as refused:
        smooth_track(fixes)
    assert refused.value.code == code


def test_a_step_must_be_a_time():
    with pytest.raises(BadInput):
        smooth_track(argos_frame(), step_s=0.0)
