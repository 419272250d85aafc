"""The extent of what is published, and the zoom levels worth tiling for it."""

import math
from collections.abc import Iterable

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; west > east where it crosses the antimeridian (RFC 7946, section 5.2)."""

MIN_DETAIL, MAX_DETAIL = 8, 12
"""Zoom levels at which a tile unit is 38 m and 2.4 m at the equator."""


def enclosing_box(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around all `boxes`, or None where there are none.

    It goes the short way round: two boxes at 179° E and 179° W give one of 2 degrees with west > east. Where going
    over the antimeridian is not shorter, west <= east. Boxes with NaN (empty geometries) do not count.
    """
    known = [box for box in boxes if all(map(math.isfinite, box))]
    if not known:
        return None
    west, east = _enclosing_arc([(box[0], box[2]) for box in known])
    return west, min(box[1] for box in known), east, max(box[3] for box in known)


def _enclosing_arc(arcs: list[tuple[float, float]]) -> tuple[float, float]:
    """The arc of longitudes that leaves out the widest gap between `arcs`."""
    spans = sorted(span for west, east in arcs for span in _unrolled(west, east))
    low, reached = spans[0][0], spans[0][1]
    widest, after = 0.0, None
    for west, east in spans[1:]:
        if west - reached > widest:
            widest, after = west - reached, (west, reached)
        reached = max(reached, east)
    over_the_antimeridian = 360 - (reached - low)
    return after if after is not None and widest > over_the_antimeridian else (low, reached)


def _unrolled(west: float, east: float) -> list[tuple[float, float]]:
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]


def zoom_range(box: Box) -> tuple[int, int]:
    """The lowest and highest zoom to tile: all the world is always zoom 0; small extents get finer tiles.

    The highest is three levels below the one where the extent fills a tile, between 8 and 12; map libraries go
    further in by enlarging the highest.
    """
    width = (box[2] - box[0]) % 360 or 360 * (box[2] != box[0])
    span = max(width, 2 * (box[3] - box[1]), 1e-6)
    return 0, min(max(round(math.log2(360 / span)) + 3, MIN_DETAIL), MAX_DETAIL)
