"""Corridors against simulated truth: where thirty animals really went, known from fixes every quarter of an hour.

``python -m tests.analyses.corridor_truth`` prints the table of the documentation: medians of six herds.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
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
ERROR_M = 15.0
Track = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Easting and northing in metres, time in seconds."""


class KnownHerd:
    """Thirty migrating mule deer whose ways are known."""

    def __init__(self, seed: int) -> None:
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
        self.herd: SimulatedHerd = simulate_herd(spec, rng=np.random.default_rng(seed))
        fixes = self.herd.fixes.reset_index(drop=True)
        sequences, _ = cut_sequences(fixes, np.zeros(len(fixes), dtype=np.uint32), self.herd.windows)
        animals = groupby(sequences, key=lambda sequence: sequence.animal_id)
        self.tracks = [[self._metres(sequence) for sequence in own] for _, own in animals]

    def recovered(
        self, lag_h: float, *, cell_m: float = 500.0, footprint_level: float = 0.99
    ) -> tuple[dict[str, float], float]:
        """How well corridors from fixes so far apart give the truth back.

        Returns
        -------
        Jaccard index of each class with the cells that so many animals truly crossed, by its name; and the median of
        the motion variances, as a share of the true one.
        """
        grid, every = self._grid(cell_m), slice(None, None, round(lag_h / DENSE_H))
        uds = [
            [
                trim_to_volume(brownian_bridge(*(c[every] for c in track), grid=grid, location_error_m=ERROR_M))
                for track in own
            ]
            for own in self.tracks
        ]
        counts = count_footprints((animal_footprint(own, level=footprint_level) for own in uds), grid)
        truth = count_footprints((union_of_footprints(_crossed(own, grid)) for own in self.tracks), grid)
        alike = {
            found.name: _jaccard(counts >= found.min_animals, truth >= found.min_animals)
            for found in classify_use(counts, N_ANIMALS).found
        }
        variances = [ud.motion_variance_m2_per_s for own in uds for ud in own]
        return alike, float(np.median(np.array(variances, dtype=np.float64))) / self.herd.motion_variance_m2_per_s

    def _metres(self, sequence: Sequence) -> Track:
        return (*project(sequence.longitude, sequence.latitude, self.herd.crs), sequence.time_s)

    def _grid(self, cell_m: float) -> Grid:
        x, y = (np.concatenate([track[axis] for own in self.tracks for track in own]) for axis in (0, 1))
        return Grid.covering(x, y, crs=self.herd.crs, cell_m=cell_m, margin_m=20_000)


def _crossed(own: list[Track], grid: Grid) -> Iterator[Footprint]:
    for x, y, _ in own:
        mask = np.zeros(grid.shape, dtype=bool)
        between = np.arange(0, len(x) - 1, 0.05)
        x, y = (np.interp(between, np.arange(len(values)), values) for values in (x, y))
        rows, columns = (grid.north_m - y) / grid.cell_m, (x - grid.west_m) / grid.cell_m
        mask[rows.astype(int), columns.astype(int)] = True
        yield Footprint(grid, mask)


def _jaccard(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


def main() -> None:
    """Print the table."""
    herds = [KnownHerd(seed) for seed in range(3, 9)]
    rows = [
        (1, 500, 0.99),
        (2, 500, 0.99),
        (4, 500, 0.99),
        (6, 500, 0.99),
        (2, 250, 0.99),
        (2, 500, 0.98),
        (2, 500, 0.95),
    ]
    for lag_h, cell_m, level in rows:
        found = [herd.recovered(lag_h, cell_m=cell_m, footprint_level=level) for herd in herds]
        alike = np.array([list(classes.values()) for classes, _ in found])
        middle, least = (" | ".join(f"{share:.2f}" for share in of(alike, axis=0)) for of in (np.median, np.min))
        variance = np.median([share for _, share in found])
        print(f"| {lag_h} h | {middle} | {variance:.2f} | cells {cell_m} m, footprint {level}, least {least} |")  # noqa: T201


if __name__ == "__main__":
    main()
