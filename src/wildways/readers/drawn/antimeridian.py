"""Shapes across 180°: their longitudes made continuous, then cut at the antimeridian as RFC 7946 asks. Pure."""

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_TURNS = 10
"""Times around the Earth that a line may go."""

Coordinates = NDArray[np.float64]
Geometry = Any


class TooManyTurns(ValueError):
    """A line goes around the Earth more than ten times."""


def unwrap(geometry: Geometry) -> Geometry:
    """Make longitudes continuous: a step of more than 180° between vertices is taken the short way round.

    A polygon whose ring goes around a pole is closed over that pole, the one its vertices are nearer to. Edges between
    180° and -180° themselves stay as they are where the ring closes with them: they bound the map of the whole world.

    Parameters
    ----------
    geometry : line or polygon, single or multi, degrees

    Returns
    -------
    The same shape, with longitudes that may leave -180…180; unchanged where no step is that wide.
    """
    if not _has_wide_step(geometry):
        return geometry
    parts = [_unwrap_part(part) for part in shapely.get_parts(geometry)]
    return parts[0] if len(parts) == 1 else _collect(parts)


def cut_at_antimeridian(geometry: Geometry) -> tuple[Geometry, bool]:
    """Bring longitudes back into -180…180, cutting the shape where it crosses.

    Returns
    -------
    The shape, and whether it was cut in pieces (rather than moved as a whole or left alone).

    Raises
    ------
    TooManyTurns : it goes around the Earth more than ten times
    """
    west, _, east, _ = shapely.bounds(geometry)
    first, last = math.floor((west + 180) / 360), math.ceil((east - 180) / 360)
    if first >= 0 >= last:
        return geometry, False
    if last - first > MAX_TURNS:
        raise TooManyTurns
    dimension = shapely.get_dimensions(geometry)
    pieces = []
    for turn in range(first, max(first, last) + 1):
        window = shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90)
        piece = _shifted(shapely.intersection(geometry, window), -360 * turn)
        pieces += [part for part in _simple_parts(piece) if shapely.get_dimensions(part) == dimension]
    return (pieces[0] if len(pieces) == 1 else _collect(pieces)), len(pieces) > len(_simple_parts(geometry))


def _has_wide_step(geometry: Geometry) -> bool:
    longitudes = shapely.get_coordinates(geometry)[:, 0]
    return bool(np.any(np.abs(np.diff(longitudes)) > 180))


def _unwrap_part(part: Geometry) -> Geometry:
    if shapely.get_type_id(part) != shapely.GeometryType.POLYGON:
        return shapely.linestrings(_continuous(shapely.get_coordinates(part)))
    shell = _unwrap_ring(shapely.get_coordinates(shapely.get_exterior_ring(part)))
    rings = shapely.get_rings(part)[1:]
    holes = [_beside(_unwrap_ring(shapely.get_coordinates(ring)), shell) for ring in rings]
    return shapely.polygons(shapely.linearrings(shell), [shapely.linearrings(hole) for hole in holes] or None)


def _unwrap_ring(ring: Coordinates) -> Coordinates:
    for keeps_world_edges in (True, False):
        unwrapped = _continuous(ring, keeps_world_edges=keeps_world_edges)
        if abs(unwrapped[-1, 0] - unwrapped[0, 0]) < 180:
            return unwrapped
    pole = math.copysign(90.0, float(ring[:, 1].mean()))
    over_the_pole = [(unwrapped[-1, 0], pole), (unwrapped[0, 0], pole), tuple(unwrapped[0])]
    return np.vstack([unwrapped, over_the_pole])


def _continuous(coordinates: Coordinates, *, keeps_world_edges: bool = False) -> Coordinates:
    longitudes = coordinates[:, 0]
    steps = np.diff(longitudes)
    turns = -np.round(steps / 360) * (np.abs(steps) > 180)
    if keeps_world_edges:
        is_edge = np.abs(longitudes) == 180
        turns[is_edge[:-1] & is_edge[1:]] = 0
    shifts = 360 * np.concatenate([[0.0], np.cumsum(turns)])
    return np.column_stack([longitudes + shifts, coordinates[:, 1]])


def _beside(hole: Coordinates, shell: Coordinates) -> Coordinates:
    """The hole moved by whole turns to where its shell is."""
    turns = np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
    moved: Coordinates = hole + np.array([360 * turns, 0.0])
    return moved


def _shifted(geometry: Geometry, degrees: float) -> Geometry:
    return shapely.transform(geometry, lambda coordinates: coordinates + np.array([degrees, 0.0]))


def _simple_parts(geometry: Geometry) -> list[Geometry]:
    """Points, lines and polygons of a geometry, out of collections in collections too."""
    parts = shapely.get_parts(geometry)
    while any(shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT):
        parts = shapely.get_parts(parts)
    return [part for part in parts if not shapely.is_empty(part)]


def _collect(parts: list[Geometry]) -> Geometry:
    is_area = shapely.get_dimensions(parts[0]) == 2
    return shapely.multipolygons(parts) if is_area else shapely.multilinestrings(parts)
