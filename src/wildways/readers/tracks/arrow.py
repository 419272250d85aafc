"""Columns of any layer as texts, and the coordinates of its points. Pure; Arrow arrays in, Arrow arrays out."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.model import BadInput, Place

POINT = 1
_LARGEST_WHOLE = 2.0**53
_FLAGS = np.uint32(0x1FFF_FFFF)
_HAS_SRID = np.uint32(0x2000_0000)
_XY = 16

Numbers = NDArray[np.float64]


def as_text(column: pa.Array, name: str, file: str) -> pa.Array:
    """A column as texts: instants in UTC with ``Z``, wall times without, whole numbers without a point.

    Raises
    ------
    BadInput : its type holds no plain values; names the column and the file
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        return _number_text(column.cast(pa.float64()))
    if pa.types.is_timestamp(kind):
        zone = "UTC" if kind.tz else None
        return column.cast(pa.timestamp("us", tz=zone), safe=False).cast(pa.string())
    is_plain = pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind)
    if is_plain or pa.types.is_decimal(kind) or pa.types.is_null(kind) or _is_text(kind):
        return _without_empty(column.cast(pa.string()))
    raise BadInput(
        "column-type",
        f"The column “{name}” holds {kind}, not a plain value.",
        hint="Choose another column, or convert it to text.",
        place=Place(file, None, name),
    )


def points_of(geometries: pa.Array) -> tuple[pa.Array, pa.Array, NDArray[np.int64]]:
    """Longitude and latitude of WKB points as texts, and the geometry type of each row.

    ISO and extended WKB, with or without Z and M, either byte order. The type is 1 for points, 0 where there is no
    geometry, -1 where the bytes are none, and the number of the type otherwise; empty points have no coordinates.
    """
    blobs = geometries.cast(pa.large_binary())
    content = np.frombuffer(blobs.buffers()[2] or b"", dtype=np.uint8)
    offsets = np.frombuffer(blobs.buffers()[1], dtype=np.int64)[blobs.offset : blobs.offset + len(blobs) + 1]
    starts, lengths = offsets[:-1], np.diff(offsets)
    is_given = np.asarray(blobs.is_valid())
    kinds = np.where(is_given, -1, 0).astype(np.int64)
    x, y = np.full(len(blobs), np.nan), np.full(len(blobs), np.nan)
    for order, mark in ((">", 0), ("<", 1)):
        rows = np.flatnonzero(is_given & (lengths >= 5))
        rows = rows[content[starts[rows]] == mark]
        types = _gather(content, starts[rows] + 1, 4).view(f"{order}u4").ravel()
        kinds[rows] = (types & _FLAGS) % 1000
        shifts = np.where(types & _HAS_SRID, 9, 5)
        is_point = (kinds[rows] == POINT) & (lengths[rows] >= shifts + _XY)
        kinds[rows[(kinds[rows] == POINT) & ~is_point]] = -1
        rows, shifts = rows[is_point], shifts[is_point]
        pairs = _gather(content, starts[rows] + shifts, _XY).view(f"{order}f8")
        x[rows], y[rows] = pairs[:, 0], pairs[:, 1]
    return coordinate_text(x), coordinate_text(y), kinds


def coordinate_text(values: Numbers) -> pa.Array:
    """Coordinates as texts; NaN, which stands for none, as null."""
    return pa.array(values, mask=np.isnan(values)).cast(pa.string())


def _gather(content: NDArray[np.uint8], starts: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """The bytes from each start on, one row a start, contiguous."""
    return np.ascontiguousarray(content[starts[:, None] + np.arange(width)]) if len(starts) else _none(width)


def _none(width: int) -> NDArray[np.uint8]:
    return np.empty((0, width), dtype=np.uint8)


def _number_text(numbers: pa.Array) -> pa.Array:
    """Numbers as texts; ids that were stored as floating point stay ``51`` and ``20432407608``."""
    values = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False)
    is_whole = (np.abs(values) < _LARGEST_WHOLE) & (values == np.floor(values))
    whole = pa.array(np.where(is_whole, values, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pa.array(is_whole), whole, numbers.cast(pa.string()))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _without_empty(texts: pa.Array) -> pa.Array:
    """Empty texts as null, as in a CSV file."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
