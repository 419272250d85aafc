"""How firmly a population's maps stand: representativeness of the animals, and what leaving one out changes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wildways.analyses.texts import text
from wildways.model import Text
from wildways.movement import (
    Footprint,
    Grid,
    Saturation,
    UtilisationDistribution,
    accumulate_area,
    assess_representativeness,
    coarsened,
    leave_one_out,
)
from wildways.movement.representativeness import MIN_ANIMALS, Representativeness

MAX_DRAWN = 100
"""Animals that the curves are drawn from; of more, as many are drawn by chance."""
COARSE_CELLS = 20_000
"""Cells that the curves of use need: the core of a population is no matter of metres."""
N_ORDERS = 50
SEED = 20_000


@dataclass(frozen=True, eq=False)
class Strength:
    """What stands behind a population's maps.

    Parameters
    ----------
    n_animals : of the population
    use, area : the curves of use inside the core and of area; None with fewer than four animals
    stability : by class, for each animal the Jaccard index of the class with and without it
    """

    n_animals: int
    use: Representativeness | None = None
    area: Saturation | None = None
    stability: Mapping[str, NDArray[np.float64]] | None = None

    def record(self) -> dict[str, Any]:
        """The numbers, for the method record of a product."""
        record: dict[str, Any] = {"n_animals": self.n_animals}
        if self.use is not None:
            record["use"] = {
                "share": _rounded(self.use_share),
                "is_asymptotic": self.use.is_asymptotic,
                "animals_for_70_percent": self.use.curve.animals_for(0.70),
                "animals_for_95_percent": self.use.curve.animals_for(0.95),
                "core_level": self.use.level,
                "n_orders": self.use.n_orders,
                "n_drawn": self.use.n_animals,
                "seed": SEED,
            }
        if self.area is not None:
            record["area"] = {
                "share": _rounded(self.area.share_at(self.n_animals)),
                "animals_for_95_percent": self.area.animals_for(0.95),
            }
        if self.stability:
            record["leave_one_out_jaccard"] = {name: _summary(values) for name, values in self.stability.items()}
        return record

    def caveats(self) -> tuple[Text, ...]:
        """The numbers in sentences."""
        if self.n_animals < MIN_ANIMALS:
            return (text("population", "too_few_to_tell", n_animals=self.n_animals),)
        if self.use is None or self.use_share is None:
            return ()
        n_enough = self.use.curve.animals_for(0.95)
        name = "representative" if self.use.is_asymptotic and n_enough is not None else "not_asymptotic"
        percent = f"{100 * self.use_share:.0f}"
        return (text("population", name, percent=percent, n_animals=self.n_animals, n_enough=n_enough),)

    def stability_caveats(self, labels: Mapping[str, Text]) -> tuple[Text, ...]:
        """What leaving one animal out changes of the narrowest class, in a sentence.

        Parameters
        ----------
        labels : of the classes
        """
        if not self.stability:
            return ()
        name, values = list(self.stability.items())[-1]
        numbers = _summary(values)
        if numbers["worst"] is None:
            return ()
        percents = {key: f"{100 * (1 - value):.0f}" for key, value in numbers.items() if value is not None}
        whole = {
            language: text("population", "stability", label=label.lower(), **percents)[language]
            for language, label in labels[name].items()
        }
        return (whole,)

    @property
    def use_share(self) -> float | None:
        """Share of the core use of infinitely many animals that all of these show."""
        if self.use is None:
            return None
        share = self.use.curve.share_at(self.n_animals)
        return self.use.share if share is None else share


class DrawnUse:
    """The distributions of the animals that the curves are drawn from, kept coarse.

    Parameters
    ----------
    grid : of the population
    n_animals : in the population; of more than `MAX_DRAWN` as many are drawn, always the same
    """

    def __init__(self, grid: Grid, n_animals: int) -> None:
        self.n_animals = n_animals
        self.numbers = sorted(np.random.default_rng(SEED).permutation(n_animals)[:MAX_DRAWN].tolist())
        self.uds: list[UtilisationDistribution] = []
        self._factor = max(1, math.ceil(math.sqrt(grid.n_cells / COARSE_CELLS)))
        self._wanted = set(self.numbers)

    def add(self, number: int, ud: UtilisationDistribution) -> None:
        """Take the next animal's distribution, if it is among those drawn."""
        if number in self._wanted:
            self.uds.append(coarsened(ud, self._factor))


def measure_strength(
    drawn: DrawnUse, *, footprints: Sequence[Footprint] = (), classes: Mapping[str, int] | None = None
) -> Strength:
    """Measure both, with chance from a seed of its own: the same animals give the same numbers.

    Parameters
    ----------
    drawn : distributions, none where they say nothing of time
    footprints : one an animal, all of them, where there are any
    classes : animals that each class asks for, by its name, widest first
    """
    n_animals, rng = drawn.n_animals, np.random.default_rng([SEED, 1])
    if n_animals < MIN_ANIMALS:
        return Strength(n_animals)
    use = assess_representativeness(drawn.uds, rng=rng, n_orders=N_ORDERS) if drawn.uds else None
    if not footprints:
        return Strength(n_animals, use)
    area = accumulate_area([footprints[number] for number in drawn.numbers], rng=rng, n_orders=N_ORDERS)
    stability = {
        name: leave_one_out(footprints, min_share=least / n_animals) for name, least in (classes or {}).items()
    }
    return Strength(n_animals, use, area, stability)


def _summary(values: NDArray[np.float64]) -> dict[str, float | None]:
    known = values[np.isfinite(values)]
    if not known.size:
        return {"median": None, "worst": None}
    return {"median": round(float(np.median(known)), 4), "worst": round(float(known.min()), 4)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
