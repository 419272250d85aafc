"""Build the map that tells where on Earth a record lies: countries from Natural Earth, sea areas after IHO S-23.

Run in an environment with the development packages, after ``npm ci`` in ``web``::

    python web/jurisdictions/build_jurisdictions.py src/wildways/context/data/jurisdictions.npz

What the arrays of the file mean stands in ``wildways.context._border_kernels.Borders``.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from babel import Locale
from babel.core import get_global
from numba import njit, prange
from rasterio.features import rasterize
from rasterio.transform import from_origin
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate
from shapely.geometry.polygon import orient
from shapely.ops import split

from wildways.context import _border_kernels as kernels
from wildways.context.borders import SCALE, clear_chords, grow, region_sets
from wildways.release.hilbert import hilbert_distance

HERE = Path(__file__).resolve().parent
COUNTRIES = HERE.parent / "node_modules/world-atlas/countries-10m.json"
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
FORMAT = 1
MAP_UNCERTAINTY_M = 1000
"""0.1 mm on the source's scale of 1:10 million. The source is rounded to 0.0036 by 0.0017 degrees: 400 by 190 m."""
BLOCK_DISTANCE_M = 1500
"""Cells nearer to a border or coast than this are told apart into subcells."""
SQUARES, FAR = (20, 5, 1), 4
"""Sides, in cells, of the squares that get one clearance if it is `FAR` times their radius; all cells do in the end."""
NEAR = 2 * np.sin(4_000 / kernels.EARTH_RADIUS_M / 2)
"""Largest clearance of subcells, a chord."""
ATOLL_DEGREES = 0.001
"""Half the width that islands get which the source has rounded to a line."""
CELLS, BLOCK = kernels.CELLS_PER_DEGREE, kernels.BLOCK
N_ROWS, N_COLUMNS = kernels.N_ROWS, kernels.N_COLUMNS
OLD_CODES = {"ANT", "BUR", "ZAR", "SCG", "YUG", "DDR", "FXX", "NTZ", "SUN", "TMP", "YMD"}

Array = np.ndarray[Any, Any]
Facts = dict[str, Any]


def main(output: Path) -> None:
    """Write the map to `output`."""
    rules = tomllib.loads((HERE / "jurisdictions.toml").read_text(encoding="utf-8"))
    parts = read_parts(rules)
    facts = _facts(parts, rules)
    regions = {tuple(codes): number for number, codes in enumerate(facts["regions"])}
    number = np.array([regions[codes] for codes in parts["codes"]], np.uint16)
    arrays = _segments(parts.geometry, number)
    arrays |= _grids(parts.geometry, number, arrays, region_sets(facts))
    arrays["sea"], facts["seas"] = _seas()
    corners = [shapely.get_coordinates(part)[0] for part in parts.geometry]
    arrays |= {"part": np.array(corners), "part_region": number}
    arrays["facts"] = np.frombuffer(json.dumps(facts, ensure_ascii=False).encode(), np.uint8)
    output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(output, **arrays)


def read_parts(rules: Facts) -> gpd.GeoDataFrame:
    """Polygons of the source, one row an island or mainland: ``codes`` (of the countries it may be), ``geometry``.

    Rings that run over the antimeridian keep longitudes beyond 180 degrees, and that of Antarctica ends at the pole.
    """
    source = gpd.read_file(COUNTRIES, layer="countries").set_crs(4326, allow_override=True)
    parts = source.explode(index_parts=False, ignore_index=True)
    parts = parts[~parts.geometry.is_empty].reset_index(drop=True)
    codes = [
        tuple(rules["codes"].get(name) or (_alpha3(n),)) for n, name in zip(parts["id"], parts["name"], strict=True)
    ]
    geometry = [_unwrapped(part) for part in parts.geometry]
    for rule in rules["added"]:
        added = orient(Polygon(rule["outline"]))
        geometry = [orient(part.difference(added)) if part.contains(added.centroid) else part for part in geometry]
        geometry.append(added)
        codes.append(tuple(rule["codes"]))
    rows = [piece for code, part in zip(codes, geometry, strict=True) for piece in _cut(code, part, rules)]
    mended = _mended(np.array([part for _, part in rows]), [code for code, _ in rows])
    return gpd.GeoDataFrame({"codes": [code for code, _ in mended]}, geometry=[part for _, part in mended], crs=4326)


def _mended(parts: Array, codes: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], Polygon]]:
    """Parts without rings that cross themselves, but for those with neighbours, whose common borders have to stay."""
    tree = shapely.STRtree(parts)
    mended = []
    for code, part in zip(codes, parts, strict=True):
        pieces = [part]
        if not part.is_valid and len(tree.query(part.convex_hull, predicate="intersects")) == 1:
            pieces = [orient(p) for p in shapely.get_parts(shapely.get_parts(shapely.make_valid(part))) if p.area > 0]
        mended += [(code, piece) for piece in pieces]
    return mended


def _cut(codes: tuple[str, ...], part: Polygon, rules: Facts) -> list[tuple[tuple[str, ...], Polygon]]:
    """A part with the codes that the rules give it, in two where they cut it."""
    for rule in rules["parts"]:
        if codes == (rule["of"],) and box(*rule["box"]).contains(part):
            return [(tuple(rule["codes"]), part)]
    for rule in rules["cuts"]:
        if codes == (rule["of"],) and part.contains(Point(rule["inside"])):
            corners = shapely.get_coordinates(part)
            line = list(rule["line"])
            for end in (0, -1):
                line[end] = corners[np.hypot(*(corners - line[end]).T).argmin()]
            pieces = [orient(piece) for piece in split(part, LineString(line)).geoms]
            return [(tuple(rule["codes"]) if p.contains(Point(rule["inside"])) else codes, p) for p in pieces]
    return [(codes, part)]


def _unwrapped(part: Polygon) -> Polygon:
    shell, *holes = [_unwrapped_ring(ring) for ring in (part.exterior, *part.interiors)]
    middle = shell[:, 0].mean()
    holes = [hole - [360 * round((hole[:, 0].mean() - middle) / 360), 0] for hole in holes]
    mended = Polygon(shell, holes)
    return orient(mended if mended.area > 0 else LineString(shell).buffer(ATOLL_DEGREES, 2))


def _unwrapped_ring(ring: shapely.LinearRing) -> Array:
    points = np.array(ring.coords)
    points[:, 0] = np.unwrap(points[:, 0], period=360)
    if abs(points[-1, 0] - points[0, 0]) > 180:
        points = np.vstack([points, [points[-1, 0], -90], [points[0, 0], -90], points[0]])
    return points


def _alpha3(number: str) -> str:
    return _codes()[number][1]


def _codes() -> dict[str, tuple[str, str]]:
    """Alpha-2 and alpha-3 codes by ISO numeric code, from Unicode CLDR."""
    aliases = {old: new[0] for old, new in get_global("territory_aliases").items() if len(new) == 1}
    alpha3 = {new: old for old, new in aliases.items() if len(old) == 3 and old.isalpha() and old not in OLD_CODES}
    return {old: (new, alpha3[new]) for old, new in aliases.items() if old.isdigit() and new in alpha3}


def _facts(parts: gpd.GeoDataFrame, rules: Facts) -> Facts:
    alpha2 = {three: two for two, three in _codes().values()} | {k: v["alpha_2"] for k, v in rules["extra"].items()}
    own = tomllib.loads((HERE.parent / "basemap/boundaries.toml").read_text(encoding="utf-8"))["names"]
    territories = {language: Locale(language).territories for language in LANGUAGES}
    countries = {
        code: {
            "alpha_2": alpha2[code],
            "names": {
                language: own.get(alpha2[code], {}).get(language) or territories[language][alpha2[code]]
                for language in LANGUAGES
            },
        }
        for code in sorted({code for codes in parts["codes"] for code in codes})
    }
    if len(countries) > 256:
        raise SystemExit("A set of countries has room for 256.")
    return {
        "format": FORMAT,
        "map_uncertainty_m": MAP_UNCERTAINTY_M,
        "countries": countries,
        "regions": [(), *sorted(set(parts["codes"]))],
        "aliases": rules["aliases"],
    }


def _segments(parts: gpd.GeoSeries, number: Array) -> dict[str, Array]:
    """Borders and coasts in pieces that each lie in one cell, the cells along a Hilbert curve."""
    a, b, left, right = _edges(parts, number)
    corner = np.array([180, 90])
    a, b = (a + corner) * CELLS, (b + corner) * CELLS
    for axis in (0, 1):
        a, b, from_edge = _split_at_grid(a, b, axis)
        left, right = left[from_edge], right[from_edge]
    corner = np.floor((a + b) / 2)
    column, row = corner[:, 0].astype(np.int64) % N_COLUMNS, corner[:, 1].astype(np.int64).clip(0, N_ROWS - 1)
    cell = row * N_COLUMNS + column
    order = np.argsort(_curve(cell), kind="stable")
    outline = (np.hstack([a - corner, b - corner])[order].clip(0, 1) * SCALE).round().astype(np.uint16)
    goes_on = np.append((outline[:-1, 2:] == outline[1:, :2]).all(axis=1), False)
    return {
        "segment_cell": cell[order],
        "start": np.diff(outline[:, :2], axis=0, prepend=np.zeros((1, 2), np.uint16)).T.copy(),
        "goes_on": np.packbits(goes_on),
        "end": outline[~goes_on, 2:],
        "left": left[order],
        "right": right[order],
    }


def _edges(parts: gpd.GeoSeries, number: Array) -> tuple[Array, Array, Array, Array]:
    """Ends of the edges between two regions, and the regions to their left and right (0 is the sea), ring by ring."""
    rings = [(ring, n) for part, n in zip(parts, number, strict=True) for ring in (part.exterior, *part.interiors)]
    points = [np.array(ring.coords) for ring, _ in rings]
    a, b = np.concatenate([p[:-1] for p in points]), np.concatenate([p[1:] for p in points])
    region = np.repeat([n for _, n in rings], [len(p) - 1 for p in points]).astype(np.uint16)
    keep = ~((a == b).all(axis=1) | (a[:, 1] == -90) | (b[:, 1] == -90))
    a, b, region = a[keep], b[keep], region[keep]
    keys = np.hstack([_key(a), _key(b)])
    is_turned = (keys[:, 0] > keys[:, 2]) | ((keys[:, 0] == keys[:, 2]) & (keys[:, 1] > keys[:, 3]))
    keys[is_turned] = keys[is_turned][:, [2, 3, 0, 1]]
    _, chosen, edge = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    sides = np.zeros((len(chosen), 2), np.uint16)
    sides[edge, is_turned.astype(int)] = region
    flip = is_turned[chosen]
    left, right = np.where(flip, sides[:, 1], sides[:, 0]), np.where(flip, sides[:, 0], sides[:, 1])
    kept = np.flatnonzero(left != right)
    kept = kept[np.argsort(chosen[kept])]
    return a[chosen[kept]], b[chosen[kept]], left[kept], right[kept]


def _key(points: Array) -> Array:
    """Points as whole numbers, the same on both sides of the antimeridian."""
    return np.column_stack([(points[:, 0] * 1e7).round() % 3_600_000_000, (points[:, 1] * 1e7).round()]).astype(
        np.int64
    )


def _split_at_grid(a: Array, b: Array, axis: int) -> tuple[Array, Array, Array]:
    """Edges in pieces between the lines of the grid, and which edge each piece is from."""
    low, high = np.minimum(a, b)[:, axis], np.maximum(a, b)[:, axis]
    n_lines = np.maximum(np.ceil(high) - np.floor(low) - 1, 0).astype(int)
    edge = np.repeat(np.arange(len(a)), n_lines + 1)
    piece = np.arange(len(edge)) - np.repeat(np.cumsum(n_lines + 1) - n_lines - 1, n_lines + 1)
    line = np.floor(low)[edge] + piece
    span = np.where(high > low, high - low, 1)[edge]
    start = np.where(piece == 0, 0, (line - low[edge]) / span)[:, None]
    end = np.where(piece == n_lines[edge], 1, (line + 1 - low[edge]) / span)[:, None]
    is_down = (b < a)[edge, axis][:, None]
    start, end = np.where(is_down, 1 - end, start), np.where(is_down, 1 - start, end)
    way = (b - a)[edge]
    return a[edge] + start * way, a[edge] + end * way, edge


def _curve(cell: Array) -> Array:
    """Order of cells along a Hilbert curve, so that neighbours in the file are neighbours on the map."""
    return hilbert_distance(cell % N_COLUMNS, cell // N_COLUMNS, level=12)


def _grids(parts: gpd.GeoSeries, number: Array, arrays: dict[str, Array], sets: Array) -> dict[str, Array]:
    """Region and clearance of cells and subcells; see `Borders`."""
    segment_cell = arrays.pop("segment_cell")
    region = _rasterised(parts, number)
    region[segment_cell] = 0
    nothing = {"reference": np.zeros(0, np.uint16), "subregion": np.zeros(0, np.uint16), "region": region}
    nothing |= {"subclearance": np.zeros(0, np.uint8), "clearance": np.zeros(1, np.uint8)}
    cells, n_segments = np.unique(segment_cell, return_counts=True)
    order = np.argsort(_curve(cells))
    mixed = {"block_cell": cells[order].astype(np.int32), "n_segments": n_segments[order].astype(np.uint16)}
    borders = grow(arrays | nothing | mixed, sets)
    is_mixed = np.zeros(region.size, np.bool_)
    is_mixed[cells] = True
    distance = _clearances(borders, region, is_mixed)
    near = np.flatnonzero(is_mixed | (distance < 2 * np.sin(BLOCK_DISTANCE_M / kernels.EARTH_RADIUS_M / 2)))
    near = near[np.argsort(_curve(near))]
    counts = np.bincount(segment_cell, minlength=region.size)[near].astype(np.uint16)
    blocks = {"block_cell": near.astype(np.int32), "n_segments": counts}
    blocks["reference"] = np.where(is_mixed[near], _references(parts, number, near), region[near])
    borders = grow(arrays | nothing | mixed | blocks, sets)
    subregion, subdistance = _subcells(borders, near)
    return blocks | {
        "region": region,
        "clearance": _coded(distance),
        "subregion": subregion,
        "subclearance": _coded(subdistance),
    }


def _rasterised(parts: gpd.GeoSeries, number: Array, *, outside: int = 0) -> Array:
    """Number of the last part that holds the middle of each cell, (rows * columns,), from the south-west."""
    shapes = [
        (translate(part, turn), int(n))
        for part, n in zip(parts, number, strict=True)
        for turn in (-360, 0, 360)
        if part.bounds[0] + turn < 180 and part.bounds[2] + turn > -180
    ]
    corner = from_origin(-180, 90, 1 / CELLS, 1 / CELLS)
    grid = rasterize(shapes, (N_ROWS, N_COLUMNS), fill=outside, transform=corner, dtype="uint16")
    return grid[::-1].ravel().copy()


def _references(parts: gpd.GeoSeries, number: Array, cells: Array) -> Array:
    """Region at the reference points of cells."""
    longitude = (cells % N_COLUMNS + kernels.REFERENCE_X) / CELLS - 180
    latitude = (cells // N_COLUMNS + kernels.REFERENCE_Y) / CELLS - 90
    return regions_at(parts, number, longitude, latitude)


def regions_at(parts: gpd.GeoSeries, number: Array, longitude: Array, latitude: Array) -> Array:
    """Region at points, by the polygons themselves."""
    region = np.zeros(len(longitude), number.dtype)
    tree = shapely.STRtree(
        shapely.points(np.tile(longitude, 3) + np.repeat([-360, 0, 360], len(longitude)), np.tile(latitude, 3))
    )
    part, point = tree.query(np.array(parts), predicate="contains")
    region[point % len(longitude)] = number[part]
    return region


def _clearances(borders: kernels.Borders, region: Array, is_mixed: Array) -> Array:
    """Chord around each cell in which there is no country but its own, (rows * columns,); 0 for mixed cells."""
    kind = np.where(is_mixed, kernels.MIXED, region).reshape(N_ROWS, N_COLUMNS)
    clear = np.full((N_ROWS, N_COLUMNS), np.nan)
    clear[kind == kernels.MIXED] = 0
    for size in SQUARES:
        _clear_squares(borders, kind, clear, size)
    return clear.ravel()


@njit(parallel=True)
def _clear_squares(borders: kernels.Borders, kind: Array, clear: Array, size: int) -> None:
    """Fill in squares of cells of one kind that are far from all others in relation to their size."""
    for top in prange(N_ROWS // size):
        row = top * size
        latitude = (row + size / 2) / CELLS - 90
        radius = _radius(latitude, size / 2 / CELLS)
        for column in range(0, N_COLUMNS, size):
            square = kind[row : row + size, column : column + size]
            if not np.isnan(clear[row, column]) or (square != square[0, 0]).any():
                continue
            own = borders.region_set[square[0, 0]]
            if kernels.n_countries(borders.region_set, square[0, 0]) > 1:
                clear[row : row + size, column : column + size] = 0
                continue
            distance = kernels.nearest(borders, (column + size / 2) / CELLS - 180, latitude, own, 2.0)
            if size == 1 or distance > FAR * radius:
                clear[row : row + size, column : column + size] = max(0.0, distance - radius)


@njit
def _radius(latitude: float, half_degrees: float) -> float:
    """Chord from the middle of a cell to its farthest corner, and a little more."""
    x, y, z = kernels.unit_vector(0.0, latitude)
    radius = 0.0
    for sign in (-1, 1):
        a, b, c = kernels.unit_vector(half_degrees, latitude + sign * half_degrees)
        radius = max(radius, np.sqrt((a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2))
    return radius * 1.0001


@njit(parallel=True)
def _subcells(borders: kernels.Borders, cells: Array) -> tuple[Array, Array]:
    """Region of subcells, `MIXED` where a border may pass, and the chord free of other countries around them."""
    subregion, clear = np.zeros(cells.size * BLOCK**2, np.uint16), np.zeros(cells.size * BLOCK**2)
    nothing = np.zeros(4, np.uint64)
    for block in prange(cells.size):
        row, column = cells[block] // N_COLUMNS, cells[block] % N_COLUMNS
        for k in range(BLOCK**2):
            x, y = (k % BLOCK + 0.5) / BLOCK, (k // BLOCK + 0.5) / BLOCK
            longitude, latitude = (column + x) / CELLS - 180, (row + y) / CELLS - 90
            radius = _radius(latitude, 0.5 / CELLS / BLOCK)
            at = block * BLOCK**2 + k
            here = kernels.side(borders, block, x, y)
            any_border = kernels.nearest(borders, longitude, latitude, nothing, 1.01 * radius)
            subregion[at] = here if any_border > radius else kernels.MIXED
            own = borders.region_set[here].copy()
            if here == 0 and any_border <= radius:
                kernels.countries_near(borders, longitude, latitude, radius, own)
            if kernels.n_countries(own.reshape(1, 4), 0) > 1:
                continue
            clear[at] = max(0.0, kernels.nearest(borders, longitude, latitude, own, NEAR) - radius)
    return subregion, clear


def _coded(chord: Array) -> Array:
    """Codes of the largest clearances that are no longer than these."""
    return (np.searchsorted(clear_chords(), chord, side="right") - 1).astype(np.uint8)


def _seas() -> tuple[Array, list[str]]:
    """Number of the sea that holds the middle of each cell, (rows * columns,), and the names of the seas."""
    seas = tomllib.loads((HERE / "sea_areas.toml").read_text(encoding="utf-8"))["seas"]
    outlines = gpd.GeoSeries([Polygon(sea["outline"]) for sea in seas])
    grid = _rasterised(outlines[::-1], np.arange(len(seas))[::-1], outside=len(seas))
    if (grid == len(seas)).any():
        raise SystemExit("sea_areas.toml leaves part of the Earth without a sea.")
    return grid.astype(np.uint8), [sea["name"] for sea in seas]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
