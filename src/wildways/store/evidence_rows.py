"""From what the engine answers to the common rows: points as WKB, and what is known of the file and its source."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import Atlas
from wildways.store.evidence_sql import CODED, EVIDENCE, FILE_COLUMNS

_POINT_BYTES = 21
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("longitude", "<f8"), ("latitude", "<f8")])


class Files:
    """What is known of each file and of the source it belongs to.

    Parameters
    ----------
    stored : the files with ``file_no, module_id, source_id, path``
    atlas : declares licence, access, owner and citation; empty where it is not known
    """

    def __init__(self, stored: pa.Table, atlas: Atlas | None) -> None:
        declared = {} if atlas is None else {(m.id, s.id): s for m in atlas.modules for s in m.sources}
        rows = [self._row(row, declared) for row in stored.to_pylist()]
        schema = pa.schema([("file_no", pa.int64()), *((name, pa.string()) for name in FILE_COLUMNS)])
        self.table = pa.Table.from_pylist(rows, schema)
        """``file_no`` and the `FILE_COLUMNS` as texts."""
        self._numbers = self.table["file_no"].combine_chunks()
        self._columns = {name: self.table[name].combine_chunks().dictionary_encode() for name in FILE_COLUMNS}

    def numbers(self, module: str | None, source: str | None) -> list[int]:
        """Numbers of the files of a module and source; empty arguments mean all."""
        wanted = (("module_id", module), ("source_id", source))
        rows = self.table.select(["file_no", "module_id", "source_id"]).to_pylist()
        return [row["file_no"] for row in rows if all(value in (None, row[name]) for name, value in wanted)]

    def sources(self) -> list[str]:
        """The sources there is evidence of, as ``module source``."""
        rows = self.table.select(["module_id", "source_id"]).to_pylist()
        return sorted({f"{row['module_id']} {row['source_id']}" for row in rows})

    def columns(self, numbers: pa.Array) -> dict[str, pa.Array]:
        """The `FILE_COLUMNS` of records, by the numbers of their files."""
        at = pc.index_in(numbers, value_set=self._numbers)
        return {name: column.take(at).cast(CODED) for name, column in self._columns.items()}

    @staticmethod
    def _row(row: Mapping[str, Any], declared: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
        known = {"file_no": row["file_no"], "module_id": row["module_id"], "source_id": row["source_id"]}
        source = declared.get((row["module_id"], row["source_id"]))
        if source is None:
            return {**known, "source_file": row["path"]}
        embargo = source.embargo_until
        return {
            **known,
            "source_file": row["path"],
            "licence": source.licence,
            "access": source.access.value,
            "embargo_until": None if embargo is None else embargo.isoformat(),
            "owner": source.owner or None,
            "citation": source.citation or None,
        }


def complete(batch: pa.RecordBatch, files: Files) -> pa.RecordBatch:
    """The common rows of core rows (`evidence_sql.CORE` and ``in_country``), schema of `EVIDENCE`."""
    of_file = files.columns(batch["file_no"])
    of_file["citation"] = _citation(batch["record_citation"], of_file["citation"])
    columns = {**{name: batch[name] for name in batch.schema.names}, **of_file, "geometry": _geometry(batch)}
    return pa.RecordBatch.from_arrays(
        [columns[field.name].cast(field.type) for field in EVIDENCE.schema], schema=EVIDENCE.schema
    )


def points_as_wkb(longitude: pa.Array, latitude: pa.Array) -> pa.Array:
    """Points as WKB, little-endian; empty where a coordinate is."""
    points = np.empty(len(longitude), _POINT)
    points["order"], points["type"] = 1, 1
    points["longitude"] = longitude.to_numpy(zero_copy_only=False)
    points["latitude"] = latitude.to_numpy(zero_copy_only=False)
    offsets = np.arange(len(longitude) + 1, dtype=np.int32) * _POINT_BYTES
    is_known = pc.and_(longitude.is_valid(), latitude.is_valid())
    validity = None if is_known.true_count == len(is_known) else is_known.buffers()[1]
    return pa.BinaryArray.from_buffers(
        pa.binary(), len(longitude), [validity, pa.py_buffer(offsets), pa.py_buffer(points.tobytes())]
    )


def _geometry(batch: pa.RecordBatch) -> pa.Array:
    points = points_as_wkb(batch["longitude"], batch["latitude"])
    shapes = batch["shape"]
    return points if shapes.null_count == len(shapes) else pc.coalesce(shapes, points)


def _citation(of_record: pa.Array, of_source: pa.Array) -> pa.Array:
    if of_record.null_count == len(of_record):
        return of_source
    return pc.coalesce(of_record, of_source.cast(pa.string())).dictionary_encode()
