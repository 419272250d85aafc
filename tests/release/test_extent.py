"""The extent of what is published."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.release.extent import Box, enclosing_box, zoom_range


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([(1.0, 2.0, 3.0, 4.0)], (1.0, 2.0, 3.0, 4.0)),
        ([(1.0, 2.0, 3.0, 4.0), (-5.0, 0.0, 2.0, 3.0)], (-5.0, 0.0, 3.0, 4.0)),
        ([(178.0, 0.0, 179.0, 1.0), (-179.0, 0.0, -178.0, 1.0)], (178.0, 0.0, -178.0, 1.0)),
        ([(179.0, 0.0, -179.0, 1.0), (170.0, 0.0, 171.0, 1.0)], (170.0, 0.0, -179.0, 1.0)),
        ([(-180.0, -90.0, 180.0, 90.0)], (-180.0, -90.0, 180.0, 90.0)),
        ([(-100.0, 0.0, -90.0, 1.0), (20.0, 0.0, 30.0, 1.0)], (-100.0, 0.0, 30.0, 1.0)),
    ],
)
def test_the_box_goes_the_short_way_round(boxes: list[Box], expected: Box) -> None:
    assert enclosing_box(boxes) == expected


def test_nothing_has_no_box() -> None:
    assert enclosing_box([]) is None
    assert enclosing_box([(math.nan,) * 4]) is None


boxes = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 20), st.floats(0, 20)).map(
    lambda given: (given[0], given[1], min(given[0] + given[2], 180.0), min(given[1] + given[3], 90.0))
)


@given(st.lists(boxes, min_size=1, max_size=8))
def test_every_box_lies_in_the_enclosing_box(given_boxes: list[Box]) -> None:
    west, south, east, north = enclosing_box(given_boxes) or (0, 0, 0, 0)
    for box in given_boxes:
        assert south <= box[1]
        assert box[3] <= north
        for longitude in (box[0], box[2]):
            assert west <= longitude <= east if west <= east else longitude >= west or longitude <= east


@given(st.lists(boxes, min_size=1, max_size=8))
def test_the_order_of_boxes_does_not_matter(given_boxes: list[Box]) -> None:
    assert enclosing_box(given_boxes) == enclosing_box(sorted(given_boxes, reverse=True))


@pytest.mark.parametrize(
    ("box", "highest"),
    [
        ((-180.0, -90.0, 180.0, 90.0), 8),
        ((-110.0, 41.0, -109.0, 42.0), 10),
        ((-110.0, 41.0, -109.99, 41.01), 12),
        ((179.9, 0.0, -179.9, 0.1), 12),
        ((5.0, 5.0, 5.0, 5.0), 12),
    ],
)
def test_small_extents_get_finer_tiles(box: Box, highest: int) -> None:
    assert zoom_range(box) == (0, highest)
