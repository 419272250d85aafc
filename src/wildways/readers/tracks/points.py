"""What layers of points have in common: features that are no points are set aside."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.readers.findings import Message
from wildways.readers.tracks.arrow import POINT
from wildways.readers.tracks.rows import SetAside

POINT_REASONS: Mapping[str, Message] = MappingProxyType(
    {
        "geometry-kind": Message(
            "These features are no points.",
            "Tracks are read as points, each with its time. A route or a corridor is another kind of evidence.",
        ),
        "geometry-unreadable": Message("The geometry is damaged.", "Export the layer again."),
    }
)
POINT_HINTS: Mapping[str, str] = MappingProxyType({"no-position": "These features have no geometry, or an empty one."})

_NONE = 0
_UNREADABLE = -1
_NAMES = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")


def keep_points(columns: list[pa.Array], kinds: NDArray[np.int64], n_before: int, aside: SetAside) -> list[pa.Array]:
    """The rows that are points or have no geometry; the others are set aside.

    Parameters
    ----------
    kinds : geometry type of each row, as `points_of` tells
    n_before : rows before these in the file
    """
    is_kept = (kinds == POINT) | (kinds == _NONE)
    if is_kept.all():
        return columns
    for index in np.flatnonzero(~is_kept).tolist():
        kind = int(kinds[index])
        code = "geometry-unreadable" if kind == _UNREADABLE else "geometry-kind"
        example = _NAMES[kind] if 0 < kind < len(_NAMES) else None
        aside.add(code, n_before + index + 1, field="geometry", example=example)
    kept = pa.array(is_kept)
    return [column.filter(kept) for column in columns]
