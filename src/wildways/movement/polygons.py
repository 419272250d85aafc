"""Polygons around cells. The raster stays the source of every area; polygons are how it is drawn and exchanged."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage
from shapely.geometry import MultiPolygon, Polygon, shape

from wildways.model.errors import BadInput
from wildways.movement.grid import Grid

MIN_PART_M2 = 20_000.0
"""Smaller parts are dropped and smaller holes filled: the rule of the published corridor maps."""

_NEIGHBOURS = np.ones((3, 3))
_SIMPLIFY_CELLS = 0.05
_NECK_CELLS = 0.25


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
    polygons: list[list[Polygon]] = [[] for _ in range(parts.n)]
    found = shapes(parts.labels, mask=parts.labels > 0, connectivity=4, transform=parts.grid.transform)
    for geometry, label in found:
        polygons[int(label) - 1].append(_without_small_holes(shape(geometry), min_hole_m2))
    return [_smoothed(MultiPolygon(pieces), parts.grid.cell_m, smoothing) for pieces in polygons]


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
    return as_multipolygon(shapely.union_all(outlines))


def as_multipolygon(geometry: shapely.Geometry) -> MultiPolygon:
    """The polygons of any geometry; points and lines left over from an overlay fall away."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _without_small_holes(polygon: Polygon, min_hole_m2: float) -> Polygon:
    holes = [ring for ring in polygon.interiors if Polygon(ring).area >= min_hole_m2]
    return Polygon(polygon.exterior, holes)


def _smoothed(part: MultiPolygon, cell_m: float, smoothing: int) -> MultiPolygon:
    if smoothing == 0:
        return part
    neck_m = cell_m * _NECK_CELLS
    joined = as_multipolygon(part.buffer(neck_m, join_style="mitre").buffer(-neck_m))
    dense = shapely.segmentize(shapely.get_parts(joined), cell_m * 1.001)
    rounded = as_multipolygon(shapely.union_all([_rounded(polygon, smoothing) for polygon in dense]))
    return as_multipolygon(shapely.simplify(rounded, cell_m * _SIMPLIFY_CELLS, preserve_topology=True))


def _rounded(polygon: Polygon, times: int) -> shapely.Geometry:
    rings = [_corners_cut(shapely.get_coordinates(ring), times) for ring in (polygon.exterior, *polygon.interiors)]
    return shapely.make_valid(Polygon(rings[0], rings[1:]))


def _corners_cut(ring: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """A closed ring after Chaikin's corner cutting."""
    for _ in range(times):
        start, end = ring[:-1], ring[1:]
        cut = np.empty((2 * len(start), 2))
        cut[0::2], cut[1::2] = 0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end
        ring = np.vstack([cut, cut[:1]])
    return ring
