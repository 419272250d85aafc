"""Route lines: one line a sequence, generalised so that it shows the way and no fix."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from wildways.model import BadInput
from wildways.movement.projection import geodesic_distances, project, step_lengths, unproject
from wildways.movement.sequences import Sequence

Floats = NDArray[np.float64]

ROUTE_COLUMNS = (
    "route_number",
    "season",
    "year",
    "start_utc",
    "end_utc",
    "duration_d",
    "length_km",
    "displacement_km",
)


def route_lines(
    sequences: list[Sequence],
    *,
    crs: CRS,
    generalise_m: float = 1_000,
    trim_ends_m: float = 0,
    max_gap_h: float = 36,
) -> gpd.GeoDataFrame:
    """Draw the route of each sequence.

    Positions are moved to the centres of the cells of a grid fixed in `crs` (edges at multiples of
    ``generalise_m``), repeated cells merged, and vertices within ``generalise_m`` of the line between others left
    out: every vertex is the centre of a cell, none a fix. Lines break where fixes are more than ``max_gap_h`` apart
    and are split at the antimeridian.

    Parameters
    ----------
    sequences : of any animals; the routes carry numbers instead of names
    crs : metres
    generalise_m : cell side, metres
    trim_ends_m : the route begins at the first fix this far from the first one, and ends likewise
    max_gap_h : hours

    Returns
    -------
    EPSG:4326, `ROUTE_COLUMNS` and geometry; one row a sequence whose line has any length left, numbered from 1 in
    order of start. ``start_utc`` and ``end_utc`` are days (ISO 8601 text), ``duration_d`` days, lengths kilometres:
    ``length_km`` along the fixes, ``displacement_km`` between the first and the last.

    Raises
    ------
    BadInput : ``generalise_m`` is not greater than 0, or a distance or time is negative
    """
    if not generalise_m > 0 or not trim_ends_m >= 0 or not max_gap_h > 0:
        raise BadInput(
            "route-options",
            f"A cell of {generalise_m} m, ends of {trim_ends_m} m and gaps of {max_gap_h} h make no route.",
        )
    ordered = sorted(filter(len, sequences), key=lambda sequence: (sequence.time_s[0], sequence.sequence_id))
    lines = [_line(sequence, crs, generalise_m, trim_ends_m, max_gap_h * 3600) for sequence in ordered]
    drawn = [(sequence, line) for sequence, line in zip(ordered, lines, strict=True) if not line.is_empty]
    rows = [(number, *_facts(sequence)) for number, (sequence, _) in enumerate(drawn, start=1)]
    frame = pd.DataFrame(rows, columns=list(ROUTE_COLUMNS))
    return gpd.GeoDataFrame(frame, geometry=[line for _, line in drawn], crs="EPSG:4326")


def split_at_antimeridian(longitude: Floats, latitude: Floats) -> list[Floats]:
    """Cut a line where it crosses 180°.

    A step of more than 180° of longitude goes the other way round; both parts then end on the antimeridian, at the
    latitude interpolated between the ends of the step.

    Parameters
    ----------
    longitude, latitude : (n,), degrees, -180…180

    Returns
    -------
    Lines (m, 2) of longitude and latitude, in order; each has two vertices or more.
    """
    parts, part = [], [(longitude[0], latitude[0])]
    for i in range(1, len(longitude)):
        step = longitude[i] - longitude[i - 1]
        if abs(step) > 180:
            edge = -np.copysign(180.0, step)
            east = step + 2 * edge
            share = (edge - longitude[i - 1]) / east if east else 0.0
            crossing = latitude[i - 1] + share * (latitude[i] - latitude[i - 1])
            parts.append(np.array([*part, (edge, crossing)]))
            part = [(-edge, crossing)]
        part.append((longitude[i], latitude[i]))
    parts.append(np.array(part))
    return [part for part in parts if len(np.unique(part, axis=0)) > 1]


def _line(sequence: Sequence, crs: CRS, cell_m: float, trim_m: float, gap_s: float) -> shapely.Geometry:
    time_s, lon, lat = _trimmed(sequence, trim_m)
    if len(time_s) < 2:
        return shapely.LineString()
    x_m, y_m = ((np.floor(values / cell_m) + 0.5) * cell_m for values in project(lon, lat, crs))
    breaks = np.flatnonzero(np.diff(time_s) > gap_s) + 1
    parts = [
        part
        for piece_x, piece_y in zip(np.split(x_m, breaks), np.split(y_m, breaks), strict=True)
        for part in _generalised(piece_x, piece_y, cell_m, crs)
    ]
    return shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)


def _trimmed(sequence: Sequence, trim_m: float) -> tuple[Floats, Floats, Floats]:
    lon, lat = sequence.longitude, sequence.latitude
    if trim_m == 0:
        return sequence.time_s, lon, lat
    from_start = np.flatnonzero(geodesic_distances(lon[0], lat[0], lon, lat) > trim_m)
    from_end = np.flatnonzero(geodesic_distances(lon[-1], lat[-1], lon, lat) > trim_m)
    if not from_start.size or not from_end.size:
        return sequence.time_s[:0], lon[:0], lat[:0]
    kept = slice(int(from_start[0]), int(from_end[-1]) + 1)
    return sequence.time_s[kept], lon[kept], lat[kept]


def _generalised(x_m: Floats, y_m: Floats, cell_m: float, crs: CRS) -> list[Floats]:
    moved = np.concatenate(([True], (np.diff(x_m) != 0) | (np.diff(y_m) != 0)))
    if moved.sum() < 2:
        return []
    line = shapely.simplify(shapely.linestrings(x_m[moved], y_m[moved]), cell_m, preserve_topology=False)
    vertices = shapely.get_coordinates(line)
    return split_at_antimeridian(*unproject(vertices[:, 0], vertices[:, 1], crs))


def _facts(sequence: Sequence) -> tuple[object, ...]:
    lon, lat = sequence.longitude, sequence.latitude
    start, end = (pd.Timestamp(sequence.time_s[i], unit="s", tz="UTC") for i in (0, -1))
    return (
        sequence.season,
        start.year,
        start.date().isoformat(),
        end.date().isoformat(),
        round((sequence.time_s[-1] - sequence.time_s[0]) / 86_400, 1),
        round(float(step_lengths(lon, lat).sum()) / 1_000, 1),
        round(float(geodesic_distances(lon[0], lat[0], lon[-1], lat[-1])) / 1_000, 1),
    )
