"""Corridors of thirty animals give back where they really went."""

import pytest

from tests.analyses.corridor_truth import KnownHerd

LEAST = {"low": 0.9, "medium": 0.8, "high": 0.78}


@pytest.fixture(scope="module")
def herd() -> KnownHerd:
    return KnownHerd(3)


def test_two_hourly_fixes_of_thirty_animals_give_back_corridor_and_motion_variance(herd: KnownHerd) -> None:
    alike, variance = herd.recovered(2)
    assert alike.keys() == LEAST.keys()
    for name, least in LEAST.items():
        assert alike[name] > least, name
    assert variance == pytest.approx(1, rel=0.10)


def test_footprints_of_98_percent_give_back_every_class_to_more_than_four_fifths(herd: KnownHerd) -> None:
    alike, _ = herd.recovered(2, footprint_level=0.98)
    assert min(alike.values()) > 0.8
