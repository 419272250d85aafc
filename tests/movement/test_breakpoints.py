"""Breakpoints against every way to cut a short series."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement import lavielle, pelt, segment_means
from wildways.movement.breakpoints import Contrast

Floats = NDArray[np.float64]
SERIES = st.lists(st.floats(-5, 5), min_size=4, max_size=10).map(np.array)


def _cuts(n: int, count: int, min_length: int) -> Iterator[tuple[int, ...]]:
    for inner in combinations(range(1, n), count - 1):
        ends = (0, *inner, n)
        if all(b - a >= min_length for a, b in pairwise(ends)):
            yield ends


def _contrast(values: Floats, ends: tuple[int, ...], kind: str) -> float:
    def cost(part: Floats) -> float:
        about = values.mean() if kind == "var" else part.mean()
        squares = float(((part - about) ** 2).sum())
        return squares if kind == "mean" else len(part) * float(np.log(max(squares / len(part), 1e-12)))

    return sum(cost(values[a:b]) for a, b in pairwise(ends))


@settings(max_examples=40, deadline=None)
@given(SERIES, st.floats(0.05, 3), st.integers(1, 3))
def test_pelt_finds_the_least_of_all_cuts(series: Floats, penalty: float, min_length: int) -> None:
    if series.std() < 1e-3:
        return
    scaled = (series - series.mean()) / series.std()
    n = len(series)
    least = min(
        _contrast(scaled, ends, "mean") + penalty * (count - 1)
        for count in range(1, n // min_length + 1)
        for ends in _cuts(n, count, min_length)
    )
    starts = pelt(series, penalty=penalty, min_length=min_length)
    found = _contrast(scaled, (*starts.tolist(), n), "mean") + penalty * (len(starts) - 1)
    assert found == pytest.approx(least, abs=1e-6)


@pytest.mark.parametrize("kind", ["mean", "var", "meanvar"])
@settings(max_examples=15, deadline=None)
@given(SERIES)
def test_lavielle_finds_the_least_contrast_of_every_number_of_segments(kind: Contrast, series: Floats) -> None:
    if series.std() < 1e-3:
        return
    scaled = (series - series.mean()) / series.std()
    n = len(series)
    found = lavielle(series, max_segments=n // 2, min_length=2, contrast=kind)
    for count in range(1, n // 2 + 1):
        least = min(_contrast(scaled, ends, kind) for ends in _cuts(n, count, 2))
        assert found.contrasts[count - 1] == pytest.approx(least, abs=1e-5)
        ends = (*found.starts_of[count - 1].tolist(), n)
        assert _contrast(scaled, ends, kind) == pytest.approx(least, abs=1e-5)


def _three_stays() -> Floats:
    rng = np.random.default_rng(3)
    return np.concatenate((rng.normal(0, 1, 100), rng.normal(6, 1, 80), rng.normal(1, 1, 120)))


def test_both_find_the_changes_of_a_clear_series() -> None:
    series = _three_stays()
    assert pelt(series).tolist() == [0, 100, 180]
    assert lavielle(series, contrast="mean").starts.tolist() == [0, 100, 180]
    assert segment_means(series, pelt(series)) == pytest.approx([0, 6, 1], abs=0.3)


def test_a_change_of_variance_alone_is_found_where_it_is_asked_for() -> None:
    rng = np.random.default_rng(4)
    series = np.concatenate((rng.normal(0, 1, 150), rng.normal(0, 6, 150)))
    assert lavielle(series, contrast="var").starts == pytest.approx([0, 150], abs=3)
    assert pelt(series).tolist() == [0]


def test_noise_has_no_breakpoint() -> None:
    assert pelt(np.random.default_rng(5).normal(size=365)).tolist() == [0]


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_a_constant_or_tiny_series_is_one_segment(n: int) -> None:
    assert pelt(np.full(n, 7.0)).tolist() == [0]


def test_a_constant_series_has_one_segment_by_lavielle_too() -> None:
    assert lavielle(np.full(50, 7.0), max_segments=4, min_length=5).chosen == 1


@pytest.mark.parametrize(
    ("values", "options", "code"),
    [
        (np.arange(10.0), {"max_segments": 6, "min_length": 2}, "segments"),
        (np.array([0.0, np.nan, 1.0]), {"max_segments": 1, "min_length": 1}, "series"),
        (np.zeros(20_001), {}, "series-length"),
    ],
)
def test_what_cannot_be_cut_is_refused(values: Floats, options: dict[str, int], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        lavielle(values, **options)  # type: ignore[arg-type]
    assert caught.value.code == code
