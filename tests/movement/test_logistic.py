"""Models of net displacement."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wildways.movement.logistic import Move, fit_models

DAY = np.arange(365.0)


def _series(*moves: Move, noise_m: float = 500.0) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, noise_m, len(DAY))
    return 2_000 + sum((move.amplitude_m * move.share(DAY) for move in moves), noise)


@settings(max_examples=20, deadline=None)
@given(st.floats(40, 150), st.floats(200, 320), st.floats(0.5, 12), st.floats(0.5, 12), st.floats(10_000, 200_000))
def test_a_migrants_moves_are_found(first: float, second: float, phi: float, phi2: float, way_m: float) -> None:
    resident, one, two = fit_models(DAY, _series(Move(first, phi, way_m), Move(second, phi2, -0.9 * way_m)))
    assert one is not None
    assert two is not None
    assert two.aic < min(one.aic, resident.aic)
    assert [move.midpoint_day for move in two.moves] == pytest.approx([first, second], abs=1.5)
    assert [move.scale_days for move in two.moves] == pytest.approx([phi, phi2], rel=0.3, abs=0.5)
    assert two.moves[0].amplitude_m == pytest.approx(way_m, rel=0.05)


def test_a_disperser_is_better_described_by_one_move() -> None:
    resident, one, two = fit_models(DAY, _series(Move(120, 4, 50_000)))
    assert one is not None
    assert one.aic < resident.aic - 100
    assert one.moves[0].midpoint_day == pytest.approx(120, abs=0.5)
    assert two is None or two.aic > one.aic - 20


def test_a_residents_level_is_its_mean() -> None:
    series = _series()
    resident, _, _ = fit_models(DAY, series)
    assert resident.predict(DAY) == pytest.approx(np.full(365, series.mean()))


def test_a_return_before_the_least_stay_is_not_sought() -> None:
    _, _, two = fit_models(DAY, _series(Move(100, 1, 50_000), Move(115, 1, -50_000)), min_stay_days=30)
    assert two is None or two.moves[1].midpoint_day - two.moves[0].midpoint_day >= 30


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_few_days_have_no_moves(n: int) -> None:
    _, one, two = fit_models(DAY[:n], np.arange(n) * 1e4)
    assert (one, two) == (None, None)


def test_equal_displacements_are_a_residents() -> None:
    resident, one, two = fit_models(DAY, np.full(365, 100.0))
    assert all(model is None or model.aic >= resident.aic for model in (one, two))
