"""GeoPackage: a layer of points with a time and an animal among its columns."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote as quote_path

import numpy as np
import pyarrow as pa

from wildways.model import BadInput, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.engine import quote_name
from wildways.readers.opening import check_file, first_bytes
from wildways.readers.tracks.arrow import points_of
from wildways.readers.tracks.points import POINT_HINTS, POINT_REASONS, keep_points
from wildways.readers.tracks.reading import TrackReading, column_names
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside

MAX_CELL = 1 << 24
"""Bytes one cell may take."""

_SQLITE = b"SQLite format 3\0"
_ENVELOPES = (0, 32, 48, 48, 64)
_LAYERS = """
SELECT c.table_name, g.column_name, s.srs_id, s.organization, s.organization_coordsys_id, s.definition,
    g.geometry_type_name
FROM gpkg_contents c
JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
WHERE c.data_type = 'features' ORDER BY c.table_name LIMIT 100"""


class GeoPackage:
    """Reads the only layer of a GeoPackage, or the one called like the source; times without offset need a zone.

    References
    ----------
    OGC GeoPackage 1.4, OGC 12-128r19, clause 2.1
    """

    name = "geopackage"
    version = "1"
    description = "GeoPackage: a layer of points with a time and an animal"

    def claims(self, file: Path) -> bool:
        """Whether it is a SQLite database that says it is a GeoPackage, with a layer of points."""
        start = first_bytes(file)
        if not start.startswith(_SQLITE):
            return False
        try:
            with open_database(file, str(file)) as database:
                kinds = [str(row[-1]).upper() for row in database.execute(_LAYERS)]
        except WildwaysError:
            return False
        return "POINT" in kinds or "GEOMETRY" in kinds

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the points; see `Reader.read`."""
        options = options or ReadingOptions()
        return TrackReading(GeoPackageRows(file, options.name or str(file), source), source, options)


@dataclass(frozen=True)
class _Layer:
    """A layer: table, column of its geometries, and its CRS; None where it has none."""

    table: str
    geometry: str
    crs: str | None


class GeoPackageRows:
    """The rows of a layer in the order they are stored in; see `RowSource`."""

    defaults: Mapping[str, str] = MappingProxyType({})
    is_utc = False
    hints = POINT_HINTS

    def __init__(self, file: Path, name: str, source: Source) -> None:
        self.file, self.name = file, name
        self.set_aside = SetAside(POINT_REASONS)
        with open_database(self.file, self.name) as database:
            self._layer = self._find_layer(database, source)
            self.crs = self._layer.crs
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({quote_name(self._layer.table)})")]
        self._attributes = tuple(column for column in columns if column != self._layer.geometry)
        self.columns = column_names(self._attributes, source)

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the points."""
        attributes = [index for index in wanted if index < len(self._attributes)]
        names = [self._layer.geometry, *(self._attributes[index] for index in attributes)]
        columns = ", ".join(map(quote_name, names))
        n_rows = 0
        with open_database(self.file, self.name) as database:
            found = database.execute(f"SELECT {columns} FROM {quote_name(self._layer.table)}")  # noqa: S608 - quoted
            while rows := found.fetchmany(ROWS_A_BATCH):
                geometries, *values = zip(*rows, strict=True)
                x, y, kinds = points_of(pa.array([_wkb(blob) for blob in geometries], pa.binary()))
                texts = {index: _texts(column) for index, column in zip(attributes, values, strict=True)}
                texts |= {len(self._attributes): x, len(self._attributes) + 1: y}
                yield keep_points([texts[index] for index in wanted], kinds, n_rows, self.set_aside)
                n_rows += len(rows)

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines as if the layer were a table with a header."""
        return {row: row + 1 for row in rows}

    def _find_layer(self, database: sqlite3.Connection, source: Source) -> _Layer:
        rows = database.execute(_LAYERS).fetchall()
        layers = [_Layer(str(table), str(column), _crs(*srs)) for table, column, *srs, _ in rows]
        named = [layer for layer in layers if layer.table == source.id] or layers
        if len(named) == 1:
            return named[0]
        names = ", ".join(layer.table for layer in layers)
        if not names:
            hint = "Views and tables without geometries are not read."
            raise BadInput("layer-missing", "The file has no layer of features.", hint=hint, place=Place(self.name))
        hint = "Give the source the id of the layer to read, or export that layer alone."
        raise BadInput("layer-ambiguous", f"The file has the layers {names}.", hint=hint, place=Place(self.name))


@contextmanager
def open_database(file: Path, name: str) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage, read only, trusting nothing in its schema.

    Raises
    ------
    BadInput : it cannot be read, on opening or later
    """
    check_file(file, name)
    try:
        uri = f"file:{quote_path(os.fsencode(file.absolute()))}?mode=ro&immutable=1"
        database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA cell_size_check = ON")
            database.text_factory = lambda content: content.decode("utf-8", "replace")
            yield database
        finally:
            database.close()
    except (sqlite3.Error, OverflowError, UnicodeError, MemoryError) as error:
        message = f"The GeoPackage cannot be read: {str(error).rstrip('.')}."
        raise BadInput("geopackage-damaged", message, hint="Copy it again.", place=Place(name)) from error


def _crs(srs_id: int | None, organization: str, code: int, definition: str) -> str | None:
    """The CRS of a layer; 0, -1 and what calls itself undefined stand for an unknown one."""
    if srs_id in (None, 0, -1) or "undefined" in str(definition)[:24].lower():
        return None
    return f"EPSG:{code}" if str(organization).upper() == "EPSG" else str(definition)


def _wkb(blob: object) -> bytes | None:
    """The WKB within a GeoPackage geometry; no bytes where it is none."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return b""
    envelope = (blob[3] >> 1) & 7
    return blob[8 + _ENVELOPES[envelope] :] if envelope < len(_ENVELOPES) else b""


def _texts(values: Sequence[object]) -> pa.Array:
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: object) -> str | None:
    """A cell as text; whole numbers without a point, blobs and empty texts as null."""
    if value is None or value == "" or isinstance(value, bytes):
        return None
    if isinstance(value, float) and value.is_integer() and np.abs(value) < 2**53:
        return str(int(value))
    return str(value)
