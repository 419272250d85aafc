"""Models of net squared displacement: what they recover, what they refuse, what migrateR makes of the same elk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement import NsdFit, NsdModel, choose_nsd_model, fit_nsd_models

Floats = NDArray[np.float64]
DAY = np.arange(365.0)


def _moves(*steps: tuple[float, float, float], day: Floats = DAY) -> Floats:
    noise = np.random.default_rng(1).normal(0, 5, len(day))
    return noise + sum(height / (1 + np.exp(-(day - middle) / scale)) for middle, scale, height in steps)


def _by_model(fits: tuple[NsdFit, ...]) -> dict[str, NsdFit]:
    return {fit.model: fit for fit in fits}


def test_a_migrants_dates_and_distance_are_recovered() -> None:
    top = choose_nsd_model(fit_nsd_models(DAY, _moves((90, 3, 2500), (250, 5, -2500))))
    assert top.model is NsdModel.MIGRANT
    assert top.parameters["theta"] == pytest.approx(90, abs=0.1)
    assert top.theta2 == pytest.approx(250, abs=0.1)
    assert top.parameters["delta"] == pytest.approx(2500, rel=0.01)
    half = np.log(19)
    assert np.ravel(top.dates()) == pytest.approx([90 - 3 * half, 90 + 3 * half, 250 - 5 * half, 250 + 5 * half], abs=1)
    assert top.at_bound == ()


@pytest.mark.parametrize(
    ("steps", "model"),
    [
        (((90, 3, 2500), (250, 5, -1500)), NsdModel.MIXED),
        (((120, 4, 900),), NsdModel.DISPERSER),
        ((), NsdModel.RESIDENT),
    ],
)
def test_the_model_that_made_the_year_is_chosen(steps: tuple[tuple[float, float, float], ...], model: NsdModel) -> None:
    assert choose_nsd_model(fit_nsd_models(DAY, 50 + _moves(*steps))).model is model


def test_a_steady_drift_is_a_nomads() -> None:
    nsd = 3 * DAY + np.random.default_rng(2).normal(0, 5, 365)
    top = choose_nsd_model(fit_nsd_models(DAY, nsd))
    assert top.model is NsdModel.NOMAD
    assert top.parameters["beta"] == pytest.approx(3, rel=0.01)
    assert top.dates() == ()


def test_a_move_faster_than_the_model_allows_says_so() -> None:
    top = choose_nsd_model(fit_nsd_models(DAY, np.where((DAY > 100) & (DAY < 250), 900.0, 0.0)))
    assert {"phi", "phi2"} <= set(top.at_bound)


def test_a_return_takes_most_of_a_year() -> None:
    fits = fit_nsd_models(DAY[:200], _moves((60, 3, 900), (150, 3, -900))[:200])
    assert choose_nsd_model(fits).model is NsdModel.MIGRANT
    assert choose_nsd_model(fits, cover_days=200).model is not NsdModel.MIGRANT


def test_of_models_as_good_the_simplest_is_taken() -> None:
    fits = [NsdFit(NsdModel.MIXED, dict.fromkeys("abcdef", 0.0), 1, 100), NsdFit(NsdModel.NOMAD, {"a": 0}, 1, 101.9)]
    assert choose_nsd_model(fits).model is NsdModel.NOMAD
    assert choose_nsd_model(fits, margin=1).model is NsdModel.MIXED


@pytest.mark.parametrize("n", [1, 2, 40])
def test_a_constant_series_is_a_residents(n: int) -> None:
    (only,) = fit_nsd_models(np.arange(float(n)), np.zeros(n))
    assert only.model is NsdModel.RESIDENT
    assert np.isfinite(only.aic)


def test_two_days_fit_no_curve() -> None:
    assert _by_model(fit_nsd_models(np.array([0.0, 1.0]), np.array([0.0, 4.0]))).keys() <= {"resident"}
    assert fit_nsd_models(np.zeros(0), np.zeros(0)) == ()


def test_a_gap_of_half_a_year_changes_nothing_but_the_certainty() -> None:
    seen = (DAY < 120) | (DAY > 300)
    top = choose_nsd_model(fit_nsd_models(DAY[seen], _moves((60, 3, 900))[seen]))
    assert top.model is NsdModel.DISPERSER


@pytest.mark.parametrize(("day", "nsd"), [([0, 1, 1], [0, 1, 2]), ([0, 1], [0, np.nan]), ([0, 1], [0])])
def test_what_is_no_series_is_refused(day: list[float], nsd: list[float]) -> None:
    with pytest.raises(BadInput):
        fit_nsd_models(np.array(day), np.array(nsd))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 1e6), st.integers(0, 2**31))
def test_the_unit_of_distance_changes_no_date(factor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    nsd = np.abs(_moves((rng.uniform(40, 100), 3, 900), (rng.uniform(200, 300), 3, -900))) + rng.exponential(20, 365)
    one, other = (_by_model(fit_nsd_models(DAY, scale * nsd))["migrant"] for scale in (1, factor))
    assert other.parameters["theta"] == pytest.approx(one.parameters["theta"], abs=0.05)
    assert other.parameters["delta"] == pytest.approx(factor * one.parameters["delta"], rel=0.01)
    assert other.rss <= ((factor * nsd) ** 2).sum() * (1 + 1e-9)


@pytest.mark.peers
def test_elk_are_fitted_as_well_as_by_migrater_or_better(shared: Path) -> None:
    series = pd.read_csv(shared / "reference" / "migrateR_elk_nsd.csv", parse_dates=["date"])
    reference = pd.read_csv(shared / "reference" / "migrateR_elk_aic.csv").set_index("burst")
    reference = reference.rename(columns={"mixmig": "mixed"}).replace({"top": {"mixmig": "mixed"}})
    tops, common = {}, {}
    for burst, fixes in series.groupby("burst", sort=False):
        nsd = ((fixes["x"] - fixes["x"].iloc[0]) ** 2 + (fixes["y"] - fixes["y"].iloc[0]) ** 2).to_numpy() / 1e6
        day = (fixes["date"] - fixes["date"].iloc[0]).dt.total_seconds().to_numpy() / 86_400
        fits = fit_nsd_models(day, nsd)
        theirs = reference.loc[burst]
        for fit in fits:
            assert not fit.aic > theirs[fit.model] + 0.5
        tops[burst] = choose_nsd_model(fits).model
        common[burst] = choose_nsd_model([fit for fit in fits if not np.isnan(theirs[fit.model])]).model
    # migrateR's fits of a mixed migrant fail for two elk and stop 9.9 AIC short for a third: there ours is chosen.
    assert sum(reference.loc[burst, "top"] == model for burst, model in common.items()) >= 22
    better = {burst for burst, model in tops.items() if model != reference.loc[burst, "top"]}
    assert better == {"GR104 2004", "YL42 2003", "YL58 2004"}
    assert {tops[burst] for burst in better} == {NsdModel.MIXED}
