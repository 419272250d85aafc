"""Location classes and ellipses of Argos as covariances."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.model import BadInput
from wildways.movement import LOCATION_CLASSES, class_rank, nominal_radius_m, normal_classes, position_covariance

AXES = st.floats(1.0, 1e5)
TURNS = st.floats(0.0, 180.0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("3", "3"), (3, "3"), (3.0, "3"), ("b", "B"), (" A ", "A"), ("z", "Z"), (-1, "A"), (-2, "B"), (-9, "Z")),
        *(("", ""), (None, ""), (np.nan, ""), (pd.NA, ""), ("NA", "")),
    ],
)
def test_a_class_is_understood_as_it_is_written(written, meant):
    assert normal_classes([written]).tolist() == [meant]


@pytest.mark.parametrize("written", ["4", "C", "-3", "3A", "2.5"])
def test_what_is_no_class_is_refused(written):
    with pytest.raises(BadInput) as refused:
        normal_classes(["3", written])
    assert refused.value.code == "argos-class"
    assert written in refused.value.message


def test_a_column_of_a_frame_is_understood():
    assert normal_classes(pd.Series(["1", pd.NA, "A"], dtype="string")).tolist() == ["1", "", "A"]


def test_better_classes_have_a_lower_rank_and_no_class_the_highest():
    assert class_rank(["G", *LOCATION_CLASSES[1:], ""]).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_nominal_radii_are_those_the_operator_states():
    np.testing.assert_array_equal(
        nominal_radius_m(["G", "3", "2", "1", "0", "A", "B", "Z", ""]), [100, 250, 500, 1500] + [np.nan] * 5
    )


def test_worse_classes_have_greater_variances():
    variances = np.diagonal(position_covariance(LOCATION_CLASSES), axis1=1, axis2=2)
    assert (np.diff(variances[:-1], axis=0) > 0).all()
    assert np.isinf(variances[-1]).all()


def test_a_class_has_the_factors_of_animotum():
    one, b = position_covariance(["1", "B"], class_3_sd_m=100.0)
    np.testing.assert_allclose(np.sqrt(np.diag(one)), [372.0, 255.0])
    np.testing.assert_allclose(np.sqrt(np.diag(b)), [4422.0, 3253.0])
    assert one[0, 1] == 0


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (0, [[50.0, 0], [0, 20_000]]),
        (90, [[20_000, 0], [0, 50]]),
        (180, [[50, 0], [0, 20_000]]),
        (45, [[10_025, 9_975], [9_975, 10_025]]),
        (135, [[10_025, -9_975], [-9_975, 10_025]]),
    ],
)
def test_an_ellipse_is_turned_from_north_to_east(turn, expected):
    np.testing.assert_allclose(position_covariance(["2"], [200.0], [10.0], [turn])[0], expected, atol=1e-9)


@given(major=AXES, minor=AXES, turn=TURNS)
def test_the_axes_of_an_ellipse_are_found_again_in_its_covariance(major, minor, turn):
    covariance = position_covariance(["A"], [major], [minor], [turn])[0]
    np.testing.assert_allclose(
        np.sqrt(2 * np.linalg.eigvalsh(covariance)), sorted((major, minor)), rtol=1e-3, atol=1e-6 * max(major, minor)
    )
    np.testing.assert_array_equal(covariance, covariance.T)


@given(major=AXES, turn=TURNS)
def test_a_circle_has_no_direction(major, turn):
    np.testing.assert_allclose(
        position_covariance(["A"], [major], [major], [turn])[0], np.eye(2) * major**2 / 2, atol=1e-6 * major**2
    )


@pytest.mark.parametrize(
    ("major", "minor", "turn"), [(0, 10, 20), (10, 0, 20), (np.nan, 10, 20), (10, -1, 20), (10, 5, np.nan)]
)
def test_an_ellipse_that_is_none_falls_back_to_the_class(major, minor, turn):
    np.testing.assert_array_equal(position_covariance(["2"], [major], [minor], [turn]), position_covariance(["2"]))


def test_an_ellipse_counts_where_the_class_is_missing_and_not_where_it_is_z():
    unknown, invalid, nothing = position_covariance(["", "Z", ""], [100, 100, np.nan], [50, 50, np.nan], [0, 0, 0])
    np.testing.assert_allclose(unknown, [[1250, 0], [0, 5000]])
    assert np.isinf(np.diag(invalid)).all()
    assert np.isinf(np.diag(nothing)).all()


def test_a_table_without_rows_has_no_covariances():
    assert position_covariance([]).shape == (0, 2, 2)
    assert class_rank([]).shape == nominal_radius_m([]).shape == (0,)


def test_columns_of_different_length_are_refused():
    with pytest.raises(BadInput) as refused:
        position_covariance(["3", "2"], [100.0])
    assert refused.value.code == "argos-shape"
    with pytest.raises(BadInput):
        position_covariance(["3"], class_3_sd_m=0)
