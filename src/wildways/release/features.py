"""Features as they are published: declared columns and geometries, in one order that every file shares."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.model import Corrupt, Place
from wildways.release.extent import Box, enclosing_box
from wildways.release.hilbert import hilbert_order

GEOMETRY = "geometry"


@dataclass(frozen=True)
class Features:
    """Published features: row n of `table` belongs to ``geometry[n]`` and has the id n + 1 in tiles and GeoPackage."""

    table: pa.Table
    geometry: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.geometry)

    @property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north of each feature in degrees, shape (n, 4); NaN where a geometry is empty."""
        import shapely

        bounds: NDArray[np.float64] = shapely.bounds(self.geometry).reshape(-1, 4)
        return bounds

    @property
    def box(self) -> Box | None:
        """The box around all of them."""
        return enclosing_box((float(w), float(s), float(e), float(n)) for w, s, e, n in self.bounds)

    @property
    def geometry_types(self) -> list[str]:
        """Names of the geometry types that occur, sorted, as GeoParquet spells them."""
        import shapely

        kinds = np.stack([shapely.get_type_id(self.geometry), shapely.has_z(self.geometry)], axis=1)
        _, firsts = np.unique(kinds, axis=0, return_index=True)
        examples = self.geometry[firsts]
        return sorted(example.geom_type + (" Z" if example.has_z else "") for example in examples)


def order_features(table: pa.Table, geometry: NDArray[np.object_]) -> Features:
    """Put rows in Hilbert order, polygons counter-clockwise and times in UTC microseconds."""
    import shapely

    oriented = shapely.orient_polygons(geometry)
    features = Features(in_microseconds(table), oriented)
    order = hilbert_order(features.bounds)
    return Features(features.table.take(pa.array(order)), oriented[order])


def read_features(file: Path, columns: Sequence[str]) -> Features:
    """Read the named columns and the geometries of a GeoParquet file; nothing else in it is looked at.

    Raises
    ------
    Corrupt : not GeoParquet, not in WGS 84, or a column is missing
    """
    import pyarrow.parquet as pq
    import shapely

    try:
        schema = pq.read_schema(file)
        primary = _primary_column(schema.metadata or {})
        require_columns(file, schema.names, columns)
        table = pq.read_table(file, columns=[*columns, primary])
        geometry = shapely.from_wkb(table.column(primary).to_numpy())
    except (pa.ArrowException, OSError, ValueError, KeyError, shapely.errors.GEOSException) as error:
        raise Corrupt(
            "product-unreadable",
            f"The features of a product cannot be read: {error}.",
            hint="Build the atlas again.",
            place=Place(file),
        ) from error
    return order_features(table.select(list(columns)), geometry)


def require_columns(file: Path, present: Sequence[str], declared: Sequence[str]) -> None:
    """Raise Corrupt where a product declares a property that its file does not have."""
    missing = [name for name in declared if name not in present]
    if missing:
        raise Corrupt(
            "product-columns",
            f"The product declares the property “{missing[0]}”, which its file does not have.",
            hint="Build the atlas again.",
            place=Place(file),
        )


def in_microseconds(table: pa.Table) -> pa.Table:
    """The table with every time stamp in microseconds; those with a zone in UTC."""
    fields = [
        field.with_type(pa.timestamp("us", tz="UTC" if field.type.tz else None))
        if pa.types.is_timestamp(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields), safe=False).replace_schema_metadata(None)


def write_geoparquet(features: Features, file: Path, about: Mapping[str, str]) -> None:
    """Write GeoParquet 1.1: WKB, bbox covering, zstd, row groups of 100,000, `about` in the file's metadata."""
    import pyarrow.parquet as pq
    import shapely

    wkb = pa.array(shapely.to_wkb(features.geometry, flavor="iso"), type=pa.binary())
    corners = features.bounds.T
    covering = pa.StructArray.from_arrays([pa.array(c) for c in corners], names=["xmin", "ymin", "xmax", "ymax"])
    table = features.table.append_column(GEOMETRY, wkb).append_column("bbox", covering)
    metadata = {**about, "geo": json.dumps(_geo_metadata(features), sort_keys=True)}
    pq.write_table(
        table.replace_schema_metadata(metadata),
        file,
        compression="zstd",
        compression_level=15,
        row_group_size=100_000,
        coerce_timestamps="us",
    )


def write_geopackage(features: Features, file: Path, layer: str, about: Mapping[str, str]) -> None:
    """Write a GeoPackage of one layer that carries `about` in its description and metadata; `fid` is 1..n."""
    import pyogrio

    geometry, geometry_type = _one_geometry_type(features)
    table = flat_columns(features.table).append_column(GEOMETRY, _wkb(geometry))
    description = "\n".join(f"{key}: {value}" for key, value in about.items())
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"})
    try:
        pyogrio.write_arrow(
            table,
            file,
            layer=layer,
            driver="GPKG",
            geometry_name=GEOMETRY,
            geometry_type=geometry_type,
            crs="EPSG:4326",
            layer_metadata=dict(about),
            dataset_options={"VERSION": "1.3", "DATETIME_FORMAT": "UTC"},
            layer_options={
                "IDENTIFIER": about["title"],
                "DESCRIPTION": description,
                "DATETIME_PRECISION": "MILLISECOND",
            },
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def flat_columns(table: pa.Table) -> pa.Table:
    """The table with plain values only: lists and structs become JSON text, dictionaries their values."""
    for number, field in enumerate(table.schema):
        column = table.column(number)
        if pa.types.is_nested(field.type):
            texts = [None if cell is None else json.dumps(cell, default=str) for cell in column.to_pylist()]
            table = table.set_column(number, field.name, pa.array(texts, pa.string()))
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(number, field.name, column.cast(field.type.value_type))
        elif pa.types.is_null(field.type):
            table = table.set_column(number, field.name, column.cast(pa.string()))
    return table


def _wkb(geometry: NDArray[np.object_]) -> pa.Array:
    import shapely

    return pa.array(shapely.to_wkb(geometry, flavor="iso"), type=pa.binary())


def _one_geometry_type(features: Features) -> tuple[NDArray[np.object_], str]:
    """Geometries of a single type, single parts becoming multiple where both occur, and that type's name."""
    import shapely

    multiple = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    types = features.geometry_types
    if len(types) < 2:
        return features.geometry, types[0] if types else "Unknown"
    base = types[-1]
    if len(types) == 2 and base in multiple and types[0] == f"Multi{base}":
        promoted = [multiple[base]([part]) if part.geom_type == base else part for part in features.geometry]
        return np.array(promoted, dtype=object), f"Multi{base}"
    return features.geometry, "Unknown"


def _geo_metadata(features: Features) -> dict[str, Any]:
    from pyproj import CRS

    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": features.geometry_types,
        "crs": CRS.from_epsg(4326).to_json_dict(),
        "edges": "planar",
        "orientation": "counterclockwise",
        "covering": {"bbox": {corner: ["bbox", corner] for corner in ("xmin", "ymin", "xmax", "ymax")}},
    }
    if features.box is not None:
        column["bbox"] = list(features.box)
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _primary_column(metadata: Mapping[bytes, bytes]) -> str:
    geo = json.loads(metadata[b"geo"])
    primary = str(geo["primary_column"])
    crs = geo["columns"][primary].get("crs", {"id": {"authority": "OGC", "code": "CRS84"}})
    identity = (crs or {}).get("id", {})
    if (identity.get("authority"), str(identity.get("code"))) not in {("EPSG", "4326"), ("OGC", "CRS84")}:
        raise ValueError("its coordinates are not in WGS 84 (EPSG:4326)")
    return primary
