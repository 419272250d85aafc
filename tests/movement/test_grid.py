"""Grids: snapping, windows, alignment, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import Grid

UTM = CRS.from_epsg(32612)
metres = st.floats(-1e6, 1e6)


def test_a_covering_grid_snaps_its_corners_to_multiples_of_the_cell():
    grid = Grid.covering([120, 480], [1010, 1990], crs=UTM, cell_m=50, margin_m=100)
    assert grid.bounds == (0, 900, 600, 2100)
    assert grid.shape == (24, 12)
    assert grid.n_cells == 288
    assert grid.cell_area_m2 == 2500


def test_row_zero_is_the_northernmost():
    grid = Grid(UTM, 10.0, 100.0, 500.0, 3, 4)
    assert grid.transform @ (0, 0) == (100, 500)
    assert grid.transform @ (3, 4) == (130, 460)


@given(metres, metres, metres, metres, st.floats(20_000, 90_000), st.floats(0, 50_000))
def test_a_covering_grid_holds_its_points_and_their_margin(x0, x1, y0, y1, cell, margin):
    grid = Grid.covering([x0, x1], [y0, y1], crs=UTM, cell_m=cell, margin_m=margin)
    west, south, east, north = grid.bounds
    slack = 1e-6
    assert west <= min(x0, x1) - margin + slack
    assert east >= max(x0, x1) + margin - slack
    assert south <= min(y0, y1) - margin + slack
    assert north >= max(y0, y1) + margin - slack


@given(metres, metres, metres, metres)
def test_covering_grids_of_one_cell_align(x0, y0, x1, y1):
    one = Grid.covering([x0], [y0], crs=UTM, cell_m=250, margin_m=3000)
    other = Grid.covering([x1], [y1], crs=UTM, cell_m=250, margin_m=700)
    row, column = one.offset_of(other)
    assert one.window(row, column, *other.shape) == other


def test_a_window_knows_its_place_in_its_parent():
    parent = Grid(UTM, 500.0, 486_526.87, 4_823_594.17, 271, 250)
    window = parent.window(7, 11, 20, 30)
    assert parent.offset_of(window) == (7, 11)
    assert parent.slices_of(window) == (slice(7, 27), slice(11, 41))
    assert np.zeros(parent.shape)[parent.slices_of(window)].shape == window.shape


def test_a_window_around_points_is_cut_at_the_grid():
    parent = Grid(UTM, 100.0, 0.0, 1000.0, 10, 10)
    assert parent.around([250], [450], margin_m=100) == parent.window(4, 1, 3, 3)
    assert parent.around([-500, 150], [950, 950]) == parent.window(0, 0, 1, 2)


def test_the_union_is_the_smallest_grid_that_holds_both():
    parent = Grid(UTM, 100.0, 0.0, 1000.0, 10, 10)
    one, other = parent.window(1, 2, 2, 2), parent.window(4, 0, 1, 3)
    assert one.union(other) == other.union(one) == parent.window(1, 0, 4, 4)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (Grid(UTM, 100.0, 30.0, 1000.0, 2, 2), "grid-misaligned"),
        (Grid(UTM, 50.0, 0.0, 1000.0, 2, 2), "grid-misaligned"),
        (Grid(CRS.from_epsg(32613), 100.0, 0.0, 1000.0, 2, 2), "grid-misaligned"),
        (Grid(UTM, 100.0, 900.0, 1000.0, 2, 2), "grid-outside"),
        (Grid(UTM, 100.0, -100.0, 1000.0, 2, 2), "grid-outside"),
    ],
)
def test_a_window_that_is_none_is_refused(other, code):
    with pytest.raises(BadInput) as refused:
        Grid(UTM, 100.0, 0.0, 1000.0, 10, 10).slices_of(other)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"crs": "EPSG:4326"}, "crs-not-metric"),
        ({"crs": "EPSG:2225"}, "crs-not-metric"),  # US survey feet
        ({"cell_m": 0}, "grid-cell"),
        ({"cell_m": float("nan")}, "grid-cell"),
        ({"margin_m": -1}, "grid-margin"),
        ({"x_m": [], "y_m": []}, "grid-points"),
        ({"x_m": [1, float("nan")], "y_m": [1, 2]}, "grid-points"),
        ({"x_m": [1, 2], "y_m": [1]}, "grid-points"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(change, code):
    arguments = {"x_m": [0], "y_m": [0], "crs": UTM, "cell_m": 100.0} | change
    with pytest.raises(BadInput) as refused:
        Grid.covering(arguments.pop("x_m"), arguments.pop("y_m"), **arguments)
    assert refused.value.code == code


def test_a_grid_without_cells_is_refused():
    with pytest.raises(BadInput, match="holds no cell"):
        Grid(UTM, 100.0, 0.0, 0.0, 0, 5)


def test_points_beside_the_grid_are_refused():
    with pytest.raises(BadInput, match="same CRS") as refused:
        Grid(UTM, 100.0, 0.0, 1000.0, 10, 10).around([5000], [500])
    assert refused.value.code == "grid-outside"


def test_too_many_cells_are_refused_with_a_cell_that_would_do():
    span = [0, 2_000_000]
    with pytest.raises(LimitReached) as refused:
        Grid.covering(span, span, crs=UTM, cell_m=50)
    assert refused.value.code == "grid-too-large"
    assert "210 m" in refused.value.hint
    assert Grid.covering(span, span, crs=UTM, cell_m=210).n_cells < 100_000_000
