"""Polygons around cells. The raster stays the source of every area; polygons are how it is drawn and exchanged."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage
from shapely.geometry import MultiPolygon, Polygon

from wildways.model.errors import BadInput
from wildways.movement.grid import Grid

Floats = NDArray[np.float64]

MIN_PART_M2 = 20_000.0
"""Smaller parts are dropped and smaller holes filled: the rule of the published corridor maps."""

_NEIGHBOURS = np.ones((3, 3))
_SIMPLIFY_CELLS = 0.05
_ROUNDING = 1e-3
_SAME_AREA = 0.02


@dataclass(frozen=True, eq=False)
class Parts:
    """Groups of cells that share edges or corners: `labels` of shape ``grid.shape``, 0 where there is none, 1…`n`."""

    grid: Grid
    labels: NDArray[np.int32]
    n: int

    def sums(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Sum of the values over the cells of each part, shape (n,)."""
        sums = np.bincount(self.labels.ravel(), weights=values.ravel(), minlength=self.n + 1)[1:]
        return sums.astype(np.float64)

    @property
    def areas_m2(self) -> NDArray[np.float64]:
        """Area of the cells of each part, shape (n,)."""
        return self.sums(np.ones(self.grid.shape)) * self.grid.cell_area_m2


def find_parts(mask: NDArray[np.bool_], grid: Grid, *, min_area_m2: float = MIN_PART_M2) -> Parts:
    """The connected parts of a mask that are not smaller than `min_area_m2`, numbered from north to south.

    Raises
    ------
    BadInput : ``footprint-shape``, the mask is not on the grid
    """
    if mask.shape != grid.shape:
        raise BadInput("footprint-shape", f"The mask has shape {mask.shape}, its grid {grid.shape}.")
    labels, n = ndimage.label(mask, structure=_NEIGHBOURS)
    kept = np.bincount(labels.ravel(), minlength=n + 1) * grid.cell_area_m2 >= min_area_m2
    kept[0] = False
    renumbered = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return Parts(grid, renumbered[labels], int(kept.sum()))


def outline_parts(parts: Parts, *, min_hole_m2: float = MIN_PART_M2, smoothing: int = 0) -> list[MultiPolygon]:
    """The outline of each part, in the grid's CRS, in the order of their numbers.

    Parameters
    ----------
    parts : what `find_parts` gave
    min_hole_m2 : smaller holes are filled, square metres
    smoothing : how often corners are cut; 0 keeps the edges of the cells. Smoothing moves the outline by no more than
        half a cell and joins cells that touch at a corner by a narrow neck

    Returns
    -------
    Valid, non-empty geometries.
    """
    # Smoothed outlines go through the corners at which cells touch, and the cut of those corners makes the neck.
    connectivity = 8 if smoothing else 4
    polygons: list[list[Polygon]] = [[] for _ in range(parts.n)]
    found = shapes(parts.labels, mask=parts.labels > 0, connectivity=connectivity, transform=parts.grid.transform)
    for geometry, label in found:
        rings = _without_small_holes([np.array(ring) for ring in geometry["coordinates"]], min_hole_m2)
        outline, *holes = (_rounded(ring, parts.grid.cell_m, smoothing) for ring in rings)
        polygons[int(label) - 1].append(Polygon(outline, holes))
    return [_checked(MultiPolygon(pieces), parts.grid.cell_m, smoothing) for pieces in polygons]


def mask_to_polygons(
    mask: NDArray[np.bool_],
    grid: Grid,
    *,
    min_part_m2: float = MIN_PART_M2,
    min_hole_m2: float = MIN_PART_M2,
    smoothing: int = 0,
) -> MultiPolygon:
    """One geometry around all cells of a mask, empty where no part is large enough; see `outline_parts`."""
    outlines = outline_parts(
        find_parts(mask, grid, min_area_m2=min_part_m2), min_hole_m2=min_hole_m2, smoothing=smoothing
    )
    return MultiPolygon([piece for outline in outlines for piece in outline.geoms])


def as_multipolygon(geometry: shapely.Geometry) -> MultiPolygon:
    """The polygons of any geometry; points and lines left over from an overlay fall away."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _without_small_holes(rings: list[Floats], min_hole_m2: float) -> list[Floats]:
    return [ring for number, ring in enumerate(rings) if number == 0 or Polygon(ring).area >= min_hole_m2]


def _checked(part: MultiPolygon, cell_m: float, smoothing: int) -> MultiPolygon:
    if smoothing == 0:
        return part
    simple = shapely.simplify(part, cell_m * _SIMPLIFY_CELLS, preserve_topology=False)
    is_same = abs(simple.area - part.area) <= part.area * _SAME_AREA and shapely.get_num_geometries(simple) == 1
    if not (is_same and simple.is_valid):
        simple = shapely.simplify(as_multipolygon(part), cell_m * _SIMPLIFY_CELLS, preserve_topology=True)
    return as_multipolygon(simple) if not simple.is_valid else MultiPolygon(shapely.get_parts(simple).tolist())


def _rounded(ring: Floats, cell_m: float, times: int) -> Floats:
    """A ring of cell edges with its corners cut; the very same where they shall not be."""
    if times == 0:
        return ring
    dense = shapely.segmentize(shapely.linestrings(ring), cell_m * (1 + _ROUNDING))
    return _corners_cut(shapely.get_coordinates(dense), times)


def _corners_cut(ring: Floats, times: int) -> Floats:
    """A closed ring after Chaikin's corner cutting."""
    for _ in range(times):
        start, end = ring[:-1], ring[1:]
        cut = np.empty((2 * len(start), 2))
        cut[0::2], cut[1::2] = 0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end
        ring = np.vstack([cut, cut[:1]])
    return ring
