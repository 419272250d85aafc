"""Classes of use, corridors and stopovers."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement import (
    USGS_CORRIDOR_TEAM,
    Grid,
    UseClass,
    UseScheme,
    UtilisationDistribution,
    classify_use,
    corridor_polygons,
    find_stopovers,
)

GRID = Grid(CRS.from_epsg(32612), 250.0, 500_000.0, 4_700_000.0, 8, 6)


def found(n_animals, scheme=USGS_CORRIDOR_TEAM):
    return {use.name: use.min_animals for use in classify_use(np.zeros((1, 1), dtype=int), n_animals, scheme).found}


@pytest.mark.parametrize(
    ("n_animals", "classes"),
    [
        (1, {"low": 1}),
        (10, {"low": 1}),
        (11, {"low": 1, "high": 3}),
        (15, {"low": 1, "high": 3}),
        (20, {"low": 1, "high": 4}),
        (21, {"low": 1, "medium": 3, "high": 5}),
        (30, {"low": 1, "medium": 3, "high": 6}),
        (31, {"low": 1, "medium": 4, "high": 7}),
        (100, {"low": 1, "medium": 10, "high": 20}),
    ],
)
def test_a_share_counts_whole_animals_and_must_mean_more_than_two(n_animals, classes):
    assert found(n_animals) == classes


def test_what_does_not_exist_is_said():
    classes = classify_use(np.zeros((1, 1), dtype=int), 15)
    assert [(use.name, use.reason, use.min_animals) for use in classes.collapsed] == [("medium", "too-few-animals", 2)]


def test_single_animals_can_be_withheld():
    scheme = USGS_CORRIDOR_TEAM.withholding_single_animals()
    classes = classify_use(np.array([[0, 1, 2, 25]]), 25, scheme)
    assert found(25, scheme) == {"low": 2, "medium": 3, "high": 5}
    assert classes.raster.tolist() == [[0, 0, 1, 3]]


def test_classes_of_migration_mapper_collapse_as_its_metadata_say():
    scheme = UseScheme(
        "percents",
        (
            UseClass("1", 1),
            UseClass("2", 2),
            *(UseClass(f"{share:.0%}", min_share=share) for share in (0.05, 0.10, 0.15, 0.20, 0.30)),
        ),
        "",
    )
    classes = classify_use(np.arange(16).reshape(4, 4), 15, scheme)
    assert found(15, scheme) == {"1": 1, "2": 2, "20%": 3, "30%": 5}
    assert [(use.name, use.reason, use.same_as) for use in classes.collapsed] == [
        ("5%", "too-few-animals", None),
        ("10%", "too-few-animals", None),
        ("15%", "same-as", "20%"),
    ]


def test_what_all_animals_used_is_of_high_use():
    counts = np.array([[0, 1, 4, 8, 40]])
    assert classify_use(counts, 40).raster.tolist() == [[0, 1, 2, 3, 3]]


@given(arrays(np.uint16, (4, 5), elements=st.integers(0, 60)), st.integers(60, 200))
def test_a_class_is_its_minimum_count_and_nothing_else(counts, n_animals):
    classes = classify_use(counts, n_animals)
    for use in classes.found:
        np.testing.assert_array_equal(classes.raster >= use.rank, counts >= use.min_animals)
        assert use.min_animals >= use.min_share * n_animals - 1e-9


@pytest.mark.parametrize(("counts", "n_animals"), [([[3]], 2), ([[0]], 0)])
def test_more_animals_in_a_cell_than_in_the_population_are_refused(counts, n_animals):
    with pytest.raises(BadInput) as refused:
        classify_use(np.array(counts), n_animals)
    assert refused.value.code == "animals"


@pytest.mark.parametrize("classes", [(), (UseClass("low", 2), UseClass("high", 1)), (UseClass("a"), UseClass("b"))])
def test_a_scheme_that_does_not_narrow_is_refused(classes):
    with pytest.raises(BadInput) as refused:
        UseScheme("odd", classes, "")
    assert refused.value.code == "use-scheme"


def a_corridor():
    counts = np.zeros(GRID.shape, dtype=np.uint16)
    counts[1:5, 1:7], counts[2:4, 2:6], counts[2:4, 3:5] = 1, 3, 25
    return classify_use(counts, 25)


def test_corridors_are_nested_and_their_areas_are_those_of_the_cells():
    corridors = corridor_polygons(a_corridor(), GRID, smoothing=0)
    assert list(corridors.columns) == [
        "class",
        "class_rank",
        "min_animals",
        "n_animals",
        "min_share",
        "area_km2",
        "geometry",
    ]
    assert corridors["class"].tolist() == ["low", "medium", "high"]
    assert corridors["class_rank"].tolist() == [1, 2, 3]
    assert corridors["min_animals"].tolist() == [1, 3, 5]
    assert corridors["area_km2"].tolist() == [24 / 16, 8 / 16, 4 / 16]
    assert (corridors.area / 1e6).tolist() == corridors["area_km2"].tolist()
    assert corridors.crs == GRID.crs


@pytest.mark.parametrize("smoothing", [0, 1, 2, 4])
def test_smooth_corridors_are_valid_nested_and_of_nearly_the_same_area(smoothing):
    rng = np.random.default_rng(3)
    grid = Grid(GRID.crs, 100.0, 0.0, 0.0, 60, 60)
    counts = (rng.random(grid.shape) * 8 + 30 * np.exp(-((np.arange(60) - 30.0) ** 2) / 50)).astype(int)
    corridors = corridor_polygons(classify_use(counts, 50), grid, smoothing=smoothing)
    low, medium, high = corridors.geometry
    assert all(geometry.is_valid for geometry in (low, medium, high))
    assert high.difference(medium).area < 1e-3
    assert medium.difference(low).area < 1e-3
    assert medium.area / 1e6 == pytest.approx(corridors["area_km2"][1], rel=0.1)


def test_a_population_without_use_has_no_corridors():
    corridors = corridor_polygons(classify_use(np.zeros(GRID.shape, dtype=int), 5), GRID)
    assert len(corridors) == 0
    assert "class" in corridors.columns
    assert corridors.crs == GRID.crs


def a_population_ud():
    mass = np.full(GRID.shape, 1.0)
    mass[1, 1], mass[4, 5:7] = 40, 30
    return UtilisationDistribution(GRID, mass / mass.sum(), "test")


def test_stopovers_are_the_parts_of_the_isopleth_most_used_first():
    ud = a_population_ud()
    stopovers = find_stopovers(ud, level=0.6)
    assert stopovers["stopover"].tolist() == [1, 2]
    np.testing.assert_allclose(stopovers["share_of_use"], np.array([60, 40]) / (100 + 45))
    assert stopovers["area_km2"].tolist() == [0.125, 0.0625]
    assert stopovers.crs == GRID.crs
    assert stopovers.geometry[1].contains(shapely.Point(500_375, 4_699_625))


def test_stopovers_smaller_than_asked_for_are_left_out():
    assert len(find_stopovers(a_population_ud(), level=0.6, min_area_m2=100_000)) == 1
    assert len(find_stopovers(a_population_ud(), level=0.6, min_area_m2=1e9)) == 0


def test_stopovers_by_area_are_the_most_used_share_of_the_used_cells():
    mass = np.zeros(GRID.shape)
    mass[1:3, 1:6] = np.arange(1, 11).reshape(2, 5)
    ud = UtilisationDistribution(GRID, mass / mass.sum(), "test")
    cells = {
        basis: find_stopovers(ud, level=0.3, basis=basis, min_area_m2=0)["area_km2"].sum() * 1e6 / GRID.cell_area_m2
        for basis in ("volume", "area")
    }
    assert cells == {"volume": 2, "area": 3}
