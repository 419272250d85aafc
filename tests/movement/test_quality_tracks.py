"""From fixes of any tag to positions that can be used."""

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from wildways.model import BadInput
from wildways.movement import (
    TRACK_COLUMNS,
    CleaningRules,
    QualityFlag,
    flag_fixes,
    prepare_tracks,
    rules_for,
    usable,
)

from .frames import fix_frame, no_fixes
from .test_smoothed_tracks import argos_frame
from .walks import argos_walk

SEAL = CleaningRules(vmax_mps=5.0)
GEOD = Geod(ellps="WGS84")


def _gps(n: int = 50, animal: str = "gps") -> pd.DataFrame:
    return fix_frame(np.full(n, 10.0), 20 + np.arange(n) * 0.01, animal=animal)


def _light(days: int, *, start: str = "2020-05-01", **columns: object) -> pd.DataFrame:
    rng, n = np.random.default_rng(2), 2 * days
    fixes = fix_frame(rng.normal(10, 1, n), 40 + rng.normal(0, 1, n), hours=12.0 * np.arange(n), start=start)
    return fixes.assign(sensor_type="solar-geolocator", **columns)


def test_gps_stays_as_it_is() -> None:
    fixes = _gps()
    prepared = prepare_tracks(fixes)
    assert prepared.positions is fixes
    np.testing.assert_array_equal(prepared.flags, flag_fixes(fixes))
    assert prepared.n_smoothed == 0
    assert prepared.account.columns.tolist() == list(TRACK_COLUMNS)
    assert prepared.account["n_positions"].tolist() == [50]


def test_no_fixes_make_no_positions() -> None:
    prepared = prepare_tracks(no_fixes())
    assert prepared.positions.empty
    assert prepared.account.empty


def test_argos_becomes_regular_positions_with_their_errors() -> None:
    prepared = prepare_tracks(argos_frame(1), SEAL)
    positions = prepared.positions
    step_h = prepared.account["step_h"].iloc[0]
    assert set(positions["time_utc"].diff().dropna() / pd.Timedelta(hours=1)) == {step_h}
    both = positions["variance_east_m2"] + positions["variance_north_m2"]
    np.testing.assert_allclose(positions["location_error_m"], np.sqrt(both / 2))
    assert (positions["location_error_m"] > 0).all()
    assert prepared.account["sensor"].tolist() == ["argos"]


def test_the_step_is_no_shorter_than_the_median_interval_unless_it_is_given() -> None:
    fixes = argos_frame(1)
    hours = fixes["time_utc"][usable(flag_fixes(fixes, SEAL))].diff().median() / pd.Timedelta(hours=1)
    own, given = prepare_tracks(fixes, SEAL), prepare_tracks(fixes, SEAL, step_h=5.0)
    assert own.account["step_h"].iloc[0] == np.ceil(hours)
    assert given.account["step_h"].iloc[0] == 5.0
    with pytest.raises(BadInput):
        prepare_tracks(fixes, SEAL, step_h=0.0)


def test_errors_hold_the_truth() -> None:
    inside, n = 0, 0
    for seed in range(4):
        walk = argos_walk(seed, n=150)
        positions = prepare_tracks(argos_frame(seed, n=150), SEAL).positions
        seconds = (positions["time_utc"] - pd.Timestamp("2020-02-01", tz="UTC")) / pd.Timedelta(seconds=1)
        x, y = (np.interp(seconds, walk.time_s, values) for values in walk.truth_m.T)
        turn = np.degrees(np.arctan2(x, y))
        lon, lat, _ = GEOD.fwd(np.full(x.size, 10.0), np.full(x.size, 60.0), turn, np.hypot(x, y))
        apart = GEOD.inv(lon, lat, positions["longitude"], positions["latitude"])[2]
        inside += int((apart < 2.45 * positions["location_error_m"]).sum())
        n += len(positions)
    assert 0.85 < inside / n <= 1.0


def test_positions_within_a_long_gap_are_flagged() -> None:
    fixes = argos_frame(5, n=200, is_exact=True).assign(location_class="3")
    begin = fixes["time_utc"].iloc[80]
    fixes = fixes[(fixes["time_utc"] <= begin) | (fixes["time_utc"] > begin + pd.Timedelta(days=4))]
    prepared = prepare_tracks(fixes.reset_index(drop=True), SEAL)
    in_gap = (prepared.flags & np.uint32(QualityFlag.IN_GAP)) > 0
    times = prepared.positions["time_utc"][in_gap]
    assert in_gap.sum() > 40
    assert times.min() > begin
    assert times.max() < begin + pd.Timedelta(days=6)
    assert not usable(prepared.flags)[in_gap].any()


def test_gps_and_argos_of_one_population_stand_side_by_side() -> None:
    fixes = pd.concat([argos_frame(), _gps().assign(location_class=None)], ignore_index=True)
    prepared = prepare_tracks(fixes, SEAL)
    own = prepared.positions["animal_id"] == "gps"
    assert prepared.account["sensor"].tolist() == ["argos", "gps"]
    assert own.sum() == 50
    assert prepared.positions["location_error_m"][own].isna().all()
    assert prepared.positions["location_error_m"][~own].notna().all()
    assert len(prepared.flags) == len(prepared.positions)
    assert len(prepared.fix_flags) == len(fixes)


def test_an_argos_fix_without_class_counts_as_the_worst_valid_one() -> None:
    fixes = argos_frame().drop(columns="location_class").assign(sensor_type="argos-doppler-shift")
    as_b = fixes.assign(location_class="B")
    mine, theirs = prepare_tracks(fixes, SEAL).positions, prepare_tracks(as_b, SEAL).positions
    pd.testing.assert_frame_equal(mine, theirs)


def test_a_broken_ellipse_leaves_the_class() -> None:
    broken = {"semi_major_m": 100.0, "semi_minor_m": 900.0, "ellipse_orientation_deg": 10.0}
    fixes = argos_frame()
    mine, theirs = prepare_tracks(fixes.assign(**broken), SEAL), prepare_tracks(fixes, SEAL)
    pd.testing.assert_frame_equal(mine.positions, theirs.positions)


def test_light_without_stated_error_is_off_by_as_much_as_the_rule_says() -> None:
    positions = prepare_tracks(_light(40)).positions
    assert positions["location_error_m"].max() < 148_000
    assert positions["location_error_m"].median() > 15_000


def test_light_near_an_equinox_is_used_only_with_a_stated_error() -> None:
    silent = prepare_tracks(_light(60, start="2020-02-25"))
    near = (silent.fix_flags & np.uint32(QualityFlag.LATITUDE_UNRELIABLE)) > 0
    assert near.sum() == pytest.approx(80, abs=2)
    in_gap = (silent.flags & np.uint32(QualityFlag.IN_GAP)) > 0
    assert in_gap.sum() > 70
    stated = prepare_tracks(_light(60, start="2020-02-25", uncertainty_m=30_000.0))
    assert not stated.flags.any()
    near_positions = (stated.positions["time_utc"] - pd.Timestamp("2020-03-20", tz="UTC")).abs() < pd.Timedelta(days=15)
    assert stated.positions["variance_north_m2"][near_positions].median() > (
        1.3 * stated.positions["variance_east_m2"][near_positions].median()
    )


def test_a_track_too_short_to_smooth_is_left_out_with_the_reason() -> None:
    prepared = prepare_tracks(argos_frame().iloc[:4], SEAL)
    assert prepared.positions.empty
    assert "needed to smooth" in prepared.account["reason"].iloc[0]
    both = pd.concat([argos_frame().iloc[:4].assign(animal_id="0"), argos_frame()], ignore_index=True)
    assert set(prepare_tracks(both, SEAL).positions["animal_id"]) == {"A"}


def test_a_real_seal_is_smoothed_within_its_fixes(shared) -> None:
    rows = pd.read_csv(shared / "data/ringedseal_svalbard/ringedseal_svalbard.csv", dtype={"argos:lc": str})
    fixes = fix_frame(rows["location-long"], rows["location-lat"]).assign(
        time_utc=pd.to_datetime(rows["timestamp"], utc=True).dt.as_unit("us"), location_class=rows["argos:lc"]
    )
    fixes = fixes.sort_values("time_utc", kind="stable", ignore_index=True)
    prepared = prepare_tracks(fixes, rules_for("Pusa hispida").rules)
    kept, used = fixes[usable(prepared.fix_flags)], prepared.positions[usable(prepared.flags)]
    assert len(kept) == 792
    for name in ("longitude", "latitude"):
        assert used[name].between(kept[name].min() - 0.5, kept[name].max() + 0.5).all()
    steps = GEOD.inv(
        *(used[name].to_numpy()[part] for part in (slice(-1), slice(1, None)) for name in ("longitude", "latitude"))
    )[2]
    seconds = used["time_utc"].diff().dt.total_seconds().to_numpy()[1:]
    assert np.quantile(steps / seconds, 0.999) < 5.0
