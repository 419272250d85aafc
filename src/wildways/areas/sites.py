"""Candidate sites: where so many of the tracked animals have their core that a part of the population depends on it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from wildways.areas.space_use import SpaceUse
from wildways.model.errors import BadInput
from wildways.movement._core_kernels import core_limit, core_mask
from wildways.movement.distribution import Remark, UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.isopleths import Footprint
from wildways.movement.polygons import find_parts, outline_parts
from wildways.movement.population import count_footprints

Compat = Literal["track2KBA"] | None

FEW_ANIMALS = 10
MIN_ANIMALS = 5
LEAST_REPRESENTATIVE = 0.5
_THRESHOLDS = ((0.9, 0.10), (0.8, 0.125), (0.7, 0.20), (0.0, 0.50))
"""From this representativeness on, the share of the population that must use a cell."""
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Sites:
    """Where a part of the population has its core.

    Parameters
    ----------
    grid : all arrays lie on it
    counts : shape ``grid.shape``, uint16, tracked animals whose core covers the cell
    mask : shape ``grid.shape``, bool, the candidate sites
    n_animals : animals tracked
    representativeness : 0…1, by which counts become shares of the population
    threshold : share of the population from which on a cell is in a candidate site; None where too few animals were
        tracked for any
    level : isopleth of an animal's core
    population : size of the source population, where known
    remarks : what a reader should know
    """

    grid: Grid
    counts: NDArray[np.uint16]
    mask: NDArray[np.bool_]
    n_animals: int
    representativeness: float
    threshold: float | None
    level: float
    population: int | None
    remarks: tuple[Remark, ...] = ()

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the population that uses each cell: tracked animals there, of all, times representativeness."""
        return self.representativeness * self.counts / self.n_animals


@dataclass(frozen=True, eq=False)
class CandidateSite:
    """One connected candidate site.

    Parameters
    ----------
    geometry : in the grid's CRS
    area_m2 : of its cells
    n_tracked : most tracked animals whose cores meet in one of its cells
    population_share : the share of the population that stands for
    individuals : that share of the population, where its size is known
    """

    geometry: MultiPolygon
    area_m2: float
    n_tracked: int
    population_share: float
    individuals: float | None


def find_sites(
    use: SpaceUse,
    representativeness: float,
    *,
    population: int | None = None,
    level: float = 0.5,
    threshold: float | None = None,
) -> Sites:
    """Find cells in the cores of so many tracked animals that they stand for an important share of the population.

    The less representative the sample, the larger the share that is asked for: 10 % from a representativeness of 0.9
    on, 12.5 % from 0.8, 20 % above 0.7, else 50 %. Of fewer than five animals none is a candidate.

    Parameters
    ----------
    use : of each animal
    representativeness : 0…1, as `assess_representativeness` gives it
    population : individuals of the population the animals come from, such as those of the colony
    level : volume isopleth that makes an animal's core; with the use's ``compat="track2KBA"`` the crossing cell is left
        out
    threshold : share of the population to ask for instead

    Raises
    ------
    BadInput : ``representativeness``, ``population``, ``parameter``

    References
    ----------
    Lascelles et al. (2016), Diversity and Distributions 22:422, doi:10.1111/ddi.12411.
    """
    if not 0 <= representativeness <= 1:
        raise BadInput("representativeness", f"The representativeness is {representativeness}.", hint="98 % is 0.98.")
    if population is not None and population < 1:
        raise BadInput("population", f"A population of {population} has no site.")
    if not 0 < level <= 1 or (threshold is not None and not 0 < threshold <= 1):
        raise BadInput("parameter", f"level is {level}, threshold {threshold}: above 0, at most 1.")
    n_animals = len(use.uds)
    counts = count_footprints((core_of(ud, level, compat=use.compat) for ud in use.uds), use.grid)
    asked = None if n_animals < MIN_ANIMALS else threshold or threshold_for(representativeness)
    shares = representativeness * counts / n_animals
    mask = shares >= asked - _ROUNDING if asked else np.zeros(use.grid.shape, dtype=np.bool_)
    remarks = _remarks(n_animals, representativeness, threshold)
    return Sites(
        use.grid, counts, mask & (counts > 0), n_animals, representativeness, asked, level, population, remarks
    )


def threshold_for(representativeness: float) -> float:
    """The share of the population that must use a place, by how well the sample stands for it."""
    least, _ = _THRESHOLDS[-2]
    if representativeness == least:
        return _THRESHOLDS[-1][1]
    return next(share for at_least, share in _THRESHOLDS if representativeness >= at_least)


def core_of(ud: UtilisationDistribution, level: float, *, compat: Compat = None) -> Footprint:
    """The volume isopleth as `footprint_of` finds it, without sorting all cells.

    Parameters
    ----------
    ud : any distribution
    level : above 0, at most 1
    compat : ``"track2KBA"`` leaves out the crossing cell and takes the level as a share of all mass, that beyond the
        grid included
    """
    flat = np.ascontiguousarray(ud.mass).reshape(-1)
    wanted = level / (1 - ud.mass_outside) if compat else level
    limit, last = core_limit(flat, wanted * (1 - _ROUNDING), compat is None)
    return Footprint(ud.grid, core_mask(flat, limit, last).reshape(ud.grid.shape), "volume", level)


def outline_sites(sites: Sites, *, min_area_m2: float = 0.0, smoothing: int = 0) -> list[CandidateSite]:
    """The connected candidate sites, those of most tracked animals first.

    Parameters
    ----------
    sites : what `find_sites` gave
    min_area_m2 : smaller sites are dropped and smaller holes filled
    smoothing : as in `outline_parts`
    """
    parts = find_parts(sites.mask, sites.grid, min_area_m2=min_area_m2)
    outlines = outline_parts(parts, min_hole_m2=min_area_m2, smoothing=smoothing)
    most = np.zeros(parts.n + 1, dtype=np.int64)
    np.maximum.at(most, parts.labels.ravel(), sites.counts.ravel())
    found = []
    for outline, area_m2, n_tracked in zip(outlines, parts.areas_m2.tolist(), most[1:].tolist(), strict=True):
        share = sites.representativeness * n_tracked / sites.n_animals
        individuals = None if sites.population is None else share * sites.population
        found.append(CandidateSite(outline, area_m2, n_tracked, share, individuals))
    return sorted(found, key=lambda site: (-site.n_tracked, -site.area_m2))


def _remarks(n_animals: int, representativeness: float, threshold: float | None) -> tuple[Remark, ...]:
    remarks = []
    if n_animals < MIN_ANIMALS:
        message = f"{n_animals} animals are too few for any candidate site; {MIN_ANIMALS} are needed."
        remarks.append(Remark("too-few-animals", message))
    elif n_animals < FEW_ANIMALS:
        remarks.append(Remark("few-animals", f"Sites from {n_animals} animals, fewer than {FEW_ANIMALS}, are unsure."))
    if representativeness < LEAST_REPRESENTATIVE:
        message = f"The sample shows {100 * representativeness:.0f} % of the population's use, less than half."
        remarks.append(Remark("not-representative", message))
    if threshold is not None and threshold < 1 / n_animals:
        remarks.append(Remark("single-animal", "The threshold is so low that one tracked animal makes a site."))
    return tuple(remarks)
