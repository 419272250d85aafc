"""GeoParquet, and Parquet with coordinates in columns: points with a time and an animal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.model import BadInput, LimitReached, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.fields import normalise
from wildways.readers.opening import check_file, first_bytes
from wildways.readers.tracks.arrow import POINT, as_text, coordinate_text, points_of
from wildways.readers.tracks.points import POINT_HINTS, POINT_REASONS, keep_points
from wildways.readers.tracks.reading import LATITUDE, LONGITUDE, NO_COLUMNS, TrackReading, column_names
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside

MAX_ROWS_A_BYTE = 4
"""Rows a file may hold for each of its bytes; fixes at different times take far more than that."""

_MAGIC = b"PAR1"
_WGS84 = "EPSG:4326"
_FEW_ROWS = 1_000_000


class GeoParquet:
    """Reads GeoParquet 1.0, 1.1 and 2.0 with WKB or native points, and Parquet with coordinates in two columns.

    References
    ----------
    OGC GeoParquet 1.1.0; Apache Parquet, logical types GEOMETRY and GEOGRAPHY
    """

    name = "geoparquet"
    version = "1"
    description = "GeoParquet, and Parquet with coordinates in columns: points with a time and an animal"

    def claims(self, file: Path) -> bool:
        """Whether it is a Parquet file with points, or with coordinates called as Movebank's."""
        if not first_bytes(file).startswith(_MAGIC):
            return False
        try:
            return GeoParquetRows(file, str(file), NO_COLUMNS).is_of_points
        except WildwaysError:
            return False

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the points; see `Reader.read`."""
        options = options or ReadingOptions()
        return TrackReading(GeoParquetRows(file, options.name or str(file), source), source, options)


@dataclass(frozen=True)
class _Geometry:
    """The column of the points, their CRS (None where it is unknown), and the kinds of geometries that are declared."""

    column: str
    crs: str | None
    kinds: tuple[str, ...] = ()


class GeoParquetRows:
    """The rows of a Parquet file in file order; see `RowSource`."""

    defaults: Mapping[str, str] = {}
    is_utc = False
    hints = POINT_HINTS

    def __init__(self, file: Path, name: str, source: Source) -> None:
        self.file, self.name = file, name
        self.set_aside = SetAside(POINT_REASONS)
        with self._opened() as parquet:
            self._check_rows(parquet.metadata.num_rows)
            schema = parquet.schema_arrow
            self._geometry = _find_geometry(parquet, name)
        self.crs = self._geometry.crs if self._geometry else None
        self._attributes = tuple("" if self._is_point_column(column) else column for column in schema.names)
        self._names = tuple(schema.names)
        self.columns = column_names(self._attributes, source) if self._geometry else self._attributes

    @property
    def is_of_points(self) -> bool:
        """Whether it may hold points, as far as it says."""
        if self._geometry is None:
            return {LONGITUDE, LATITUDE} <= {normalise(name) for name in self._names}
        kinds = {kind.partition(" ")[0] for kind in self._geometry.kinds}
        return not kinds or "Point" in kinds

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the points."""
        attributes = [index for index in wanted if index < len(self._names)]
        names = {self._names[index] for index in attributes}
        if self._geometry and len(attributes) < len(wanted):
            names.add(self._geometry.column)
        n_rows = 0
        with self._opened() as parquet:
            for batch in parquet.iter_batches(ROWS_A_BATCH, columns=sorted(names)):
                batch.validate(full=True)
                texts = {
                    index: as_text(batch[self._names[index]], self._names[index], self.name) for index in attributes
                }
                kinds = np.full(batch.num_rows, POINT, dtype=np.int64)
                if self._geometry and self._geometry.column in names:
                    x, y, kinds = _points(batch[self._geometry.column], self.name)
                    texts |= {len(self._names): x, len(self._names) + 1: y}
                yield keep_points([texts[index] for index in wanted], kinds, n_rows, self.set_aside)
                n_rows += batch.num_rows

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines as if the file were a table with a header."""
        return {row: row + 1 for row in rows}

    def _is_point_column(self, column: str) -> bool:
        return self._geometry is not None and column == self._geometry.column

    def _check_rows(self, n_rows: int) -> None:
        most = max(_FEW_ROWS, self.file.stat().st_size * MAX_ROWS_A_BYTE)
        if n_rows > most:
            message = f"The file says it has {n_rows:,} rows, far more than its size can hold of fixes."
            raise LimitReached("expansion", message, hint="Look at it with another tool.", place=Place(self.name))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow.parquet as pq

        check_file(self.file, self.name)
        try:
            with self.file.open("rb") as stream, pq.ParquetFile(stream, page_checksum_verification=True) as parquet:
                yield parquet
        except WildwaysError:
            raise
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
            reason = str(error).partition("\n")[0][:200].rstrip(".") or type(error).__name__
            message = f"The Parquet file cannot be read: {reason}."
            place = Place(self.name)
            raise BadInput("parquet-damaged", message, hint="Copy or export it again.", place=place) from error


def _find_geometry(parquet: Any, name: str) -> _Geometry | None:
    """The column of the points: GeoParquet's primary one, else the only one with a logical type of geometries."""
    text = (parquet.schema_arrow.metadata or {}).get(b"geo")
    return _logical_geometry(parquet) if text is None else _declared_geometry(text, parquet.schema_arrow.names, name)


def _declared_geometry(text: bytes, names: list[str], name: str) -> _Geometry:
    try:
        geo = json.loads(text)
        column = geo["primary_column"]
        declared = geo["columns"][column]
        crs, kinds = declared.get("crs", _WGS84), tuple(map(str, declared.get("geometry_types", ())))
        if column not in names:
            raise KeyError(column)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "The metadata “geo” of the file does not say where its geometries are."
        hint = "Write the file again as GeoParquet."
        raise BadInput("geoparquet-metadata", message, hint=hint, place=Place(name, None, "geo")) from error
    if crs is None:
        return _Geometry(column, None, kinds)
    return _Geometry(column, crs if isinstance(crs, str) else json.dumps(crs), kinds)


def _logical_geometry(parquet: Any) -> _Geometry | None:
    """The only column of the Parquet types GEOMETRY and GEOGRAPHY; it has the CRS written there, else WGS 84."""
    found = []
    for index in range(len(parquet.schema)):
        logical = json.loads(parquet.schema.column(index).logical_type.to_json())
        if str(logical.get("Type")).lower() in ("geometry", "geography"):
            found.append(_Geometry(parquet.schema.column(index).path, logical.get("crs") or _WGS84))
    return found[0] if len(found) == 1 else None


def _points(column: pa.Array, file: str) -> tuple[pa.Array, pa.Array, NDArray[np.int64]]:
    """Coordinates of WKB or of native points, as texts, and the geometry types."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_struct(kind) and {"x", "y"} <= {field.name for field in kind}:
        x, y = (_coordinate(pc.struct_field(column, axis)) for axis in ("x", "y"))
        return x, y, np.where(np.asarray(column.is_valid()), POINT, 0)
    if pa.types.is_fixed_size_list(kind) and kind.list_size >= 2:
        x, y = (_coordinate(pc.list_element(column, axis)) for axis in (0, 1))
        return x, y, np.where(np.asarray(column.is_valid()), POINT, 0)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return points_of(column)
    hint = "Tracks are read as points, each with its time."
    raise BadInput(
        "geometry-kind", f"The geometries are {kind}, not points.", hint=hint, place=Place(file, None, "geometry")
    )


def _coordinate(values: pa.Array) -> pa.Array:
    numbers = values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return coordinate_text(numbers)
