"""Files that hold shapes: which kind one is, its layers and their columns, and the features as they come."""

import json
import re
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from wildways.model import BadInput, LimitReached, Place, WildwaysError
from wildways.readers.opening import check_name
from wildways.readers.xmlstream import check_xml

MAX_BYTES = 2_000_000_000
MAX_TEXT_BYTES = 300_000_000
"""Largest GeoJSON or KML, which is parsed as a whole."""

BATCH_FEATURES = 1_000
_HEAD = 1 << 18
_TEXT_KINDS = ("geojson", "kml")
_PIPELINE = b"gdal_streamed_alg"
_LINE = re.compile(r"(?i)\bline (\d{1,9})\b")
_UNDEFINED = re.compile(r"(?i)undefined|unknown")


@dataclass(frozen=True)
class Layer:
    """One table of features in a file.

    Parameters
    ----------
    name : the layer's name; nothing where the kind has only one
    columns : of its attributes
    crs : as the file gives it, in any form that can be understood; nothing where it does not say
    geometry_type : as the file declares it, for example ``MultiPolygon`` or ``Unknown``
    n_features : where the file knows it without being read
    """

    name: str | None
    columns: tuple[str, ...]
    crs: str | None
    geometry_type: str
    n_features: int | None = None


@dataclass(frozen=True)
class ShapeFile:
    """A file of shapes: GeoPackage, shapefile, GeoJSON, KML or GeoParquet."""

    file: Path
    name: str
    kind: str
    layers: tuple[Layer, ...]

    @property
    def place(self) -> Place:
        """The file, for messages."""
        return Place(self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of all layers, each once, in the order met."""
        return tuple(dict.fromkeys(column for layer in self.layers for column in layer.columns))

    def batches(self, layer: Layer, columns: list[str]) -> Iterator[tuple[Any, Any, list[dict[str, Any]]]]:
        """Stream a layer: its geometries, whether there is one (that may be unreadable), and the values of the columns.

        Raises
        ------
        BadInput : the file is damaged
        """
        is_parquet = self.kind == "geoparquet"
        read = _parquet_batches(self.file, columns) if is_parquet else _gdal_batches(self.file, layer, columns)
        with closing(read) as stream:
            while True:
                with _damage_told(self.file, self.name):
                    batch, geometry = next(stream, (None, ""))
                    if batch is None:
                        return
                    values = batch.select(columns).to_pylist() if columns else [{}] * batch.num_rows
                    encoded = _as_wkb(batch[geometry])
                    with np.errstate(all="ignore"):
                        geometries = shapely.from_wkb(encoded, on_invalid="ignore")
                yield geometries, batch[geometry].is_valid().to_numpy(zero_copy_only=False), values


def kind_of(start: bytes) -> str | None:
    """The kind of a file that begins like this."""
    if start.startswith(b"SQLite format 3\0"):
        return "geopackage" if start[68:72] in (b"GPKG", b"GP10", b"GP11") else None
    if start.startswith(b"PAR1"):
        return "geoparquet"
    if start.startswith(b"\x00\x00\x27\x0a") and len(start) >= 100:
        return "shapefile"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{") and _PIPELINE not in start and b'"type"' in text:
        return "geojson"
    return "kml" if text.startswith(b"<") and b"<kml" in text else None


def read_start(file: Path, name: str) -> bytes:
    """The first 256 kB.

    Raises
    ------
    BadInput : the file is missing or cannot be read
    """
    if not file.is_file():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=Place(name))
    try:
        with file.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        raise BadInput("file-unreadable", message, hint="May it be read by you?", place=Place(name)) from error


def open_shapes(file: Path, name: str) -> ShapeFile:
    """Look into a file of shapes.

    Raises
    ------
    BadInput : it is missing, damaged, of another kind, XML with entities, or holds no features
    LimitReached : it is larger than is read
    """
    start, place = read_start(file, name), Place(name)
    kind = kind_of(start)
    if kind is None:
        raise BadInput(
            "not-shapes",
            "This is no GeoPackage, shapefile, GeoJSON, KML or GeoParquet.",
            hint="Save it as GeoPackage with a GIS.",
            place=place,
        )
    check_name(str(file))
    most = MAX_TEXT_BYTES if kind in _TEXT_KINDS else MAX_BYTES
    if file.stat().st_size > most:
        message = f"The file is larger than {most // 1_000_000:,} MB."
        raise LimitReached("file-size", message, hint="Split it, or save it as GeoPackage.", place=place)
    if kind == "kml":
        check_xml(file, name)
    with _damage_told(file, name):
        layers = (_parquet_layer(file),) if kind == "geoparquet" else _gdal_layers(file)
    if not layers:
        raise BadInput("no-rows", "The file has no features.", hint="Export it again.", place=place)
    return ShapeFile(file, name, kind, layers)


@contextmanager
def _damage_told(file: Path, name: str) -> Iterator[None]:
    """Tell as our own error whatever the libraries raise on damaged files; their warnings are about single features."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except WildwaysError:
        raise
    except Exception as error:
        reason = " ".join(str(error).replace(str(file.absolute()), "").split())[:160].rstrip(".")
        line = _LINE.search(reason)
        raise BadInput(
            "file-damaged",
            f"The file is damaged or incomplete{f': {reason}' if reason else ''}.",
            hint="Copy it again; a shapefile is several files that belong together (.shp, .shx, .dbf, .prj).",
            place=Place(name, None if line is None else int(line[1])),
        ) from error


def _gdal_layers(file: Path) -> tuple[Layer, ...]:
    import pyogrio

    path = file.absolute()
    names = [str(name) for name, geometry_type in pyogrio.list_layers(path) if geometry_type is not None]
    layers = []
    for name in names:
        info = pyogrio.read_info(path, layer=name)
        crs = None if info["crs"] is None or _UNDEFINED.search(info["crs"][:60]) else info["crs"]
        n_features = info["features"] if info["features"] >= 0 else None
        columns = tuple(str(column) for column in info["fields"])
        layers.append(Layer(name, columns, crs, str(info["geometry_type"]), n_features))
    return tuple(layers)


def _gdal_batches(file: Path, layer: Layer, columns: list[str]) -> Generator[tuple[pa.RecordBatch, str], None, None]:
    from pyogrio.raw import open_arrow

    options = {"layer": layer.name, "columns": columns, "batch_size": BATCH_FEATURES, "datetime_as_string": True}
    n_features = 0
    with open_arrow(file.absolute(), use_pyarrow=True, **options) as (about, reader):
        geometry = about["geometry_name"] or "wkb_geometry"
        for batch in reader:
            n_features += batch.num_rows
            yield batch, geometry
    if file.suffix.lower() != ".shp" and layer.n_features not in (None, n_features):
        raise ValueError(f"{n_features} of {layer.n_features} features can be read")


def _parquet_layer(file: Path) -> Layer:
    import pyarrow.parquet as pq

    schema = pq.read_schema(file)
    primary, about = _parquet_geometry(schema)
    if about.get("encoding", "WKB") != "WKB":
        raise ValueError(f"geometries are encoded as {about['encoding']}, not as WKB")
    crs = "OGC:CRS84" if "crs" not in about else None if about["crs"] is None else json.dumps(about["crs"])
    types = {str(kind).removesuffix(" Z") for kind in about.get("geometry_types", ())}
    columns = tuple(name for name in schema.names if name != primary)
    return Layer(None, columns, crs, types.pop() if len(types) == 1 else "Unknown", pq.read_metadata(file).num_rows)


def _parquet_geometry(schema: pa.Schema) -> tuple[str, dict[str, Any]]:
    """Name of the column of geometries and what the file says about it."""
    geo = json.loads((schema.metadata or {}).get(b"geo", b"null"))
    if geo is None:
        raise ValueError("it is Parquet without geometries")
    primary = geo["primary_column"]
    return primary, geo["columns"][primary]


def _parquet_batches(file: Path, columns: list[str]) -> Generator[tuple[pa.RecordBatch, str], None, None]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        geometry = _parquet_geometry(parquet.schema_arrow)[0]
        for batch in parquet.iter_batches(BATCH_FEATURES, columns=[geometry, *columns]):
            yield batch, geometry


def _as_wkb(column: pa.Array) -> Any:
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    return storage.cast(pa.large_binary()).to_numpy(zero_copy_only=False)
