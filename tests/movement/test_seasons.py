"""Windows proposed from net displacement."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.movement.frames import fix_frame, no_fixes, read_example
from wildways.movement import PROPOSAL_COLUMNS, CleaningRules, SeasonRules, flag_fixes, propose_windows, usable
from wildways.movement.seasons import season_names
from wildways.simulate import demo_herds, simulate_herd

KM_NORTH = 1 / 111.2


def _year(
    legs: dict[int, float], *, n_days: int = 365, latitude: float = 45.0, start: str = "2020-02-01"
) -> pd.DataFrame:
    """Four fixes a day about a point that moves within ten days of each day of `legs` to the kilometres north given."""
    day = np.arange(0, n_days, 0.25)
    knots = [(0.0, 0.0)]
    for first, km in legs.items():
        knots += [(first, knots[-1][1]), (first + 10, km)]
    north = np.interp(day, *np.array(knots).T)
    jitter = np.random.default_rng(1).normal(0, 1, (2, len(day)))
    return fix_frame(30 + jitter[0] * KM_NORTH, latitude + (north + jitter[1]) * KM_NORTH, hours=24 * day, start=start)


def _midnight(day: int, start: str = "2020-02-01") -> pd.Timestamp:
    return pd.Timestamp(start, tz="UTC") + pd.Timedelta(days=day)


def test_moving_out_and_back_is_two_migrations() -> None:
    windows = propose_windows(_year({80: 100, 250: 0}))
    assert tuple(windows.columns) == PROPOSAL_COLUMNS
    assert windows["season"].tolist() == ["spring", "autumn"]
    assert windows["movement_class"].tolist() == ["migrant", "migrant"]
    assert windows["displacement_m"].to_numpy() == pytest.approx(100_000, rel=0.06)
    for row, day in zip(windows.itertuples(), (80, 250), strict=True):
        assert abs(row.start_utc - _midnight(day)) <= pd.Timedelta(days=2)
        assert abs(row.end_utc - _midnight(day + 10)) <= pd.Timedelta(days=2)
    assert windows["decided_by"].unique().tolist() == ["automatic"]


def test_seasons_are_exchanged_in_the_south() -> None:
    assert propose_windows(_year({80: 100, 250: 0}, latitude=-20))["season"].tolist() == ["autumn", "spring"]


def test_moving_once_is_one_migration_of_a_disperser() -> None:
    windows = propose_windows(_year({80: 100}))
    assert windows["season"].tolist() == ["spring"]
    assert windows["movement_class"].tolist() == ["disperser"]


def test_staying_gives_a_row_without_dates() -> None:
    windows = propose_windows(_year({}))
    assert windows["season"].tolist() == [""]
    assert windows["movement_class"].tolist() == ["resident"]
    assert windows[["start_utc", "end_utc"]].isna().all(axis=None)


def test_a_move_in_part_of_a_year_is_a_migration_of_its_calendar_season() -> None:
    windows = propose_windows(_year({20: 900}, n_days=60, start="2018-08-01"))
    assert windows["season"].tolist() == ["autumn"]
    assert windows["movement_class"].tolist() == ["undetermined"]
    assert windows["bio_year"].tolist() == [2018]


def test_a_track_that_ends_on_the_way_is_told() -> None:
    north = np.concatenate((np.zeros(120), np.linspace(0, 500, 40)))
    fixes = fix_frame(np.zeros(160), 45 + north * KM_NORTH, hours=6 * np.arange(160))
    windows = propose_windows(fixes)
    assert len(windows) == 1
    assert abs(windows["start_utc"].iloc[0] - _midnight(30)) <= pd.Timedelta(days=2)


def test_a_short_excursion_is_no_migration() -> None:
    windows = propose_windows(_year({100: 60, 115: 0}))
    assert windows["season"].tolist() == [""]


def test_a_move_smaller_than_the_least_is_none() -> None:
    fixes = _year({80: 20, 250: 0})
    assert len(propose_windows(fixes)) == 2
    assert propose_windows(fixes, rules=SeasonRules(min_displacement_m=30_000))["season"].tolist() == [""]


def test_two_years_have_windows_of_their_own() -> None:
    windows = propose_windows(_year({80: 100, 250: 0, 450: 100, 620: 0}, n_days=730))
    assert windows["bio_year"].tolist() == [2020, 2020, 2021, 2021]
    assert windows["season"].tolist() == ["spring", "autumn"] * 2


def test_a_migration_over_the_antimeridian_is_found() -> None:
    east = np.interp(np.arange(365), [0, 100, 110, 250, 260, 365], [0, 0, 3, 3, 0, 0])
    fixes = fix_frame((178.5 + east + 180) % 360 - 180, np.full(365, 66.0), hours=24 * np.arange(365))
    assert propose_windows(fixes)["season"].tolist() == ["spring", "autumn"]


def test_a_gap_of_a_year_leaves_two_years() -> None:
    fixes = pd.concat([_year({}, n_days=300), _year({}, n_days=300, start="2022-02-01")], ignore_index=True)
    assert propose_windows(fixes)["bio_year"].tolist() == [2020, 2022]


def test_days_without_fixes_in_a_move_are_told() -> None:
    fixes = _year({80: 100, 250: 0})
    day = (fixes["time_utc"] - fixes["time_utc"].iloc[0]).dt.days
    windows = propose_windows(fixes[~day.between(81, 87)].reset_index(drop=True))
    assert "7 days without fixes" in windows["reason"].iloc[0]


@pytest.mark.parametrize(
    "fixes", [fix_frame([10, 11], [50, 51]), fix_frame([10] * 40, [50] * 40), fix_frame([0, 90], [89.99, 89.99])]
)
def test_hardly_any_days_are_undetermined(fixes: pd.DataFrame) -> None:
    windows = propose_windows(fixes)
    assert windows["movement_class"].tolist() == ["undetermined"]
    assert windows["season"].tolist() == [""]


def test_equal_fixes_for_a_year_are_a_residents() -> None:
    fixes = fix_frame([5.0] * 365, [5.0] * 365, hours=24 * np.arange(365))
    assert propose_windows(fixes)["movement_class"].tolist() == ["resident"]


def test_no_fixes_have_no_windows() -> None:
    windows = propose_windows(no_fixes())
    assert windows.empty
    assert tuple(windows.columns) == PROPOSAL_COLUMNS


@pytest.mark.parametrize(
    ("midpoints", "is_north", "names"),
    [
        ([date(2020, 1, 15)], True, ["spring"]),
        ([date(2020, 7, 14)], True, ["spring"]),
        ([date(2020, 7, 15)], True, ["autumn"]),
        ([date(2020, 1, 14)], True, ["autumn"]),
        ([date(2020, 3, 1)], False, ["autumn"]),
        ([date(2020, 5, 1), date(2020, 11, 1)], True, ["spring", "autumn"]),
        ([date(2020, 11, 1), date(2021, 5, 1)], True, ["autumn", "spring"]),
        ([date(2020, 5, 1), date(2020, 7, 1)], True, ["spring", "autumn"]),
        ([date(2020, 8, 1), date(2020, 11, 1)], True, ["spring", "autumn"]),
    ],
)
def test_moves_are_named_by_date_and_never_alike(midpoints: list[date], is_north: bool, names: list[str]) -> None:
    assert season_names(midpoints, is_north=is_north) == names


@pytest.fixture(scope="module")
def simulated() -> pd.DataFrame:
    """True windows of the demonstration herds, beside what was proposed (suffix ``_proposed``)."""
    rows = []
    for herd in demo_herds():
        herd_rows = simulate_herd(
            replace(herd, n_animals=20, resident_share=0.25, tracking_days=(365, 400), death_share=0.0),
            rng=np.random.default_rng(7),
        )
        proposed = propose_windows(herd_rows.fixes[usable(flag_fixes(herd_rows.fixes))].reset_index(drop=True))
        keys = ["animal_id", "bio_year", "season"]
        rows.append(herd_rows.windows.merge(proposed, on=keys, how="left", suffixes=("", "_proposed")))
    return pd.concat(rows, ignore_index=True)


def test_nine_in_ten_simulated_migrations_are_dated_within_three_days(simulated: pd.DataFrame) -> None:
    migrations = simulated[simulated["season"] != ""]
    for name in ("start_utc", "end_utc"):
        error = (migrations[f"{name}_proposed"] - migrations[name]).abs()
        assert (error <= pd.Timedelta(days=3)).mean() >= 0.9


def test_simulated_residents_are_not_called_migrants(simulated: pd.DataFrame) -> None:
    residents = simulated[simulated["season"] == ""]
    assert len(residents) == 20
    assert (residents["movement_class_proposed"] == "resident").mean() >= 0.95


def _proposed(shared: Path, name: str, vmax_mps: float) -> tuple[pd.DataFrame, float]:
    fixes = read_example(shared / "data" / name / f"{name}.csv")
    flags = flag_fixes(fixes, CleaningRules(vmax_mps=vmax_mps))
    start = time.process_time()
    return propose_windows(fixes[usable(flags)].reset_index(drop=True)), time.process_time() - start


def test_mule_deer_of_the_wyoming_range_migrate_twice_a_year(shared: Path) -> None:
    windows, seconds = _proposed(shared, "muledeer_mapp", 3.0)
    moves = windows[windows["season"] != ""]
    assert len(moves) == 30
    assert moves["season"].value_counts().to_dict() == {"spring": 15, "autumn": 15}
    assert moves["displacement_m"].between(35_000, 90_000).all()
    spring = moves[moves["season"] == "spring"]
    assert spring["start_utc"].dt.month.isin([3, 4]).all()
    assert spring["end_utc"].dt.month.isin([5, 6]).all()
    assert moves.loc[moves["season"] == "autumn", "end_utc"].dt.month.isin([11, 12]).all()
    assert seconds < 2


def test_white_storks_leave_in_august_and_september(shared: Path) -> None:
    windows, seconds = _proposed(shared, "whitestork_lifetrack", 45.0)
    assert windows["season"].tolist() == ["autumn"] * 15
    assert windows["start_utc"].dt.month.isin([8, 9]).all()
    assert (windows["displacement_m"] > 700_000).all()
    assert seconds < 3


def test_elk_of_ya_ha_tinda_are_partly_migratory_as_migrater_finds(shared: Path) -> None:
    windows, _ = _proposed(shared, "elk_yahatinda", 3.0)
    reference = pd.read_csv(shared / "reference" / "migrateR_elk_aic.csv")
    clear = reference[(reference["top"] == "migrant") & (reference["resident"] - reference["migrant"] > 500)]
    migrants = set(windows.loc[windows["movement_class"] == "migrant", "animal_id"])
    assert {burst.split()[0] for burst in clear["burst"]} <= migrants
    assert {"YL15", "YL58", "YL64", "YL80"}.isdisjoint(migrants)
