"""Merging: sequences to animals to the population, one animal in memory at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.units import read_bridge
from wildways.movement import (
    Footprint,
    Grid,
    UtilisationDistribution,
    animal_footprint,
    count_footprints,
    mean_distribution,
)
from wildways.movement import Sequence as TrackSequence


@dataclass(frozen=True, eq=False)
class PopulationUse:
    """What merging the sequences gave. ``counts`` holds animals per cell of ``grid``; ``use`` is None without any."""

    grid: Grid
    sequences: tuple[TrackSequence, ...]
    n_failed: int
    use: UtilisationDistribution | None
    counts: NDArray[np.uint16]
    motion_variances_m2_per_s: dict[str, float | None]

    @property
    def n_animals(self) -> int:
        """Animals with at least one migration."""
        return len({sequence.animal_id for sequence in self.sequences})


def merge_sequences(
    sequences: Sequence[TrackSequence], results: Sequence[Path | None], grid: Grid, parameters: CorridorParameters
) -> PopulationUse:
    """Sequences to animals to the population: every animal counts equally.

    Parameters
    ----------
    sequences : sorted by animal
    results : the distribution of each, as `read_bridge` reads it; None where it could not be computed
    grid : of the population
    """
    done = [(sequence, path) for sequence, path in zip(sequences, results, strict=True) if path is not None]
    variances: dict[str, float | None] = {}
    footprints: list[Footprint] = []

    def animals() -> Iterator[UtilisationDistribution]:
        for _, own in groupby(done, key=lambda pair: pair[0].animal_id):
            distributions = []
            for sequence, path in own:
                distribution = read_bridge(path, grid)
                variances[sequence.sequence_id] = distribution.motion_variance_m2_per_s
                distributions.append(distribution)
            footprints.append(animal_footprint(distributions, level=parameters.footprint_level))
            yield mean_distribution(distributions)

    use = mean_distribution(animals()) if done else None
    return PopulationUse(
        grid=grid,
        sequences=tuple(sequence for sequence, _ in done),
        n_failed=len(sequences) - len(done),
        use=use,
        counts=count_footprints(footprints, grid),
        motion_variances_m2_per_s=variances,
    )
