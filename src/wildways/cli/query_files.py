"""Writes the records that ``wildways query`` found: GeoParquet and CSV as a stream, GeoPackage and GeoJSON whole."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import shapely

from wildways.model import Access, BadInput, Conflict, Place
from wildways.store import EVIDENCE, Evidence, Filters

_GEOMETRY = "geometry"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def write_records(evidence: Evidence, out: Path, *, limit: int | None, filters: Filters) -> tuple[int, int]:
    """Write the records to a file that does not exist yet, its format told by its ending.

    Returns
    -------
    Numbers of records written, and of those that are not open.

    Raises
    ------
    BadInput : no format has that ending
    Conflict : the file exists
    """
    if out.suffix.lower() not in _WRITERS:
        hint = f"Write to {', '.join(_WRITERS)}."
        raise BadInput("file-format", f"“{out.suffix}” is no format to write.", hint=hint, place=Place(out))
    if out.exists():
        raise Conflict("file-exists", "The file exists already.", hint="Name another with --out.", place=Place(out))
    counted = _Counted(evidence.batches(limit=limit, **filters))
    part = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        _WRITERS[out.suffix.lower()](counted, part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return counted.n_records, counted.n_withheld


class _Counted:
    """Batches that are counted as they go by; withheld are those that may not leave today."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._today = datetime.now(UTC).date().isoformat()
        self.n_records = self.n_withheld = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.n_records += batch.num_rows
            access, embargo = (batch[name].cast(pa.string()) for name in ("access", "embargo_until"))
            is_free = pc.fill_null(pc.less_equal(embargo, self._today), True)
            is_open = pc.and_(pc.fill_null(pc.equal(access, Access.OPEN.value), False), is_free)
            self.n_withheld += batch.num_rows - is_open.true_count
            yield batch


def _write_geoparquet(batches: _Counted, file: Path) -> None:
    from pyproj import CRS

    column = {"encoding": "WKB", "geometry_types": [], "crs": CRS.from_epsg(4326).to_json_dict()}
    geo = {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
    schema = EVIDENCE.schema.with_metadata({"geo": json.dumps(geo)})
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def _write_csv(batches: _Counted, file: Path) -> None:
    fields = [field.with_type(pa.string()) if _is_text(field) else field for field in EVIDENCE.schema]
    with pa_csv.CSVWriter(file, pa.schema(fields)) as writer:
        for batch in batches:
            shapes = pa.array(
                shapely.to_wkt(shapely.from_wkb(batch[_GEOMETRY].to_numpy(zero_copy_only=False))), pa.string()
            )
            columns = [shapes if name == _GEOMETRY else _as_text(batch[name]) for name in batch.schema.names]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields)))


def _write_layer(batches: _Counted, file: Path) -> None:
    import pyogrio

    plain = pa.schema(
        [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in EVIDENCE.schema]
    )
    table = pa.Table.from_batches(list(batches), EVIDENCE.schema).cast(plain)
    driver = "GPKG" if file.suffix.lower() == ".gpkg" else "GeoJSON"
    pyogrio.write_arrow(
        table, file, layer="evidence", driver=driver, geometry_name=_GEOMETRY, geometry_type="Unknown", crs="EPSG:4326"
    )


def _is_text(field: pa.Field) -> bool:
    return bool(field.name == _GEOMETRY or pa.types.is_dictionary(field.type) or pa.types.is_timestamp(field.type))


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format=_INSTANT)
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


_WRITERS: dict[str, Callable[[_Counted, Path], None]] = {
    ".parquet": _write_geoparquet,
    ".gpkg": _write_layer,
    ".geojson": _write_layer,
    ".csv": _write_csv,
}
