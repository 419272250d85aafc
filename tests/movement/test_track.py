"""What is refused before any computation on a track."""

import numpy as np
import pytest

from wildways.model.errors import BadInput
from wildways.movement.track import checked_track

X, Y, T = [0.0, 100.0, 200.0], [0.0, 10.0, 0.0], [0.0, 3600.0, 7200.0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([0, np.nan, 2], Y, T, 20), "track-not-finite"),
        ((X, Y, [0, np.inf, 2], 20), "track-not-finite"),
        ((X, Y, [0, 7200, 3600], 20), "track-unsorted"),
        ((X, Y, [0, 3600, 3600], 20), "track-duplicate-time"),
        ((X, Y, T[:2], 20), "track-shape"),
        (([1], [1], [1], 20), "track-shape"),
        (([], [], [], 20), "track-shape"),
        (([X], Y, T, 20), "track-shape"),
        ((["a", "b", "c"], Y, T, 20), "track-shape"),
        ((X, Y, T, -1), "location-error"),
        ((X, Y, T, [1, 2]), "location-error"),
        ((X, Y, T, np.nan), "track-not-finite"),
    ],
)
def test_a_track_that_makes_no_sense_is_refused(arguments, code):
    with pytest.raises(BadInput) as refused:
        checked_track(*arguments)
    assert refused.value.code == code


def test_times_that_go_back_and_repeat_are_told_apart_by_where():
    with pytest.raises(BadInput, match="first after fix 1"):
        checked_track(X, Y, [0, 2, 1], 20)
    with pytest.raises(BadInput, match="Fixes 1 and 2 have the same time"):
        checked_track(X, Y, [0, 2, 2], 20)


def test_an_error_of_zero_is_taken_as_one_metre():
    assert checked_track(X, Y, T, 0).location_error_m.tolist() == [1, 1, 1]


def test_each_fix_may_have_its_own_error():
    assert checked_track(X, Y, T, [5, 50, 500]).location_error_m.tolist() == [5, 50, 500]
