"""Biological years and net displacement."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.movement.frames import fix_frame, no_fixes
from wildways.model import BadInput
from wildways.movement import biological_years, daily_positions, net_displacement, quietest_start

KM_NORTH = 1 / 111.2


def _times(*times: str) -> pd.Series:
    return pd.Series(pd.to_datetime(times, utc=True, format="ISO8601"))


def test_a_biological_year_is_named_after_the_year_it_begins_in() -> None:
    times = _times("2009-01-31T23:59:59", "2009-02-01", "2010-01-31", "2010-02-01")
    assert biological_years(times).tolist() == [2008, 2009, 2009, 2010]


def test_a_biological_year_may_begin_on_any_day() -> None:
    assert biological_years(_times("2009-06-30", "2009-07-01"), (7, 1)).tolist() == [2008, 2009]


@pytest.mark.parametrize("start", [(2, 29), (13, 1), (0, 1), ("2", "1")])
def test_a_start_that_is_no_day_of_every_year_is_refused(start: tuple[int, int]) -> None:
    with pytest.raises(BadInput) as error:
        biological_years(_times("2009-01-01"), start)
    assert error.value.code == "bio-year-start"


def test_a_daily_position_is_the_median_of_the_day() -> None:
    fixes = fix_frame([10, 10, 10, 10, 10, 10], [1, 2, 60, 3, 5, 9], hours=[0, 8, 16, 24, 32, 40])
    daily = daily_positions(fixes)
    assert daily["n_fixes"].tolist() == [3, 3]
    assert daily["latitude"].to_numpy() == pytest.approx([2, 5])
    assert daily["longitude"].to_numpy() == pytest.approx([10, 10])


def test_daily_positions_are_right_at_the_antimeridian() -> None:
    daily = daily_positions(fix_frame([179.9, 179.9, -179.9, -179.9], [0, 0, 0, 0], hours=[0, 1, 2, 3]))
    assert abs(daily["longitude"].iloc[0]) == pytest.approx(180)


def test_daily_positions_are_right_at_the_pole() -> None:
    daily = daily_positions(fix_frame([0, 90, 180, -90], [89.9] * 4, hours=[0, 1, 2, 3]))
    assert daily["latitude"].iloc[0] == pytest.approx(90)


def test_displacement_is_measured_from_the_first_ten_days() -> None:
    north = np.concatenate((np.zeros(10), np.full(5, 100.0))) * KM_NORTH
    series = net_displacement(fix_frame(np.zeros(15), north, hours=24 * np.arange(15)))
    assert series["day"].tolist() == list(range(15))
    assert series["displacement_m"].to_numpy()[[0, 14]] == pytest.approx([0, 100_000], rel=0.01, abs=1)


def test_a_reference_waits_for_five_fixes() -> None:
    series = net_displacement(
        fix_frame([0, 0, 0, 0, 0], np.array([0, 0, 0, 0, 50]) * KM_NORTH, hours=240 * np.arange(5))
    )
    assert series["displacement_m"].iloc[0] == pytest.approx(10_000, rel=0.01)


def test_every_animal_and_year_has_its_own_reference() -> None:
    one = fix_frame(np.zeros(730), np.repeat([0.0, 1.0], 365), hours=24 * np.arange(730), start="2021-02-01")
    series = net_displacement(pd.concat([one, one.assign(animal_id="B", latitude=5.0)], ignore_index=True))
    assert series["displacement_m"].max() == pytest.approx(0, abs=1e-6)
    assert series.groupby(["animal_id", "bio_year"]).size().tolist() == [365, 365, 365, 365]


@given(st.floats(-180, 180), st.floats(-80, 80))
def test_displacement_does_not_depend_on_where_on_the_globe(longitude: float, latitude: float) -> None:
    east = np.concatenate((np.zeros(12), np.full(3, 1.0))) / np.cos(np.radians(latitude))
    lon = (longitude + east + 180) % 360 - 180
    series = net_displacement(fix_frame(lon, np.full(15, latitude), hours=24 * np.arange(15)))
    assert series["displacement_m"].iloc[-1] == pytest.approx(111_319, rel=0.01)


def test_no_fixes_have_no_displacement() -> None:
    assert net_displacement(no_fixes()).empty


def test_the_default_start_stays_where_animals_are_quiet_then() -> None:
    fixes = fix_frame(np.zeros(800), np.zeros(800), hours=24 * np.arange(800))
    assert quietest_start(fixes) == (2, 1)
    assert quietest_start(no_fixes()) == (2, 1)


def test_the_start_leaves_the_migration_alone() -> None:
    day = np.arange(800)
    north = 200 * np.sin(2 * np.pi * (day / 365.25)) * KM_NORTH
    month, _ = quietest_start(fix_frame(np.zeros(800), north, hours=24 * day))
    assert month in (4, 5, 10, 11)
