"""Whether animals come back to their own places: overlap of one animal's trips against that of different animals'."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.overlap import overlap

Floats = NDArray[np.float64]

MAX_TRIPS = 500


@dataclass(frozen=True, eq=False)
class Fidelity:
    """Overlaps of trips within and between animals.

    Parameters
    ----------
    within, between : Bhattacharyya's affinities of pairs of trips of one animal, and of two
    excess : mean of the first less mean of the second
    p_value : share of random assignments of trips to animals, the real one among them, with an excess as great
    n_permutations : how many assignments
    """

    within: Floats
    between: Floats
    excess: float
    p_value: float
    n_permutations: int


def assess_fidelity(
    trips: Sequence[UtilisationDistribution],
    animals: Sequence[str],
    *,
    rng: np.random.Generator,
    level: float = 0.5,
    n_permutations: int = 999,
) -> Fidelity:
    """Assess whether trips of one animal overlap more than trips of different animals.

    Where they do not, an animal's trips tell as much as trips of as many animals, and trips may be the sampling unit.
    The null model assigns trips to animals at random, each animal keeping its number: pairs of trips share trips and
    are not independent, so that a two-sample test on them finds differences where there are none.

    Parameters
    ----------
    trips : a distribution each, on windows of one grid
    animals : of each trip
    rng : source of the assignments
    level : overlap is that of the cores inside this isopleth
    n_permutations : random assignments

    Raises
    ------
    BadInput : ``parameter`` (not as many animals as trips, more than 500 trips), ``fidelity-pairs`` (no animal with
        two trips, or only one animal), ``grid-misaligned``
    """
    if len(trips) != len(animals) or len(trips) > MAX_TRIPS:
        raise BadInput("parameter", f"{len(trips)} trips of {len(animals)} animals; at most {MAX_TRIPS}, one each.")
    codes = np.unique(np.asarray(animals, dtype=str), return_inverse=True)[1]
    first, second = (np.array(side, dtype=np.intp) for side in zip(*combinations(range(len(trips)), 2), strict=True))
    same = codes[first] == codes[second]
    if not same.any() or same.all():
        raise BadInput("fidelity-pairs", "There must be two animals, and two trips of one of them.")
    values = np.array(
        [
            overlap(trips[i], trips[j], level=level, is_conditional=True).affinity
            for i, j in zip(first, second, strict=True)
        ]
    )
    excess = _excess(values, same)
    drawn = (rng.permutation(codes) for _ in range(n_permutations))
    n_as_great = sum(_excess(values, code[first] == code[second]) >= excess - 1e-12 for code in drawn)
    return Fidelity(values[same], values[~same], excess, (n_as_great + 1) / (n_permutations + 1), n_permutations)


def _excess(values: Floats, same: NDArray[np.bool_]) -> float:
    return float(values[same].mean() - values[~same].mean())
