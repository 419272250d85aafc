"""From a geometry as a file has it to a sound line or polygon in WGS 84 degrees. Pure; what was changed is told."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import GEOSException

from wildways.readers.drawn.antimeridian import TooManyTurns, cut_at_antimeridian, unwrap
from wildways.readers.tables.rows import BEYOND_DEGREES, Refused

if TYPE_CHECKING:
    from pyproj import Transformer

SEGMENT_M = 25_000.0
"""Straight lines on a map projection get a vertex at least so often, since they are not straight in degrees."""

MAX_ADDED = 100_000
"""Vertices that this may add to one shape."""

BEYOND_ANY_CRS = 1e9
"""No CRS of the Earth has larger coordinates."""

_FIELD = "geometry"


@dataclass(frozen=True)
class Placing:
    """How coordinates become degrees.

    Parameters
    ----------
    transformer : from the file's CRS; nothing where the coordinates are WGS 84 degrees
    segment : `SEGMENT_M` in units of the CRS; nothing where the CRS is geographic
    """

    transformer: "Transformer | None" = None
    segment: float | None = None


def place_shape(geometry: Any, placing: Placing) -> tuple[Any, tuple[str, ...]]:
    """Turn a geometry into valid lines or areas in WGS 84 degrees, cut at the antimeridian.

    Heights and measures are dropped. Of a collection the areas are kept or, where it has none, the lines.

    Returns
    -------
    The shape, and the codes of what was noted about it.

    Raises
    ------
    Refused : it is missing, a point, without extent, not readable, or outside the CRS or the degrees
    """
    try:
        with np.errstate(all="ignore"):
            return _place(geometry, placing)
    except GEOSException as error:
        raise Refused("geometry-unreadable", _FIELD, str(error)) from error
    except TooManyTurns as error:
        raise Refused("longitude-range", _FIELD) from error


def _place(geometry: Any, placing: Placing) -> tuple[Any, tuple[str, ...]]:
    if geometry is None or shapely.is_empty(geometry):
        raise Refused("geometry-missing", _FIELD)
    if shapely.get_type_id(geometry) > shapely.GeometryType.GEOMETRYCOLLECTION:
        raise Refused("geometry-unreadable", _FIELD, "a curve")
    kept, is_mixed = _lines_or_areas(shapely.force_2d(geometry))
    if not np.isfinite(shapely.get_coordinates(kept)).all():
        raise Refused("geometry-unreadable", _FIELD, "a coordinate that is no number")
    degrees = unwrap(_to_degrees(kept, placing))
    sound, is_repaired = _repaired(degrees)
    placed, is_cut = cut_at_antimeridian(sound)
    is_moved = not is_cut and placed is not sound
    notes = {
        "geometry-mixed": is_mixed,
        "geometry-repaired": is_repaired,
        "antimeridian-cut": is_cut,
        "longitude-wrapped": is_moved,
    }
    return placed, tuple(code for code, is_so in notes.items() if is_so)


def _lines_or_areas(geometry: Any) -> tuple[Any, bool]:
    """The areas of a geometry or else its lines, and whether something else was left out."""
    parts = _simple_parts(geometry)
    dimensions = shapely.get_dimensions(parts)
    highest = dimensions.max(initial=0)
    if highest < 1:
        raise Refused("geometry-kind", _FIELD, geometry.geom_type)
    kept = parts[dimensions == highest]
    if len(kept) == 1:
        return kept[0], len(parts) > 1
    return (shapely.multipolygons if highest == 2 else shapely.multilinestrings)(kept), len(kept) < len(parts)


def _simple_parts(geometry: Any) -> Any:
    """Points, lines and polygons of a geometry, out of collections in collections too; rings become lines."""
    parts = np.atleast_1d(shapely.get_parts(geometry))
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return parts[~shapely.is_empty(parts)]


def _to_degrees(geometry: Any, placing: Placing) -> Any:
    if placing.transformer is None:
        _refuse_beyond(geometry)
        return geometry
    if np.abs(shapely.get_coordinates(geometry)).max() > BEYOND_ANY_CRS:
        raise _outside(geometry)
    if placing.segment is not None:
        geometry = shapely.segmentize(geometry, max(placing.segment, shapely.length(geometry) / MAX_ADDED))
    transformer = placing.transformer
    degrees = shapely.transform(geometry, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    if not np.isfinite(shapely.get_coordinates(degrees)).all():
        raise _outside(geometry)
    return degrees


def _outside(geometry: Any) -> Refused:
    x, y = shapely.get_coordinates(geometry)[0]
    return Refused("position-outside-crs", _FIELD, f"{x:.10g} {y:.10g}")


def _refuse_beyond(geometry: Any) -> None:
    longitudes, latitudes = np.abs(shapely.get_coordinates(geometry)).T
    for values, limit, code in ((latitudes, 90, "latitude-range"), (longitudes, 360, "longitude-range")):
        worst = float(values.max())
        if worst > limit:
            raise Refused("projected" if worst > BEYOND_DEGREES else code, _FIELD, f"{worst:.10g}")


def _repaired(geometry: Any) -> tuple[Any, bool]:
    """The geometry with crossing or touching outlines repaired, and whether it had to be."""
    dimension = shapely.get_dimensions(geometry)
    is_valid = bool(shapely.is_valid(geometry))
    sound = geometry if is_valid else shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = [part for part in _simple_parts(sound) if shapely.get_dimensions(part) == dimension]
    if not parts or not (shapely.area(parts) if dimension == 2 else shapely.length(parts)).any():
        raise Refused("geometry-degenerate", _FIELD)
    if len(parts) == 1:
        return (sound if is_valid else parts[0]), not is_valid
    return (shapely.multipolygons if dimension == 2 else shapely.multilinestrings)(parts), not is_valid
