"""Screening candidate sites by numbers: does an estimate meet the thresholds of a standard? More it never says."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from wildways.model.errors import BadInput

Reference = Literal["global", "biogeographic"]
RED_LIST = ("CR", "EN", "VU", "NT", "LC", "DD", "NE")


@dataclass(frozen=True)
class Criterion:
    """A quantitative criterion of a standard.

    Parameters
    ----------
    id, meaning : its name in the standard, and what it is about
    share : least part of the reference population at the site
    reference : whose share it is
    source, status : title of the standard; whether its number was read there or is to be confirmed
    least_units : least reproductive units at the site; 0 where the criterion asks for none
    categories : of the IUCN Red List for which it holds; empty: any
    declining_only : holds only for species that are threatened because they declined, and for no other reason
    environmental_stress : holds only for gatherings under environmental stress
    """

    id: str
    meaning: str
    share: float
    reference: Reference
    source: str
    status: str
    least_units: int = 0
    categories: tuple[str, ...] = ()
    declining_only: bool = False
    environmental_stress: bool = False


@dataclass(frozen=True)
class Population:
    """What a criterion needs to know of a species and its populations; None where it is not known.

    Parameters
    ----------
    global_individuals, biogeographic_individuals : sizes of the reference populations
    red_list : category of the IUCN Red List
    individuals_per_unit : individuals of a reproductive unit, such as 2 for a pair
    is_declining_only, under_stress : see `Criterion`
    """

    global_individuals: int | None = None
    biogeographic_individuals: int | None = None
    red_list: str | None = None
    individuals_per_unit: float = 2.0
    is_declining_only: bool = False
    under_stress: bool = False

    def __post_init__(self) -> None:
        sizes = (self.global_individuals, self.biogeographic_individuals)
        if any(size is not None and size < 1 for size in sizes) or self.individuals_per_unit <= 0:
            raise BadInput("population", f"Sizes of populations must be above zero: {sizes}.")
        if self.red_list is not None and self.red_list not in RED_LIST:
            raise BadInput("red-list", f"“{self.red_list}” is no category.", hint=f"Known: {', '.join(RED_LIST)}.")


@dataclass(frozen=True)
class Screening:
    """Whether a number of individuals meets the quantitative screen of a criterion; more is not said by it."""

    criterion: Criterion
    individuals: float
    share: float
    meets_quantitative_screen: bool


@lru_cache(maxsize=1)
def criteria() -> tuple[Criterion, ...]:
    """The criteria known, in the order of their data file."""
    table = tomllib.loads((files("wildways.areas") / "data/criteria.toml").read_text(encoding="utf-8"))
    found = []
    for entry in table["criteria"]:
        source = table["sources"][entry.pop("source")]
        categories = tuple(entry.pop("categories", ()))
        title = f"{source['publisher']}: {source['title']}"
        found.append(Criterion(**entry, categories=categories, source=title, status=source["status"]))
    return tuple(found)


def screen(individuals: float, population: Population) -> list[Screening]:
    """Compare a number of individuals at a site with every criterion that what is known of the species can answer.

    A criterion is left out where its reference population has no known size, where it holds for other categories of
    the Red List, or for circumstances that are not stated.

    Parameters
    ----------
    individuals : estimated at the site at one time or over a season
    population : what is known of the species
    """
    answers = []
    for criterion in criteria():
        size = getattr(population, f"{criterion.reference}_individuals")
        if size is None or not _applies(criterion, population):
            continue
        share, units = individuals / size, individuals / population.individuals_per_unit
        meets = share >= criterion.share and units >= criterion.least_units
        answers.append(Screening(criterion, individuals, share, meets))
    return answers


def _applies(criterion: Criterion, population: Population) -> bool:
    if criterion.categories and population.red_list not in criterion.categories:
        return False
    if criterion.declining_only and not population.is_declining_only:
        return False
    return population.under_stress or not criterion.environmental_stress
