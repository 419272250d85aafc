"""Corridors, routes and ranges as experts drew or papers published them, out of the files of any GIS."""

import re
from pathlib import Path

from wildways.model import Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import CsvHead
from wildways.readers.drawn.files import Layer, ShapeFile, kind_of, open_shapes, read_start
from wildways.readers.drawn.reading import FIELDS, Columns, DrawnReading
from wildways.readers.fields import load_fields, map_fields, normalise, split_constants
from wildways.readers.siblings import parts_of

SHAPEFILE_PARTS = (".shx", ".dbf", ".prj", ".cpg")

_SHAPES = frozenset({"linestring", "multilinestring", "polygon", "multipolygon"})
_TIMES = frozenset({"timestamp", "time", "datetime", "date-time", "time-utc", "timestamp-utc", "utc", "fix-time"})
_INFRASTRUCTURE = re.compile(
    r"(?i)(?<![a-z])(roads?|streets?|highways?|fences?|rail|railways?|pipelines?|canals?|power-?lines?|barriers?|infra)"
    r"(?![a-z])"
)
_GEOJSON_TYPE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_GEOJSON_PROPERTIES = re.compile(rb'"properties"\s*:\s*\{([^{}]*)\}')
_GEOJSON_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
_KML_SHAPE = re.compile(rb"<(LineString|Polygon)[\s>]")
_KML_TRACK = re.compile(rb"<(gx:Track|gx:MultiTrack|TimeStamp|when)[\s>]")


class Drawn:
    """Reads lines and polygons that people say animals use: GeoPackage, shapefile, GeoJSON, KML, GeoParquet.

    Classes of use keep the scheme they belong to: low, medium and high are not one scale. In a source's `columns` a
    value after an equals sign stands for all shapes of the file: ``columns = { type = "=corridor" }``.
    """

    name = "drawn"
    version = "1"
    description = "Corridors, routes and ranges: lines and polygons in GeoPackage, shapefile, GeoJSON, KML, GeoParquet"

    def claims(self, file: Path) -> bool:
        """Whether the file holds lines or polygons without times, and is not called roads, fences or the like."""
        try:
            start = read_start(file, str(file))
        except WildwaysError:
            return False
        if _INFRASTRUCTURE.search(file.stem.replace("_", "-")):
            return False
        match kind_of(start):
            case None:
                return False
            case "geojson":
                return _is_drawn_geojson(start)
            case "kml":
                return _KML_SHAPE.search(start) is not None and _KML_TRACK.search(start) is None
        return _is_drawn(file)

    def siblings(self, file: Path) -> list[Path]:
        """The other parts of a shapefile; see `ReadsSiblings`."""
        return parts_of(file, SHAPEFILE_PARTS) if file.suffix.lower() == ".shp" else []

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the shapes of all layers; see `Reader.read`."""
        options = options or ReadingOptions()
        shapes = open_shapes(file, options.name or str(file))
        return DrawnReading(shapes, _map_columns(shapes, source), source, options)


def _is_drawn(file: Path) -> bool:
    try:
        shapes = open_shapes(file, str(file))
        kinds = {kind for layer in shapes.layers for kind in _kinds_of(shapes, layer)}
    except WildwaysError:
        return False
    columns = {normalise(column) for column in shapes.columns}
    return bool(kinds) and kinds <= _SHAPES and not columns & _TIMES


def _kinds_of(shapes: ShapeFile, layer: Layer) -> set[str]:
    """Kinds of geometry in a layer: as declared, else as its first features have them."""
    declared = re.split(r"[ (]", layer.geometry_type.lower().removeprefix("2.5d "))[0]
    if declared not in ("unknown", "geometry"):
        return {declared}
    geometries, _, _ = next(shapes.batches(layer, []), ((), (), []))
    return {geometry.geom_type.lower() for geometry in geometries if geometry is not None}


def _is_drawn_geojson(start: bytes) -> bool:
    kinds = {kind.decode("ascii", "replace").lower() for kind in _GEOJSON_TYPE.findall(start)}
    keys = {key for found in _GEOJSON_PROPERTIES.findall(start) for key in _GEOJSON_KEY.findall(found)}
    columns = {normalise(key.decode("utf-8", "replace")) for key in keys}
    return bool(kinds & _SHAPES) and not kinds & {"point", "multipoint"} and not columns & _TIMES


def _map_columns(shapes: ShapeFile, source: Source) -> Columns:
    """Where the fields are: constants of the source, columns it names, and columns called like the fields.

    Raises
    ------
    BadInput : the source names a field or a column that does not exist, or two columns are called like one field
    """
    fields = load_fields(FIELDS)
    constants, mapped = split_constants(fields, source, shapes.name)
    head = CsvHead(shapes.file, shapes.name, shapes.columns, ",", compressed=False, only_returns=False)
    found = map_fields(head, fields, mapped, constants=constants)
    return Columns({field: found.column(field) for field in found.indices}, constants, shapes.columns)
