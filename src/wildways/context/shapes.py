"""Positions that stand for a shape: along its lines and outlines, and the parts of countries inside it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from wildways.model import BadInput

STEP_DEGREES = 0.01
"""Longest step between the positions that follow a line: little more than a kilometre."""


@dataclass(frozen=True)
class Samples:
    """Positions of shapes, and parts of countries inside them.

    longitude, latitude, shape : (n,), degrees, and the number of the shape that each position is of
    part, part_shape : (m,), numbers of parts of countries and of the shapes around them
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    shape: NDArray[np.int64]
    part: NDArray[np.int64]
    part_shape: NDArray[np.int64]
    n_shapes: int


def sample_shapes(wkb: list[bytes | None], parts: NDArray[np.float64]) -> Samples:
    """Positions along each shape, at most `STEP_DEGREES` apart, and one inside each polygon.

    Parameters
    ----------
    wkb : shapes; None where there is none
    parts : a corner of each part of a country, (k, 2), degrees

    Raises
    ------
    BadInput : ``bad-shape``: not WKB
    """
    try:
        shapes = shapely.from_wkb(np.array(wkb, dtype=object))
    except shapely.errors.GEOSException as error:
        raise BadInput("bad-shape", f"A shape cannot be read: {error}.", hint="Shapes are given as WKB.") from None
    shapes = shapely.make_valid(shapely.force_2d(shapes))
    points, shape = shapely.get_coordinates(shapely.segmentize(shapes, STEP_DEGREES), return_index=True)
    inside = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes[inside]))
    points, shape = np.vstack([points, middle]), np.concatenate([shape, inside])
    turned = np.vstack([parts + np.array([turn, 0]) for turn in (-360, 0, 360)])
    tree = shapely.STRtree(shapely.points(turned))
    part_shape, part = tree.query(shapes, predicate="contains")
    return Samples(points[:, 0], points[:, 1], shape, part % len(parts), part_shape, len(wkb))
