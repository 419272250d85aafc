"""Compiled kernels of where positions lie: arrays in, arrays out, no checks. They release the GIL.

Positions are unit vectors and distances chords of the unit sphere, so that poles and antimeridian need no care.
A set of countries is four words of 64 bits; bit `k` of word `w` stands for country ``64 w + k``.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Regions = NDArray[np.uint16]
Words = NDArray[np.uint64]

LEAF = 8
"""Segments in a leaf of the tree, and children of a node."""
BLOCK = 5
"""A cell close to a border has ``BLOCK`` x ``BLOCK`` subcells."""
CELLS_PER_DEGREE = 10
N_ROWS, N_COLUMNS = 180 * CELLS_PER_DEGREE, 360 * CELLS_PER_DEGREE
MIXED = 0xFFFF
"""Region of a subcell that a border or coast passes through."""
REACH_FACTOR = 1.006
"""Distances on the sphere and on the WGS 84 ellipsoid differ by less: a reach is made longer by it."""
EARTH_RADIUS_M = 6_371_008.8
_STACK = 512


class Borders(NamedTuple):
    """The map: borders and coasts as segments in a tree of bounding spheres, and a grid of what is far from any.

    segment : (n, 6), unit vectors of both ends; in the order of cells, a cell's segments side by side
    outline : (n, 4), the same ends as parts of the cell, from its south-west corner
    left, right : (n,), region on either side
    first : (blocks + 1,), where the segments of each block's cell begin
    center, radius : (m, 3), (m,), bounding spheres of the tree's nodes; leaves first, the root last
    child, n_children : (m,), first child of a node (of a leaf, its first segment) and their number; is_leaf : (m,)
    node_set : (m, 4), countries beside the segments under a node
    region_set : (regions, 4), countries of a region: none at sea, one on land, several where it is not agreed
    region, clearance : (rows * columns,), of cells; a clearance is a code for `clear`
    clear : (256,), chord around a cell in which there is no country but its own
    block : (rows * columns,), number of a cell's block of subcells, or -1
    subregion, subclearance : (blocks * BLOCK**2,), of subcells
    reference : (blocks,), region at the reference point of a block's cell
    """

    segment: NDArray[np.float32]
    outline: NDArray[np.float32]
    left: Regions
    right: Regions
    first: NDArray[np.int32]
    center: Floats
    radius: Floats
    child: NDArray[np.int32]
    n_children: NDArray[np.int32]
    is_leaf: NDArray[np.bool_]
    node_set: Words
    region_set: Words
    region: Regions
    clearance: Bytes
    clear: Floats
    block: NDArray[np.int32]
    subregion: Regions
    subclearance: Bytes
    reference: Regions


REFERENCE_X, REFERENCE_Y = 0.482_731_9, 0.517_153_7
"""Point of a cell whose region is known: near its middle and on no border."""


@njit(cache=True, nogil=True)
def locate(
    borders: Borders,
    longitude: Floats,
    latitude: Floats,
    reach_m: Floats,
    table: NDArray[np.int32],
    sets: Words,
    n: int,
) -> tuple[Regions, NDArray[np.int32], int]:
    """Region of each position, and which of `sets` is possible: -1 where none but the region itself.

    `table` is a hash table into `sets`, whose first `n` rows are taken. New sets are added to both, which must have
    room for one a position; the number taken is returned.
    """
    regions, numbers = np.zeros(longitude.size, np.uint16), np.full(longitude.size, -1, np.int32)
    cell_region, clearance, clear, blocks = borders.region, borders.clearance, borders.clear, borders.block
    subregion, subclearance = borders.subregion, borders.subclearance
    found = np.zeros(4, np.uint64)
    for i in range(longitude.size):
        if not (math.isfinite(longitude[i]) and abs(latitude[i]) <= 90):
            continue
        column, row, x, y = _cell(longitude[i], latitude[i])
        cell, reach = row * N_COLUMNS + column, _chord(reach_m[i])
        regions[i] = cell_region[cell]
        if reach < clear[clearance[cell]]:
            continue
        block = blocks[cell]
        if block >= 0:
            at = (block * BLOCK + min(int(y * BLOCK), BLOCK - 1)) * BLOCK + min(int(x * BLOCK), BLOCK - 1)
            is_mixed = subregion[at] == MIXED
            regions[i] = side(borders, block, x, y) if is_mixed else subregion[at]
            if reach < clear[subclearance[at]] and not (is_mixed and regions[i] == 0):
                continue
        for word in range(4):
            found[word] = borders.region_set[regions[i], word]
        countries_near(borders, longitude[i], latitude[i], reach, found)
        n_found = n_countries(found.reshape(1, 4), 0)
        if n_found > 1 or (n_found == 1 and regions[i] == 0):
            numbers[i] = _intern(found, table, sets, n)
            n = max(n, numbers[i] + 1)
    return regions, numbers, n


@njit(cache=True, nogil=True, inline="always")
def _cell(longitude: float, latitude: float) -> tuple[int, int, float, float]:
    """Column and row of a position's cell, and where it is in it."""
    x = ((longitude + 180) % 360) * CELLS_PER_DEGREE
    y = (latitude + 90) * CELLS_PER_DEGREE
    column, row = min(int(x), N_COLUMNS - 1), min(int(y), N_ROWS - 1)
    return column, row, x - column, y - row


@njit(cache=True, nogil=True, inline="always")
def _chord(distance_m: float) -> float:
    return 2 * math.sin(min(distance_m * REACH_FACTOR / EARTH_RADIUS_M, math.pi) / 2)


@njit(cache=True, nogil=True)
def side(borders: Borders, block: int, x: float, y: float) -> np.uint16:
    """Region at a point of a block's cell: beyond the last border on the way from the reference point."""
    last = 0.0
    region: np.uint16 = borders.reference[block]
    outline, left, right = borders.outline, borders.left, borders.right
    way_x, way_y = x - REFERENCE_X, y - REFERENCE_Y
    for k in range(borders.first[block], borders.first[block + 1]):
        ax, ay = outline[k, 0] - REFERENCE_X, outline[k, 1] - REFERENCE_Y
        bx, by = outline[k, 2] - REFERENCE_X, outline[k, 3] - REFERENCE_Y
        a, b = way_x * ay - way_y * ax, way_x * by - way_y * bx
        if (a > 0) == (b > 0):
            continue
        part = (ax * by - ay * bx) / (b - a)
        if last < part <= 1:
            last, region = part, left[k] if a > b else right[k]
    return region


@njit(cache=True, nogil=True)
def countries_near(borders: Borders, longitude: float, latitude: float, reach: float, found: Words) -> None:
    """Add to a set of countries those beside the borders within reach."""
    center, radius, node_set, is_leaf = borders.center, borders.radius, borders.node_set, borders.is_leaf
    firsts, counts, segment, region_set = borders.child, borders.n_children, borders.segment, borders.region_set
    left, right = borders.left, borders.right
    x, y, z = unit_vector(longitude, latitude)
    stack = np.empty(_STACK, np.int32)
    stack[0], depth = center.shape[0] - 1, 1
    while depth:
        depth -= 1
        node = stack[depth]
        if _is_within(node_set, node, found):
            continue
        distance = _distance(center, node, x, y, z)
        if distance > reach + radius[node]:
            continue
        if distance + radius[node] <= reach:
            _add(node_set, node, found)
        elif is_leaf[node]:
            for k in range(firsts[node], firsts[node] + counts[node]):
                if _distance_to_segment(segment, k, x, y, z) <= reach:
                    _add(region_set, left[k], found)
                    _add(region_set, right[k], found)
        else:
            for k in range(counts[node]):
                stack[depth] = firsts[node] + k
                depth += 1


@njit(cache=True, nogil=True)
def _add(sets: Words, i: int, found: Words) -> None:
    for word in range(4):
        found[word] |= sets[i, word]


@njit(cache=True, nogil=True)
def nearest(borders: Borders, longitude: float, latitude: float, besides: Words, limit: float) -> float:
    """Chord to the nearest border beside which there is a country that is not in `besides`; at most `limit`."""
    center, radius, node_set, is_leaf = borders.center, borders.radius, borders.node_set, borders.is_leaf
    firsts, counts, segment, region_set = borders.child, borders.n_children, borders.segment, borders.region_set
    left, right = borders.left, borders.right
    x, y, z = unit_vector(longitude, latitude)
    stack, bound = np.empty(_STACK, np.int32), np.zeros(_STACK)
    stack[0], depth = center.shape[0] - 1, 1
    while depth:
        depth -= 1
        node = stack[depth]
        if bound[depth] >= limit:
            continue
        if is_leaf[node]:
            for k in range(firsts[node], firsts[node] + counts[node]):
                is_own = _is_within(region_set, left[k], besides) and _is_within(region_set, right[k], besides)
                if not is_own:
                    limit = min(limit, _distance_to_segment(segment, k, x, y, z))
            continue
        start, closest = depth, depth
        for child in range(firsts[node], firsts[node] + counts[node]):
            if _is_within(node_set, child, besides):
                continue
            distance = _distance(center, child, x, y, z) - radius[child]
            if distance < limit:
                stack[depth], bound[depth] = child, distance
                closest = depth if distance < bound[closest] or depth == start else closest
                depth += 1
        if depth > start:
            last = depth - 1
            stack[closest], stack[last] = stack[last], stack[closest]
            bound[closest], bound[last] = bound[last], bound[closest]
    return limit


@njit(cache=True, nogil=True)
def _is_within(sets: Words, i: int, other: Words) -> bool:
    """Whether one of the sets holds no country that the other does not."""
    missing: np.uint64 = (
        sets[i, 0] & ~other[0] | sets[i, 1] & ~other[1] | sets[i, 2] & ~other[2] | sets[i, 3] & ~other[3]
    )
    return not missing


@njit(cache=True, nogil=True)
def unit_vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    """Position as a unit vector."""
    across = math.cos(math.radians(latitude))
    x, y = math.cos(math.radians(longitude)), math.sin(math.radians(longitude))
    return across * x, across * y, math.sin(math.radians(latitude))


@njit(cache=True, nogil=True)
def _distance(centers: Floats, i: int, x: float, y: float, z: float) -> float:
    return math.sqrt((centers[i, 0] - x) ** 2 + (centers[i, 1] - y) ** 2 + (centers[i, 2] - z) ** 2)


@njit(cache=True, nogil=True)
def _distance_to_segment(segments: NDArray[np.float32], k: int, x: float, y: float, z: float) -> float:
    ax, ay, az = segments[k, 0] - x, segments[k, 1] - y, segments[k, 2] - z
    dx, dy, dz = segments[k, 3] - x - ax, segments[k, 4] - y - ay, segments[k, 5] - z - az
    length = dx * dx + dy * dy + dz * dz
    part = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy + az * dz) / length))
    return math.sqrt((ax + part * dx) ** 2 + (ay + part * dy) ** 2 + (az + part * dz) ** 2)


@njit(cache=True, nogil=True)
def _intern(found: Words, table: NDArray[np.int32], sets: Words, n: int) -> int:
    """Number of a set among `sets`, or `n` where it is new and has been added."""
    mixed = (found[0] * np.uint64(0x9E3779B97F4A7C15)) ^ (found[1] * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed ^= (found[2] * np.uint64(0x165667B19E3779F9)) ^ (found[3] * np.uint64(0xD6E8FEB86659FD93))
    slot = np.int64(mixed >> np.uint64(33)) & (table.size - 1)
    while table[slot] >= 0:
        at: int = table[slot]
        if found[0] == sets[at, 0] and found[1] == sets[at, 1] and found[2] == sets[at, 2] and found[3] == sets[at, 3]:
            return at
        slot = (slot + 1) & (table.size - 1)
    table[slot] = n
    for word in range(4):
        sets[n, word] = found[word]
    return n


@njit(cache=True, nogil=True)
def n_countries(sets: Words, i: int) -> int:
    """Countries in one of the sets."""
    n = 0
    for word in sets[i]:
        while word:
            word &= word - np.uint64(1)
            n += 1
    return n


@njit(cache=True, nogil=True)
def fill(table: NDArray[np.int32], sets: Words, n: int) -> None:
    """Enter the first `n` sets into an empty hash table."""
    for k in range(n):
        _intern(sets[k], table, sets, k)
