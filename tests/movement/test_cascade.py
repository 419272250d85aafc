"""How sure is a proposal, and its dates: on simulated herds whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from wildways.movement import flag_fixes, propose_windows, usable
from wildways.simulate import demo_herds, simulate_herd

KEYS = ["animal_id", "bio_year", "season"]


def _usable(fixes: pd.DataFrame) -> pd.DataFrame:
    return fixes[usable(flag_fixes(fixes))].reset_index(drop=True)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """True windows of the demonstration herds, beside what was proposed (suffix ``_proposed``)."""
    rows = []
    for herd in demo_herds():
        some = replace(herd, n_animals=16, resident_share=0.25, tracking_days=(365, 400), death_share=0.0)
        simulated = simulate_herd(some, rng=np.random.default_rng(11))
        proposed = propose_windows(_usable(simulated.fixes))
        rows.append(simulated.windows.merge(proposed, on=KEYS, how="left", suffixes=("", "_proposed")))
    return pd.concat(rows, ignore_index=True)


def _errors_days(migrations: pd.DataFrame, name: str) -> "pd.Series[float]":
    apart = migrations[f"{name}_utc_proposed"] - migrations[f"{name}_utc"]
    return apart.dt.total_seconds() / 86_400


def test_dates_are_within_two_days_of_the_truth_in_95_of_100(found: pd.DataFrame) -> None:
    migrations = found[found["season"] != ""]
    errors = pd.concat([_errors_days(migrations, name) for name in ("start", "end")])
    assert (errors.abs() <= 2).mean() >= 0.95


def test_residents_are_not_called_migrants(found: pd.DataFrame) -> None:
    residents = found[found["season"] == ""]
    assert (~residents["movement_class_proposed"].isin(["migrant", "mixed"])).mean() >= 0.95


def test_migrants_of_whole_years_are_mostly_sure_and_never_doubtful(found: pd.DataFrame) -> None:
    migrations = found[found["season"] != ""]
    assert (migrations["confidence"] == "A").mean() >= 0.7
    assert (migrations["confidence"] == "C").mean() <= 0.05


def test_the_standard_errors_are_as_large_as_the_errors(found: pd.DataFrame) -> None:
    migrations = found[found["season"] != ""]
    for name in ("start", "end"):
        scaled = _errors_days(migrations, name).abs() / migrations[f"{name}_se_days"]
        assert (scaled <= 2).mean() >= 0.8
        assert migrations[f"{name}_se_days"].median() < 2


def test_errors_are_the_same_for_an_animal_alone() -> None:
    herd = replace(demo_herds()[0], n_animals=2, tracking_days=(365, 366), death_share=0.0)
    fixes = _usable(simulate_herd(herd, rng=np.random.default_rng(3)).fixes)
    everybody = propose_windows(fixes)
    last = fixes["animal_id"].iloc[-1]
    alone = propose_windows(fixes[fixes["animal_id"] == last].reset_index(drop=True))
    assert everybody[everybody["animal_id"] == last].reset_index(drop=True).equals(alone)
    assert not propose_windows(fixes, seed=1)["start_se_days"].equals(everybody["start_se_days"])
