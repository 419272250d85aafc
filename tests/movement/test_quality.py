"""Flags of every kind of tag, and the reasons for them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.model import BadInput
from wildways.movement import (
    REASON_COLUMNS,
    CleaningRules,
    FilterLabel,
    QualityFlag,
    Sensor,
    assess,
    flag_counts,
    flag_fixes,
    flag_name,
    sda_filter,
    sensor_of_animals,
    sensors_of,
    usable,
)
from wildways.movement.quality_coarse import days_from_equinox

from .frames import fix_frame, no_fixes, read_example
from .test_smoothed_tracks import argos_frame

KM_NORTH = 1 / 111.2
SEAL = CleaningRules(vmax_mps=5.0)


def _walk(n: int, *, step_km: float = 1.0, **options: object) -> pd.DataFrame:
    return fix_frame(np.full(n, 10.0), 20 + np.arange(n) * step_km * KM_NORTH, **options)  # type: ignore[arg-type]


def _flagged(fixes: pd.DataFrame, flag: QualityFlag, rules: CleaningRules | None = None) -> list[int]:
    return np.flatnonzero(flag_fixes(fixes, rules) & np.uint32(flag)).tolist()


def _reason(fixes: pd.DataFrame, flag: QualityFlag, rules: CleaningRules | None = None) -> pd.DataFrame:
    reasons = assess(fixes, rules).reasons
    return reasons[reasons["rule"] == flag_name(flag)].reset_index(drop=True)


def test_of_fixes_at_one_time_the_best_class_is_kept() -> None:
    fixes = _walk(6, hours=[0, 1, 2, 2, 2, 3]).assign(location_class=["2", "2", "B", "1", "A", "2"])
    assert _flagged(fixes, QualityFlag.DUPLICATE_TIME, SEAL) == [2, 4]


def test_of_equal_classes_the_one_nearest_to_the_middle_of_its_neighbours_is_kept() -> None:
    fixes = _walk(5, hours=[0, 1, 2, 2, 3])
    fixes.loc[2, "longitude"] = 10.05
    assert _flagged(fixes, QualityFlag.DUPLICATE_TIME) == [2]


def test_of_equal_fixes_the_first_is_kept() -> None:
    fixes = _walk(4, hours=[0, 1, 1, 2])
    fixes.loc[2, "latitude"] = fixes.loc[1, "latitude"]
    assert _flagged(fixes, QualityFlag.DUPLICATE_TIME) == [2]


def test_a_fix_too_soon_after_another_adds_nothing() -> None:
    fixes = _walk(5, step_km=0.001, hours=[0, 1, 1 + 5 / 3600, 1 + 20 / 3600, 2])
    rules = CleaningRules(min_dt_s=10.0)
    assert _flagged(fixes, QualityFlag.NEAR_DUPLICATE, rules) == [2]
    assert _reason(fixes, QualityFlag.NEAR_DUPLICATE, rules)["value"].tolist() == pytest.approx([5.0], abs=1e-5)


def test_zero_zero_is_no_position_of_an_animal_elsewhere() -> None:
    fixes = _walk(5)
    fixes.loc[[0, 4], ["longitude", "latitude"]] = 0.0
    assert _flagged(fixes, QualityFlag.ZERO_POSITION) == [0, 4]
    assert usable(flag_fixes(fixes)).tolist() == [False, True, True, True, False]


def test_zero_zero_is_a_position_of_an_animal_there() -> None:
    assert not flag_fixes(fix_frame(np.arange(-3, 4) * KM_NORTH, np.zeros(7))).any()


def test_a_position_with_its_coordinates_exchanged_is_recognised() -> None:
    fixes = _walk(6)
    fixes.loc[3, ["longitude", "latitude"]] = fixes.loc[3, ["latitude", "longitude"]].tolist()
    assert _flagged(fixes, QualityFlag.SWAPPED) == [3]
    reason = _reason(fixes, QualityFlag.SWAPPED)
    assert reason["value"].iloc[0] == pytest.approx(1 / 3.6, rel=0.01)


def test_fixes_outside_the_deployment_are_not_used() -> None:
    fixes = _walk(4).assign(undeployed=[True, False, False, True])
    assert _flagged(fixes, QualityFlag.UNDEPLOYED) == [0, 3]


def test_a_sharp_turn_at_speed_is_suspect_and_used() -> None:
    north = np.array([0, 60, 120, 180, 125, 190, 250]) * KM_NORTH
    fixes = fix_frame(np.full(7, 10.0), 20 + north)
    rules = CleaningRules(vmax_mps=45.0, sharp_angle_deg=30.0, sharp_above_mps=15.0)
    assert _flagged(fixes, QualityFlag.SHARP_TURN, rules) == [3, 4]
    assert usable(flag_fixes(fixes, rules)).all()
    assert not flag_fixes(fixes, CleaningRules(vmax_mps=45.0)).any()


def test_a_spike_says_how_fast_it_was_reached() -> None:
    fixes = _walk(8)
    fixes.loc[3:4, "longitude"] = 11.0
    reason = _reason(fixes, QualityFlag.SPIKE)
    assert reason["fix"].tolist() == [3, 4]
    assert reason["value"].tolist() == pytest.approx([104.5e3 / 3600] * 2, rel=0.01)
    assert set(reason["limit"]) == {3.0}
    assert set(reason["unit"]) == {"m/s"}


def test_a_stay_says_how_long_it_was_and_a_gap_too() -> None:
    north = np.concatenate((np.arange(20), np.full(60, 20), 20 + np.arange(20))) * KM_NORTH
    hours = np.arange(100) + np.where(np.arange(100) >= 95, 60.0, 0.0)
    fixes = fix_frame(np.full(100, 10.0), 20 + north, hours=hours)
    assert _reason(fixes, QualityFlag.IMMOBILE)["value"].unique().tolist() == pytest.approx([60.0])
    assert _reason(fixes, QualityFlag.AFTER_GAP)["value"].tolist() == pytest.approx([61.0])


def test_kinds_of_tags_are_told_apart() -> None:
    fixes = _walk(7).assign(
        sensor_type=["gps", "argos-doppler-shift", "solar-geolocator", None, None, "argos-doppler-shift", "gps"],
        location_class=[None, None, None, "B", None, "G", "G"],
        semi_major_m=[500.0, np.nan, np.nan, np.nan, 900.0, np.nan, np.nan],
    )
    kinds = sensors_of(fixes)
    assert kinds is not None
    names = [list(Sensor)[kind] for kind in kinds]
    assert names == ["gps", "argos", "geolocator", "argos", "argos", "gps", "gps"]
    assert list(Sensor)[sensor_of_animals(kinds, np.array([0, 7]))[0]] == "gps"


def test_fixes_of_gps_alone_have_no_kinds() -> None:
    assert sensors_of(_walk(3)) is None
    assert sensors_of(_walk(3).assign(sensor_type="gps")) is None


def test_argos_fixes_of_an_animal_with_gps_are_left_out() -> None:
    fixes = _walk(5).assign(location_class=[None, "B", None, "0", None])
    assert _flagged(fixes, QualityFlag.MINOR_SENSOR) == [1, 3]


def test_argos_is_judged_by_class_speed_and_angle_and_not_by_spikes() -> None:
    fixes = argos_frame(n=200)
    fixes.loc[50, ["longitude", "latitude"]] += 1.0
    fixes.loc[100, "location_class"] = "Z"
    found = flag_counts(flag_fixes(fixes, SEAL))
    assert found["spike"] == found["immobile"] == 0
    assert _flagged(fixes, QualityFlag.CLASS_INVALID, SEAL) == [100]
    assert 50 in _flagged(fixes, QualityFlag.SPEED | QualityFlag.ANGLE, SEAL)
    speeds = _reason(fixes, QualityFlag.SPEED, SEAL)
    assert (speeds["value"] > speeds["limit"]).all()
    angles = _reason(fixes, QualityFlag.ANGLE, SEAL)
    assert (angles["value"] <= angles["limit"]).all()


def test_argos_flags_are_the_labels_of_the_filter() -> None:
    fixes = argos_frame(4, n=200)
    labels = sda_filter(
        fixes["time_utc"].astype("int64") / 1e6, fixes["longitude"], fixes["latitude"], fixes["location_class"]
    )
    flags = flag_fixes(fixes, CleaningRules(vmax_mps=2.0))
    np.testing.assert_array_equal(usable(flags), labels != FilterLabel.REMOVED)


def test_a_loop_of_a_turtle_is_suspect() -> None:
    fixes = _walk(9).assign(location_class="3")
    fixes.loc[4, "longitude"] += 2.4 * KM_NORTH
    rules = CleaningRules(vmax_mps=2.5, loop_angle_deg=90.0, loop_above_mps=0.5)
    assert _flagged(fixes, QualityFlag.LOOP, rules) == [4]
    assert usable(flag_fixes(fixes, rules)).all()


def test_an_error_too_large_and_an_ellipse_that_contradicts_itself_are_said() -> None:
    fixes = _walk(6).assign(
        location_class="B",
        semi_major_m=[900.0, 2e5, 900.0, 100.0, 900.0, np.nan],
        semi_minor_m=[300.0, 300.0, 0.0, 300.0, 300.0, np.nan],
        ellipse_orientation_deg=[10.0, 10.0, 10.0, 10.0, 999.0, np.nan],
    )
    assert _flagged(fixes, QualityFlag.LARGE_ERROR, SEAL) == [1]
    assert _flagged(fixes, QualityFlag.BAD_ELLIPSE, SEAL) == [2, 3, 4]
    assert _reason(fixes, QualityFlag.LARGE_ERROR, SEAL)["value"].iloc[0] == pytest.approx(2e5 / np.sqrt(2))


@pytest.mark.parametrize(
    ("instant", "days"),
    [
        ("2024-03-20T03:06Z", 0),
        ("2024-09-22T12:44Z", 0),
        ("2000-03-20T07:35Z", 0),
        ("2023-09-23T06:50Z", 0),
        ("1999-12-22T07:44Z", 88.85),
    ],
)
def test_equinoxes_are_where_the_almanac_has_them(instant: str, days: float) -> None:
    found = days_from_equinox(np.array([pd.Timestamp(instant).timestamp()]))
    assert found[0] == pytest.approx(days, abs=0.3)


def test_light_near_an_equinox_tells_no_latitude() -> None:
    fixes = _walk(200, hours=np.arange(200) * 24.0, start="2020-01-01").assign(sensor_type="solar-geolocator")
    is_near = (fixes["time_utc"] - pd.Timestamp("2020-03-20T03:50Z")).abs() <= pd.Timedelta(days=20)
    assert _flagged(fixes, QualityFlag.LATITUDE_UNRELIABLE) == np.flatnonzero(is_near).tolist()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.floats(-180, 180),
            st.floats(-90, 90),
            st.sampled_from(["", "G", "3", "0", "B", "Z"]),
            st.sampled_from(["gps", "argos-doppler-shift", "solar-geolocator"]),
        ),
        max_size=30,
    )
)
def test_every_flag_has_one_reason(rows: list[tuple[int, float, float, str, str]]) -> None:
    rows = sorted(rows)
    fixes = fix_frame([r[1] for r in rows], [r[2] for r in rows], hours=[r[0] for r in rows])
    fixes = fixes.assign(location_class=[r[3] for r in rows], sensor_type=[r[4] for r in rows])
    rules = CleaningRules(loop_angle_deg=90.0, loop_above_mps=0.5, sharp_angle_deg=30.0, sharp_above_mps=2.0)
    found = assess(fixes, rules)
    assert found.reasons.columns.tolist() == list(REASON_COLUMNS)
    np.testing.assert_array_equal(found.flags, flag_fixes(fixes, rules))
    by_name = {flag_name(flag): int(flag) for flag in QualityFlag}
    rebuilt = np.zeros(len(fixes), dtype=np.uint32)
    np.bitwise_or.at(rebuilt, found.reasons["fix"].to_numpy(), found.reasons["rule"].map(by_name).to_numpy(np.uint32))
    np.testing.assert_array_equal(rebuilt, found.flags)
    assert not found.reasons.duplicated(["fix", "rule"]).any()
    assert found.reasons["fix"].is_monotonic_increasing


def test_no_fixes_have_no_reasons() -> None:
    found = assess(no_fixes())
    assert found.flags.size == 0
    assert found.reasons.columns.tolist() == list(REASON_COLUMNS)
    assert found.reasons.empty


def test_a_location_class_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        flag_fixes(_walk(3).assign(location_class="Q"))
    assert refused.value.code == "argos-class"


def test_gps_of_deer_is_judged_as_by_hand(shared) -> None:
    found = flag_counts(flag_fixes(read_example(shared / "data/muledeer_mapp/muledeer_mapp.csv")))
    assert {name: count for name, count in found.items() if count} == {
        "immobile": 54,
        "after_gap": 20,
        "usable": 37_554,
    }
