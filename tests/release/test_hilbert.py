"""Order along the Hilbert curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.release.hilbert import hilbert_distance, hilbert_order


@pytest.mark.parametrize("level", [1, 2, 3, 5])
def test_the_curve_visits_every_cell_once_and_steps_to_a_neighbour(level: int) -> None:
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(2**level), np.arange(2**level)))
    distance = hilbert_distance(x, y, level=level)
    assert sorted(distance) == list(range(4**level))
    order = np.argsort(distance)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert (steps == 1).all()


def test_the_first_four_cells_of_the_curve() -> None:
    x, y = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])
    assert hilbert_distance(x, y, level=1).tolist() == [0, 1, 2, 3]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=30))
def test_the_order_is_a_permutation_and_puts_unknown_boxes_last(points: list[tuple[float, float]]) -> None:
    bounds = np.array([(x, y, x, y) for x, y in points] + [(np.nan,) * 4])
    order = hilbert_order(bounds)
    assert sorted(order) == list(range(len(bounds)))
    assert order[-1] == len(points)


def test_boxes_in_one_place_keep_their_order() -> None:
    assert hilbert_order(np.zeros((5, 4))).tolist() == [0, 1, 2, 3, 4]


def test_no_boxes_have_no_order() -> None:
    assert hilbert_order(np.empty((0, 4))).tolist() == []
