"""Simulated herds keep to their truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from wildways.movement import (
    QualityFlag,
    cut_sequences,
    estimate_motion_variance,
    flag_fixes,
    geodesic_distances,
    project,
    usable,
)
from wildways.movement.fixes import animal_bounds
from wildways.simulate import TRUTH_COLUMNS, HerdSpec, SimulatedHerd, demo_herds, simulate_herd

DEER = next(herd for herd in demo_herds() if herd.name == "mountain-deer")


def _simulated(herd: HerdSpec = DEER, *, seed: int = 1, **changes: object) -> SimulatedHerd:
    return simulate_herd(replace(herd, **{"n_animals": 8, **changes}), rng=np.random.default_rng(seed))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def deer() -> SimulatedHerd:
    return _simulated()


def test_the_same_seed_gives_the_same_herd(deer: SimulatedHerd) -> None:
    again = _simulated()
    assert again.fixes.equals(deer.fixes)
    assert again.windows.equals(deer.windows)
    assert not _simulated(seed=2).fixes["longitude"].equals(deer.fixes["longitude"])


def test_fixes_are_as_the_science_takes_them(deer: SimulatedHerd) -> None:
    assert len(animal_bounds(deer.fixes)) == 9
    assert str(deer.fixes["time_utc"].dtype) == "datetime64[us, UTC]"
    assert tuple(deer.windows.columns) == TRUTH_COLUMNS
    assert deer.is_outlier.shape == (len(deer.fixes),)


@pytest.mark.parametrize("herd", demo_herds(), ids=lambda herd: herd.name)
def test_motion_variance_is_recovered_within_ten_percent(herd: HerdSpec) -> None:
    simulated = _simulated(herd, fix_interval_h=1.0, resident_share=0.0, death_share=0.0, unmarked_outlier_share=0.0)
    flags = flag_fixes(simulated.fixes)
    sequences, _ = cut_sequences(simulated.fixes, flags, simulated.windows)
    estimates = [
        estimate_motion_variance(
            *project(sequence.longitude, sequence.latitude, simulated.crs),
            sequence.time_s,
            location_error_m=herd.location_error_m,
        )
        for sequence in sequences
    ]
    assert len(estimates) >= 14
    assert np.median(estimates) == pytest.approx(simulated.motion_variance_m2_per_s, rel=0.10)


def test_migrants_are_on_their_route_between_the_true_dates(deer: SimulatedHerd) -> None:
    sequences, _ = cut_sequences(deer.fixes[~deer.is_outlier], flag_fixes(deer.fixes[~deer.is_outlier]), deer.windows)
    routes = deer.routes.set_index("animal_id").geometry
    for sequence in sequences:
        route = shapely.linestrings(
            np.column_stack(project(*shapely.get_coordinates(routes[sequence.animal_id]).T, deer.crs))
        )
        points = shapely.points(np.column_stack(project(sequence.longitude, sequence.latitude, deer.crs)))
        assert np.median(shapely.distance(points, route)) < 2 * DEER.home_sd_m


def test_windows_begin_and_end_at_opposite_ends_of_the_route(deer: SimulatedHerd) -> None:
    routes = deer.routes.set_index("animal_id").geometry
    sequences, _ = cut_sequences(deer.fixes[~deer.is_outlier], flag_fixes(deer.fixes[~deer.is_outlier]), deer.windows)
    for sequence in sequences:
        ends = [routes[sequence.animal_id].coords[k] for k in (0, -1)]
        if sequence.season == "autumn":
            ends = ends[::-1]
        for k, end in zip((0, -1), ends, strict=True):
            assert geodesic_distances(*end, sequence.longitude[k], sequence.latitude[k]) < 6 * DEER.home_sd_m


def test_residents_stay(deer: SimulatedHerd) -> None:
    herd = _simulated(resident_share=1.0)
    assert set(herd.windows["season"]) == {""}
    assert herd.routes.empty
    extent = herd.fixes[~herd.is_outlier].groupby("animal_id")["latitude"].agg(lambda values: np.ptp(values))
    assert extent.max() * 111.2 < 10 * DEER.home_sd_m / 1_000


def test_windows_of_an_animal_are_in_order_and_apart(deer: SimulatedHerd) -> None:
    moves = deer.windows.dropna()
    assert (moves["start_utc"] < moves["end_utc"]).all()
    for _, rows in moves.groupby("animal_id"):
        assert (rows["end_utc"].to_numpy()[:-1] < rows["start_utc"].to_numpy()[1:]).all()


def test_outliers_are_flagged_and_nothing_else_is_a_spike() -> None:
    herd = _simulated(marked_outlier_share=0.005, unmarked_outlier_share=0.005)
    flags = flag_fixes(herd.fixes)
    is_spike = (flags & int(QualityFlag.SPIKE)) > 0
    assert not (is_spike & ~herd.is_outlier).any()
    assert (usable(flags) & herd.is_outlier).sum() <= 0.1 * herd.is_outlier.sum()
    assert herd.fixes["algorithm_marked_outlier"].sum() > 0


def test_a_dead_animals_tag_is_cut_off() -> None:
    herd = _simulated(death_share=1.0, marked_outlier_share=0.0, unmarked_outlier_share=0.0)
    flags = flag_fixes(herd.fixes)
    ends = pd.Series((flags & int(QualityFlag.AFTER_END)) > 0).groupby(herd.fixes["animal_id"].to_numpy()).sum()
    assert (ends >= 4 * 24 / DEER.fix_interval_h).mean() >= 0.75


def test_southern_herds_have_southern_seasons() -> None:
    zebras = next(herd for herd in demo_herds() if herd.name == "savanna-zebras")
    moves = _simulated(zebras).windows.dropna()
    assert set(moves.loc[moves["start_utc"].dt.month.between(2, 5), "season"]) == {"autumn"}
