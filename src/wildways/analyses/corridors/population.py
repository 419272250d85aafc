"""Merging: sequences to animals to the population, one animal in memory at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.population import DrawnUse, read_use
from wildways.model import BadInput
from wildways.movement import (
    Footprint,
    Grid,
    UseScheme,
    UtilisationDistribution,
    animal_footprint,
    count_footprints,
    mean_distribution,
    restrict_to,
    trim_to_volume,
)
from wildways.movement import Sequence as TrackSequence

Done = list[tuple[TrackSequence, Path]]


class PackedFootprints(Sequence[Footprint]):
    """Footprints held at a bit a cell: those of a thousand animals fit into memory."""

    def __init__(self) -> None:
        self._packed: list[tuple[Footprint, NDArray[np.uint8]]] = []

    def append(self, footprint: Footprint) -> None:
        """Add the footprint of the next animal."""
        nothing = np.broadcast_to(np.False_, footprint.mask.shape)
        empty = Footprint(footprint.grid, nothing, footprint.basis, footprint.level)
        self._packed.append((empty, np.packbits(footprint.mask)))

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, number: int) -> Footprint: ...
    @overload
    def __getitem__(self, number: slice) -> list[Footprint]: ...
    def __getitem__(self, number: int | slice) -> Footprint | list[Footprint]:
        if isinstance(number, slice):
            return [self[k] for k in range(*number.indices(len(self)))]
        empty, bits = self._packed[number]
        mask = np.unpackbits(bits, count=empty.mask.size).astype(np.bool_).reshape(empty.mask.shape)
        return Footprint(empty.grid, mask, empty.basis, empty.level)


@dataclass(frozen=True, eq=False)
class PopulationUse:
    """What merging the sequences gave. ``counts`` holds animals per cell of ``grid``.

    ``use`` is None where there is no sequence, where a line buffer says nothing of time, and where no place was used by
    enough animals.
    """

    grid: Grid
    sequences: tuple[TrackSequence, ...]
    n_failed: int
    use: UtilisationDistribution | None
    counts: NDArray[np.uint16]
    footprints: PackedFootprints
    drawn: DrawnUse
    motion_variances_m2_per_s: dict[str, float | None]

    @property
    def n_animals(self) -> int:
        """Animals with at least one migration."""
        return len(self.footprints)


def merge_sequences(
    sequences: Sequence[TrackSequence], results: Sequence[Path | None], grid: Grid, parameters: CorridorParameters
) -> PopulationUse:
    """Sequences to animals to the population, as the scheme says.

    Parameters
    ----------
    sequences : sorted by animal
    results : the distribution of each, as `read_use` reads it; None where it could not be computed
    grid : of the population
    """
    scheme, is_timed = parameters.use_scheme(), parameters.ud_method != "line-buffer"
    level = parameters.footprint_level if is_timed else 1.0
    done = [(sequence, path) for sequence, path in zip(sequences, results, strict=True) if path is not None]
    variances: dict[str, float | None] = {}
    footprints = PackedFootprints()
    drawn = DrawnUse(grid, len({sequence.animal_id for sequence, _ in done}))

    def animals() -> Iterator[UtilisationDistribution]:
        for number, own in enumerate(_by_animal(done)):
            distributions = [read_use(path, grid) for _, path in own]
            for (sequence, _), distribution in zip(own, distributions, strict=True):
                variances[sequence.sequence_id] = distribution.motion_variance_m2_per_s
            footprints.append(animal_footprint(distributions, level=level, of=scheme.footprint_of))
            mean = mean_distribution(_trimmed(distributions, scheme))
            if is_timed:
                drawn.add(number, mean)
            yield mean

    use = mean_distribution(animals()) if done else None
    if use is not None and scheme.equal_weight == "years":
        use = _mean_of_years(done, grid, scheme)
    counts = count_footprints(footprints, grid)
    return PopulationUse(
        grid=grid,
        sequences=tuple(sequence for sequence, _ in done),
        n_failed=len(sequences) - len(done),
        use=_shown(use, counts, grid, parameters.min_animals) if is_timed else None,
        counts=counts,
        footprints=footprints,
        drawn=drawn,
        motion_variances_m2_per_s=variances,
    )


def _by_animal(done: Done) -> Iterator[Done]:
    for _, own in groupby(done, key=lambda pair: pair[0].animal_id):
        yield list(own)


def _trimmed(distributions: list[UtilisationDistribution], scheme: UseScheme) -> list[UtilisationDistribution]:
    if scheme.use_trim_level == 1:
        return distributions
    return [trim_to_volume(distribution, scheme.use_trim_level) for distribution in distributions]


def _mean_of_years(done: Done, grid: Grid, scheme: UseScheme) -> UtilisationDistribution:
    """Mean over years of the mean over animals of the mean over each one's sequences of the year."""

    def animals(year: int) -> Iterator[UtilisationDistribution]:
        for own in _by_animal([pair for pair in done if pair[0].bio_year == year]):
            yield mean_distribution(_trimmed([read_use(path, grid) for _, path in own], scheme))

    years = sorted({sequence.bio_year for sequence, _ in done})
    return mean_distribution(mean_distribution(animals(year)) for year in years)


def _shown(
    use: UtilisationDistribution | None, counts: NDArray[np.uint16], grid: Grid, min_animals: int
) -> UtilisationDistribution | None:
    """The use without places of too few animals."""
    if use is None or min_animals == 1:
        return use
    try:
        return restrict_to(use, Footprint(grid, counts >= min_animals))
    except BadInput:
        return None
