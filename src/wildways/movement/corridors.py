"""Corridors of low, medium and high use, and stopovers, from how many animals used each cell."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.grid import Grid
from wildways.movement.isopleths import IsoplethBasis, footprint_of
from wildways.movement.polygons import MIN_PART_M2, as_multipolygon, find_parts, mask_to_polygons, outline_parts
from wildways.movement.use_schemes import USGS_CORRIDOR_TEAM, UseScheme

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SMOOTHING = 2
SQUARE_METRES_PER_KM2 = 1e6
_CORRIDOR_COLUMNS = ("class", "class_rank", "min_animals", "n_animals", "min_share", "area_km2", "geometry")


@dataclass(frozen=True)
class ClassFound:
    """A class that exists in a population: its rank in the scheme (1 the widest) and the animals it asks for."""

    name: str
    rank: int
    min_animals: int
    min_share: float


@dataclass(frozen=True)
class ClassCollapsed:
    """A class that does not exist in a population: ``too-few-animals``, or ``same-as`` a narrower one."""

    name: str
    reason: str
    min_animals: int
    same_as: str | None = None


@dataclass(frozen=True, eq=False)
class UseClasses:
    """The classes of a population: `raster` holds the narrowest class's rank of each cell, uint8, 0 where none."""

    raster: NDArray[np.uint8]
    n_animals: int
    found: tuple[ClassFound, ...]
    collapsed: tuple[ClassCollapsed, ...]
    scheme: UseScheme


def classify_use(counts: NDArray[np.integer], n_animals: int, scheme: UseScheme = USGS_CORRIDOR_TEAM) -> UseClasses:
    """Classify cells by how many animals used them.

    A cell is of a class when at least ``ceil(min_share * n_animals)`` animals used it, in whole animals. A class of a
    share exists only where the share stands for more than two animals: with ten animals or fewer there is neither
    medium nor high use. Of classes that ask for the same number of animals only the narrowest exists. There is no
    upper bound: what all animals used is of the narrowest class.

    Parameters
    ----------
    counts : animals per cell, any shape
    n_animals : animals in the population, those that used no cell included
    scheme : the classes

    Raises
    ------
    BadInput : ``animals``, the population has no animal or fewer than some cell counts
    """
    most = int(counts.max(initial=0))
    if n_animals < max(1, most):
        raise BadInput("animals", f"The population has {n_animals} animals, but {most} used one cell.")
    found, collapsed = _classes_of(scheme, n_animals)
    raster = np.zeros(counts.shape, dtype=np.uint8)
    for use in found:
        raster[counts >= use.min_animals] = use.rank
    return UseClasses(raster, n_animals, found, collapsed, scheme)


def corridor_polygons(
    classes: UseClasses, grid: Grid, *, min_part_m2: float = MIN_PART_M2, smoothing: int = SMOOTHING
) -> "GeoDataFrame":
    """Corridors as polygons, one row a class, each holding the narrower ones.

    Parameters
    ----------
    classes : what `classify_use` gave
    grid : of its raster
    min_part_m2 : smaller parts are dropped and smaller holes filled, square metres
    smoothing : how often corners of the outline are cut; 0 keeps the edges of the cells

    Returns
    -------
    Columns ``class, class_rank, min_animals, n_animals, min_share, area_km2, geometry`` (multipolygons in the grid's
    CRS), widest class first. `area_km2` is that of the raster's cells of the class and the narrower ones. A class
    with no part large enough has no row.
    """
    from geopandas import GeoDataFrame

    rows = []
    within = shapely.MultiPolygon()
    for use in reversed(classes.found):
        mask = classes.raster >= use.rank
        outline = mask_to_polygons(mask, grid, min_part_m2=min_part_m2, min_hole_m2=min_part_m2, smoothing=smoothing)
        within = as_multipolygon(shapely.union(outline, within))
        if within.is_empty:
            continue
        rows.append(
            {
                "class": use.name,
                "class_rank": use.rank,
                "min_animals": use.min_animals,
                "n_animals": classes.n_animals,
                "min_share": use.min_share,
                "area_km2": int(mask.sum()) * grid.cell_area_m2 / SQUARE_METRES_PER_KM2,
                "geometry": within,
            }
        )
    return GeoDataFrame(rows[::-1], columns=list(_CORRIDOR_COLUMNS), geometry="geometry", crs=grid.crs)


def find_stopovers(
    population_ud: UtilisationDistribution,
    *,
    level: float = 0.10,
    basis: IsoplethBasis = "volume",
    min_area_m2: float = MIN_PART_M2,
    smoothing: int = SMOOTHING,
) -> "GeoDataFrame":
    """Find where a migrating population spends its time: the parts of an isopleth of its distribution.

    Parameters
    ----------
    population_ud : mean over the animals of the population
    level : share of the time; the heaviest cells that hold it are stopovers
    basis : ``"area"`` takes the share of the used area instead, as Migration Mapper 3 does
    min_area_m2 : smaller parts are dropped and smaller holes filled, square metres
    smoothing : how often corners of the outline are cut; 0 keeps the edges of the cells

    Returns
    -------
    One row a stopover: ``stopover, share_of_use, area_km2, geometry`` (multipolygon in the grid's CRS), the most used
    first and numbered from 1. Share and area are those of the cells.

    References
    ----------
    Sawyer et al. (2009), Ecol. Appl. 19:2016, doi:10.1890/08-2034.1; the level is that of Kauffman et al. (2020),
    doi:10.3133/sir20205101.
    """
    from geopandas import GeoDataFrame

    grid = population_ud.grid
    parts = find_parts(_on_grid(population_ud, level, basis), grid, min_area_m2=min_area_m2)
    shares = parts.sums(population_ud.mass)
    most_used = np.argsort(-shares, kind="stable")
    outlines = outline_parts(parts, min_hole_m2=min_area_m2, smoothing=smoothing)
    columns = {
        "stopover": np.arange(1, parts.n + 1),
        "share_of_use": shares[most_used],
        "area_km2": parts.areas_m2[most_used] / SQUARE_METRES_PER_KM2,
        "geometry": [outlines[part] for part in most_used],
    }
    return GeoDataFrame(columns, geometry="geometry", crs=grid.crs)


def _on_grid(ud: UtilisationDistribution, level: float, basis: IsoplethBasis) -> NDArray[np.bool_]:
    """The isopleth on the whole grid of the distribution."""
    footprint = footprint_of(ud, level, basis=basis)
    mask = np.zeros(ud.grid.shape, dtype=np.bool_)
    mask[ud.grid.slices_of(footprint.grid)] = footprint.mask
    return mask


def _classes_of(scheme: UseScheme, n_animals: int) -> tuple[tuple[ClassFound, ...], tuple[ClassCollapsed, ...]]:
    """The classes that exist with so many animals, widest first, and those that do not."""
    found: list[ClassFound] = []
    collapsed: list[ClassCollapsed] = []
    for rank, use in reversed(list(enumerate(scheme.classes, start=1))):
        required = use.required(n_animals)
        if not use.is_meaningful(n_animals):
            collapsed.append(ClassCollapsed(use.name, "too-few-animals", required))
        elif found and found[-1].min_animals <= required:
            collapsed.append(ClassCollapsed(use.name, "same-as", required, found[-1].name))
        else:
            found.append(ClassFound(use.name, rank, required, use.min_share))
    return tuple(reversed(found)), tuple(reversed(collapsed))
