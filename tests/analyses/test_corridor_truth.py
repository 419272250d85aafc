"""Corridors against simulated truth: where thirty animals really went, known from fixes every quarter of an hour."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from numpy.typing import NDArray

from wildways.movement import (
    Footprint,
    Grid,
    Sequence,
    animal_footprint,
    brownian_bridge,
    classify_use,
    count_footprints,
    cut_sequences,
    project,
    trim_to_volume,
    union_of_footprints,
)
from wildways.simulate import SimulatedHerd, demo_herds, simulate_herd

N_ANIMALS = 30
DENSE_H = 0.25
CELL_M = 500.0
Tracks = dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]]


@pytest.fixture(scope="module")
def herd() -> SimulatedHerd:
    spec = replace(
        next(herd for herd in demo_herds() if herd.name == "mountain-deer"),
        n_animals=N_ANIMALS,
        fix_interval_h=DENSE_H,
        tracking_days=(365, 366),
        death_share=0.0,
        resident_share=0.0,
        missing_share=0.0,
        gap_share=0.0,
        marked_outlier_share=0.0,
        unmarked_outlier_share=0.0,
    )
    return simulate_herd(spec, rng=np.random.default_rng(3))


@pytest.fixture(scope="module")
def tracks(herd: SimulatedHerd) -> Tracks:
    fixes = herd.fixes.reset_index(drop=True)
    sequences, _ = cut_sequences(fixes, np.zeros(len(fixes), dtype=np.uint32), herd.windows)

    def metres(sequence: Sequence) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        return (*project(sequence.longitude, sequence.latitude, herd.crs), sequence.time_s)

    animals = groupby(sequences, key=lambda sequence: sequence.animal_id)
    return {animal: [metres(sequence) for sequence in own] for animal, own in animals}


@pytest.fixture(scope="module")
def grid(herd: SimulatedHerd, tracks: Tracks) -> Grid:
    x, y = (np.concatenate([track[axis] for own in tracks.values() for track in own]) for axis in (0, 1))
    return Grid.covering(x, y, crs=herd.crs, cell_m=CELL_M, margin_m=20_000)


@pytest.fixture(scope="module")
def truth(tracks: Tracks, grid: Grid) -> NDArray[np.uint16]:
    """How many animals crossed each cell."""
    return count_footprints((union_of_footprints(_crossed(own, grid)) for own in tracks.values()), grid)


def _crossed(own: list[tuple[NDArray[np.float64], ...]], grid: Grid) -> Iterator[Footprint]:
    for x, y, _ in own:
        mask = np.zeros(grid.shape, dtype=bool)
        between = np.arange(0, len(x) - 1, 0.05)
        x, y = (np.interp(between, np.arange(len(values)), values) for values in (x, y))
        rows, columns = (grid.north_m - y) / grid.cell_m, (x - grid.west_m) / grid.cell_m
        mask[rows.astype(int), columns.astype(int)] = True
        yield Footprint(grid, mask)


def _jaccard(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


def test_two_hourly_fixes_of_thirty_animals_give_back_corridor_and_motion_variance(
    herd: SimulatedHerd, tracks: Tracks, grid: Grid, truth: NDArray[np.uint16]
) -> None:
    every = slice(None, None, round(2 / DENSE_H))
    uds = {
        animal: [
            trim_to_volume(brownian_bridge(x[every], y[every], time_s[every], grid=grid, location_error_m=15.0))
            for x, y, time_s in own
        ]
        for animal, own in tracks.items()
    }
    counts = count_footprints((animal_footprint(own) for own in uds.values()), grid)
    for found, least in zip(classify_use(counts, N_ANIMALS).found, (0.9, 0.8, 0.78), strict=True):
        assert _jaccard(counts >= found.min_animals, truth >= found.min_animals) > least, found.name
    variances = [ud.motion_variance_m2_per_s for own in uds.values() for ud in own]
    assert np.median(variances) == pytest.approx(herd.motion_variance_m2_per_s, rel=0.10)
