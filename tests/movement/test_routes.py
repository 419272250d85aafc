"""Route lines that show the way and no fix."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from wildways.model import BadInput
from wildways.movement import (
    ROUTE_COLUMNS,
    Sequence,
    choose_crs,
    geodesic_distances,
    project,
    route_lines,
    split_at_antimeridian,
)

HOUR = 3600.0


def _sequence(longitude: object, latitude: object, *, hours: object = None, season: str = "spring") -> Sequence:
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    time_s = 1.24e9 + HOUR * (np.arange(len(lon)) if hours is None else np.asarray(hours, dtype=np.float64))
    return Sequence(f"SECRET_2009_{season}", "SECRET", 2009, season, time_s, lon, lat)


def _wandering(centre: tuple[float, float], seed: int, n: int = 200) -> Sequence:
    steps = np.random.default_rng(seed).normal(0.01, 0.02, (2, n)).cumsum(axis=1)
    return _sequence((centre[0] + steps[0] + 180) % 360 - 180, np.clip(centre[1] + steps[1], -89.9, 89.9))


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.floats(-180, 180), st.floats(-75, 75)), st.integers(0, 1000), st.sampled_from([200.0, 1000.0, 5000.0])
)
def test_every_vertex_is_the_centre_of_a_cell(centre: tuple[float, float], seed: int, cell_m: float) -> None:
    sequence = _wandering(centre, seed)
    crs = choose_crs(sequence.longitude, sequence.latitude)
    routes = route_lines([sequence], crs=crs, generalise_m=cell_m)
    vertices = shapely.get_coordinates(routes.geometry.array)
    x, y = project(*vertices.T, crs)
    off_m = np.maximum(*(np.abs(value / cell_m % 1 - 0.5) * cell_m for value in (x, y)))
    on_antimeridian = np.abs(vertices[:, 0]) == 180
    assert off_m[~on_antimeridian].max(initial=0) < 0.05


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.floats(-180, 180), st.floats(-75, 75)), st.integers(0, 1000))
def test_no_fix_is_farther_from_the_line_than_generalising_allows(centre: tuple[float, float], seed: int) -> None:
    sequence = _wandering(centre, seed)
    crs = choose_crs(sequence.longitude, sequence.latitude)
    routes = route_lines([sequence], crs=crs, generalise_m=1_000)
    lines = [
        shapely.linestrings(*project(*shapely.get_coordinates(part).T, crs))
        for part in shapely.get_parts(routes.geometry.array)
    ]
    fixes = shapely.points(*project(sequence.longitude, sequence.latitude, crs))
    assert shapely.distance(fixes, shapely.union_all(lines)).max() < 1_000 + 1_000


def test_routes_have_numbers_and_facts_and_no_names() -> None:
    north = np.linspace(45, 46, 241)
    routes = route_lines(
        [_sequence(np.zeros(241), north), _sequence(np.zeros(241), north[::-1], season="autumn")],
        crs=choose_crs([0], [45]),
    )
    assert tuple(routes.columns) == (*ROUTE_COLUMNS, "geometry")
    assert routes.crs == "EPSG:4326"
    assert "SECRET" not in routes.to_json()
    assert routes["route_number"].tolist() == [1, 2]
    first = routes.iloc[1]
    assert (first["season"], first["year"], first["start_utc"], first["end_utc"]) == (
        "spring",
        2009,
        "2009-04-17",
        "2009-04-27",
    )
    assert first["duration_d"] == 10.0
    assert first["length_km"] == first["displacement_km"] == pytest.approx(111.1, abs=0.1)


def test_a_straight_way_needs_two_vertices() -> None:
    routes = route_lines([_sequence(np.zeros(200), np.linspace(45, 47, 200))], crs=choose_crs([0], [46]))
    assert shapely.get_num_coordinates(routes.geometry.iloc[0]) == 2


def test_a_gap_breaks_the_line() -> None:
    hours = [*range(50), *range(150, 200)]
    routes = route_lines([_sequence(np.zeros(100), np.linspace(45, 46, 100), hours=hours)], crs=choose_crs([0], [45]))
    assert routes.geometry.iloc[0].geom_type == "MultiLineString"
    assert shapely.get_num_geometries(routes.geometry.iloc[0]) == 2


def test_a_route_over_the_antimeridian_is_split_there() -> None:
    sequence = _sequence([178, 179, -179, -178], [65, 65, 65, 65])
    line = route_lines([sequence], crs=choose_crs(sequence.longitude, sequence.latitude)).geometry.iloc[0]
    west, east = line.geoms
    assert west.coords[-1][0] == 180
    assert east.coords[0][0] == -180
    assert west.coords[-1][1] == east.coords[0][1]
    assert line.length < 5


def test_trimming_hides_both_ends() -> None:
    north = np.linspace(45, 46, 500)
    sequence = _sequence(np.zeros(500), north)
    line = route_lines([sequence], crs=choose_crs([0], [45]), trim_ends_m=20_000).geometry.iloc[0]
    lon, lat = shapely.get_coordinates(line).T
    for end in (45.0, 46.0):
        assert geodesic_distances(0, end, lon, lat).min() > 19_000


@pytest.mark.parametrize(
    "sequence",
    [_sequence([], []), _sequence([1], [1]), _sequence([1] * 9, [1] * 9), _sequence([1, 1.0001], [1, 1])],
    ids=["empty", "one fix", "equal fixes", "one cell"],
)
def test_a_sequence_without_a_way_has_no_route(sequence: Sequence) -> None:
    routes = route_lines([sequence], crs=choose_crs([1], [1]), generalise_m=5_000)
    assert len(routes) == 0
    assert tuple(routes.columns) == (*ROUTE_COLUMNS, "geometry")


def test_trimming_away_everything_leaves_no_route() -> None:
    sequence = _sequence(np.zeros(50), np.linspace(45, 45.1, 50))
    assert route_lines([sequence], crs=choose_crs([0], [45]), trim_ends_m=50_000).empty


def test_cells_without_size_are_refused() -> None:
    with pytest.raises(BadInput) as error:
        route_lines([], crs=choose_crs([0], [45]), generalise_m=0)
    assert error.value.code == "route-options"


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-89, 89)), min_size=2, max_size=30))
def test_no_part_of_a_split_line_goes_round_the_world(positions: list[tuple[float, float]]) -> None:
    longitude, latitude = np.array(positions).T
    for part in split_at_antimeridian(longitude, latitude):
        assert len(part) >= 2
        assert np.abs(np.diff(part[:, 0])).max() <= 180 + 1e-6
        assert np.abs(part[:, 0]).max() <= 180


def test_a_line_that_touches_the_antimeridian_stays_whole() -> None:
    assert len(split_at_antimeridian(np.array([170.0, 179.0]), np.array([0.0, 0.0]))) == 1
