"""The built map of countries and seas: its file, and the tree that is grown over it when it is loaded."""

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wildways.context._border_kernels import (
    CELLS_PER_DEGREE,
    EARTH_RADIUS_M,
    LEAF,
    N_COLUMNS,
    N_ROWS,
    Borders,
    Words,
)
from wildways.model import NotFound

MAP_FILE = Path(__file__).parent / "data" / "jurisdictions.npz"
SCALE = 50_000
"""Parts of a cell in which the ends of segments are kept: 0.2 m."""
CLEAR_STEP = 5
"""Codes of a clearance to a doubling of it."""
SMALLEST_CLEARANCE_M = 100.0
ROUNDING = 1e-9
"""Length, in radii of the Earth, by which spheres are made larger against rounding: 6 mm."""

Array = NDArray[Any]


@dataclass(frozen=True, repr=False)
class BorderMap:
    """What `MAP_FILE` holds: ``borders``, sea areas by cell, and ``facts`` (regions, countries, seas, sources)."""

    version: str
    facts: dict[str, Any]
    borders: Borders
    sea: NDArray[np.uint8]
    part: NDArray[np.float64]
    part_region: NDArray[np.uint16]

    def __repr__(self) -> str:
        return f"BorderMap(version={self.version!r})"


def read_map(file: Path = MAP_FILE) -> BorderMap:
    """Read the built map.

    Raises
    ------
    NotFound : ``no-jurisdictions``: it has not been built
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "no-jurisdictions", "The map of countries and seas has not been built.", hint="Run make setup."
        ) from None
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    facts = json.loads(arrays["facts"].tobytes())
    return BorderMap(
        version=hashlib.sha256(content).hexdigest()[:16],
        facts=facts,
        borders=grow(arrays, region_sets(facts)),
        sea=arrays["sea"],
        part=arrays["part"],
        part_region=arrays["part_region"],
    )


def region_sets(facts: dict[str, Any]) -> Words:
    """Countries of each region as a set, (regions, 4)."""
    numbers = {code: number for number, code in enumerate(facts["countries"])}
    sets = np.zeros((len(facts["regions"]), 4), np.uint64)
    for region, codes in enumerate(facts["regions"]):
        for code in codes:
            sets[region, numbers[code] // 64] |= np.uint64(1) << np.uint64(numbers[code] % 64)
    return sets


def grow(arrays: dict[str, Array], sets: Words) -> Borders:
    """Borders with the tree over their segments, from the arrays of the file."""
    cells, left, right = arrays["block_cell"], arrays["left"], arrays["right"]
    outline, segment = _ends(arrays, np.repeat(cells, arrays["n_segments"]))
    block = np.full(N_ROWS * N_COLUMNS, -1, np.int32)
    block[cells] = np.arange(cells.size)
    return Borders(
        segment=segment,
        outline=outline,
        left=left,
        right=right,
        first=np.concatenate([[0], np.cumsum(arrays["n_segments"])]).astype(np.int32),
        **_tree(segment, sets[left] | sets[right]),
        region_set=sets,
        region=arrays["region"].ravel(),
        clearance=arrays["clearance"].ravel(),
        clear=clear_chords(),
        block=block,
        subregion=arrays["subregion"],
        subclearance=arrays["subclearance"],
        reference=arrays["reference"],
    )


def _ends(arrays: dict[str, Array], cells: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both ends of segments in their cells, (n, 4), and as unit vectors, (n, 6); most end where the next begins."""
    goes_on = np.unpackbits(arrays["goes_on"], count=len(cells)).astype(np.bool_)
    start = (np.cumsum(arrays["start"], axis=1, dtype=np.uint16).T / np.float32(SCALE)).astype(np.float32)
    stop = arrays["end"] / np.float32(SCALE)
    joined = []
    for begins, ends in ((start, stop), (_unit_vectors(start, cells), _unit_vectors(stop, cells[~goes_on]))):
        following = np.roll(begins, -1, axis=0)
        following[~goes_on] = ends
        joined.append(np.hstack([begins, following]))
    return joined[0], joined[1]


def _unit_vectors(places: Array, cells: Array) -> NDArray[np.float32]:
    """Places in cells, (n, 2), as unit vectors, (n, 3)."""
    rows, columns = np.divmod(cells, N_COLUMNS)
    longitude = np.radians((columns + places[:, 0].astype(np.float64)) / CELLS_PER_DEGREE - 180)
    latitude = np.radians((rows + places[:, 1].astype(np.float64)) / CELLS_PER_DEGREE - 90)
    across = np.cos(latitude)
    vectors = [across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)]
    return np.stack(vectors, axis=1).astype(np.float32)


def is_position(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether there is a position on Earth."""
    return np.isfinite(longitude) & (np.abs(latitude) <= 90)


def cells_of(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers of the cells that positions lie in."""
    column = ((longitude + 180) % 360 * CELLS_PER_DEGREE).astype(np.int64)
    row = ((latitude + 90) * CELLS_PER_DEGREE).astype(np.int64)
    return np.minimum(row, N_ROWS - 1) * N_COLUMNS + np.minimum(column, N_COLUMNS - 1)


def clear_chords() -> NDArray[np.float64]:
    """Chords that the codes of a clearance stand for; 0 stands for none."""
    angle = SMALLEST_CLEARANCE_M * 2 ** (np.arange(255) / CLEAR_STEP) / EARTH_RADIUS_M
    return np.concatenate([[0.0], 2 * np.sin(np.minimum(angle, np.pi) / 2)])


def _tree(segment: NDArray[np.float32], sets: Words) -> dict[str, Array]:
    """Bounding spheres of runs of `LEAF` segments, of runs of those, and so on; columns of `Borders`."""
    a, b = segment[:, :3].astype(np.float64), segment[:, 3:].astype(np.float64)
    center, radius = (a + b) / 2, _length(b - a) / 2
    levels = [_parents(center, radius, sets, LEAF)]
    leaves, start = levels[0], 0
    while len(levels[-1]["center"]) > 1:
        below = levels[-1]
        size = LEAF ** len(levels)
        above = _parents(leaves["center"], leaves["radius"], leaves["node_set"], size)
        n_children = np.diff(np.append(np.arange(0, len(below["child"]), LEAF), len(below["child"])))
        above["child"] = (start + np.arange(0, len(below["child"]), LEAF)).astype(np.int32)
        above["n_children"] = n_children.astype(np.int32)
        start += len(below["child"])
        levels.append(above)
    columns = {name: np.concatenate([level[name] for level in levels]) for name in leaves}
    return columns | {"is_leaf": np.arange(len(columns["child"])) < len(leaves["child"])}


def _parents(center: Array, radius: Array, sets: Words, size: int) -> dict[str, Array]:
    """Nodes over runs of ``size`` spheres."""
    starts = np.arange(0, len(center), size)
    n = np.diff(np.append(starts, len(center)))
    middle = np.add.reduceat(center, starts) / n[:, None]
    away = _length(center - np.repeat(middle, n, axis=0)) + radius
    return {
        "center": middle,
        "radius": np.maximum.reduceat(away, starts) + ROUNDING,
        "child": starts.astype(np.int32),
        "n_children": n.astype(np.int32),
        "node_set": np.bitwise_or.reduceat(sets, starts),
    }


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))
