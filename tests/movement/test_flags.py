"""What is wrong with a fix."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.movement.frames import fix_frame, no_fixes
from wildways.model import BadInput
from wildways.movement import CleaningRules, QualityFlag, flag_counts, flag_fixes, speed_limit_for, usable

NA = pd.NA
KM_NORTH = 1 / 111.2


def _flags(fixes: pd.DataFrame, flag: QualityFlag, **rules: float) -> list[bool]:
    return ((flag_fixes(fixes, CleaningRules(**rules)) & int(flag)) > 0).tolist()  # type: ignore[arg-type]


def _walk(n: int, *, step_km: float = 1.0, **options: object) -> pd.DataFrame:
    return fix_frame(np.zeros(n), np.arange(n) * step_km * KM_NORTH, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, False),
        ({"visible": True}, False),
        ({"visible": False}, True),
        ({"visible": NA}, False),
        ({"visible": True, "manually_marked_outlier": True}, False),
        ({"visible": NA, "manually_marked_outlier": True}, True),
        ({"manually_marked_outlier": True}, True),
        ({"algorithm_marked_outlier": True}, True),
        ({"import_marked_outlier": True}, True),
        ({"import_marked_outlier": NA, "algorithm_marked_outlier": False}, False),
        ({"algorithm_marked_outlier": True, "manually_marked_valid": True}, False),
        ({"algorithm_marked_outlier": True, "manually_marked_valid": NA}, True),
        ({"visible": False, "manually_marked_valid": True}, True),
    ],
)
def test_marks_follow_movebank(marks: dict[str, object], expected: bool) -> None:
    fixes = fix_frame([0], [0], **{name: [value] for name, value in marks.items()})
    assert _flags(fixes, QualityFlag.MARKED_OUTLIER) == [expected]


def test_the_second_fix_of_a_time_is_a_duplicate() -> None:
    assert _flags(fix_frame([0, 0, 1], [0, 0, 0], hours=[0, 1, 1]), QualityFlag.DUPLICATE_TIME) == [False, False, True]


def test_a_marked_fix_does_not_make_a_good_one_a_duplicate() -> None:
    fixes = fix_frame([1, 5, 1], [1, 5, 1], hours=[0, 1, 1], algorithm_marked_outlier=[NA, True, NA])
    assert flag_fixes(fixes).tolist() == [0, QualityFlag.MARKED_OUTLIER, 0]


def test_the_same_time_of_two_animals_is_no_duplicate() -> None:
    fixes = pd.concat([_walk(3), _walk(3, animal="B")], ignore_index=True)
    assert not flag_fixes(fixes).any()


def test_a_fix_reached_and_left_too_fast_is_a_spike() -> None:
    fixes = _walk(6)
    fixes.loc[3, "longitude"] = 1.0
    assert _flags(fixes, QualityFlag.SPIKE) == [False, False, False, True, False, False]


def test_a_fast_departure_alone_is_no_spike() -> None:
    fixes = _walk(6)
    fixes.loc[3:, "longitude"] = 1.0
    assert not any(_flags(fixes, QualityFlag.SPIKE))


@pytest.mark.parametrize(("length", "expected"), [(2, True), (3, True), (4, False)])
def test_a_run_of_up_to_three_fixes_elsewhere_is_a_spike(length: int, expected: bool) -> None:
    fixes = _walk(12)
    fixes.loc[4 : 3 + length, "longitude"] = 1.0
    assert _flags(fixes, QualityFlag.SPIKE)[4 : 4 + length] == [expected] * length


def test_steps_over_a_gap_are_not_too_fast() -> None:
    fixes = _walk(5, hours=[0, 1, 60, 120, 121])
    fixes.loc[2, "longitude"] = 170.0
    assert not any(_flags(fixes, QualityFlag.SPIKE))


def test_a_spike_across_the_antimeridian_is_none() -> None:
    fixes = fix_frame([179.99, -179.99, 179.99, -179.99], [0, 0, 0, 0])
    assert not flag_fixes(fixes).any()


def test_the_speed_limit_is_the_callers() -> None:
    fixes = _walk(8, step_km=72)
    assert sum(_flags(fixes, QualityFlag.SPIKE)) == 6
    assert not any(_flags(fixes, QualityFlag.SPIKE, vmax_mps=45.0))


def _with_stay(n_before: int, n_stay: int, n_after: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    north = np.concatenate((np.arange(n_before), np.full(n_stay, n_before), n_before + np.arange(n_after))) * KM_NORTH
    stay = slice(n_before, n_before + n_stay)
    north[stay] += rng.normal(0, 0.01, n_stay) * KM_NORTH
    return fix_frame(np.zeros(len(north)), north)


def test_a_long_stay_is_immobile_and_usable() -> None:
    fixes = _with_stay(20, 60, 20)
    flags = flag_fixes(fixes)
    assert (flags[22:78] == QualityFlag.IMMOBILE).all()
    assert usable(flags).all()


def test_a_stay_until_the_end_is_after_the_end() -> None:
    flags = flag_fixes(_with_stay(20, 60, 0))
    assert usable(flags)[:20].all()
    assert not usable(flags)[21:].any()


def test_a_short_stay_at_the_end_is_not_the_end() -> None:
    assert not flag_fixes(_with_stay(20, 40, 0)).any()


def test_one_stray_fix_does_not_end_a_stay() -> None:
    fixes = _with_stay(20, 60, 0)
    fixes.loc[50, "latitude"] += KM_NORTH
    assert not usable(flag_fixes(fixes))[21:].any()


def test_slow_grazing_is_not_a_stay() -> None:
    assert not flag_fixes(_walk(2000, step_km=0.03)).any()


def test_the_first_fix_after_a_gap_is_flagged() -> None:
    fixes = _walk(4, hours=[0, 1, 8761, 8762])
    assert flag_fixes(fixes).tolist() == [0, 0, QualityFlag.AFTER_GAP, 0]


@pytest.mark.parametrize("fixes", [no_fixes(), fix_frame([5], [5]), _walk(2), fix_frame([5, 5], [5, 5], hours=[0, 1])])
def test_hardly_any_fixes_are_all_usable(fixes: pd.DataFrame) -> None:
    assert usable(flag_fixes(fixes)).all()


def test_equal_fixes_for_a_month_are_after_the_end() -> None:
    assert (flag_fixes(fix_frame([5.0] * 720, [5.0] * 720)) & int(QualityFlag.AFTER_END)).all()


@given(st.lists(st.tuples(st.integers(0, 300), st.floats(-180, 180), st.floats(-90, 90)), min_size=0, max_size=40))
def test_any_sorted_fixes_get_flags(rows: list[tuple[int, float, float]]) -> None:
    rows = sorted(rows)
    fixes = fix_frame([r[1] for r in rows], [r[2] for r in rows], hours=[r[0] for r in rows])
    flags = flag_fixes(fixes)
    assert flags.shape == (len(rows),)
    kept = fixes[usable(flags)]
    assert not kept.duplicated(["animal_id", "time_utc"]).any()
    assert flag_counts(flags)["usable"] == len(kept)


def test_rules_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadInput, match="vmax_mps is -1"):
        CleaningRules(vmax_mps=-1)


@pytest.mark.parametrize(
    ("taxon", "limit"),
    [
        ("Odocoileus hemionus", 3.0),
        ("Cervidae", 3.0),
        ("Ciconia ciconia", 45.0),
        ("Chelonia mydas", 2.5),
        ("Turdus", 30.0),
        ("Dragonus volans", None),
        ("", None),
    ],
)
def test_speed_limits_are_known_by_genus_and_family(taxon: str, limit: float | None) -> None:
    assert speed_limit_for(taxon) == limit


def test_a_million_fixes_take_about_a_second() -> None:
    rng = np.random.default_rng(1)
    animal, hours = np.repeat([f"animal {k}" for k in range(50)], 20_000), np.tile(np.arange(20_000), 50)
    fixes = fix_frame(rng.normal(0, 0.01, 1_000_000), rng.normal(0, 0.01, 1_000_000), animal=animal, hours=hours)
    flag_fixes(fixes.head(10))
    start = time.process_time()
    flag_fixes(fixes)
    assert time.process_time() - start < 3
