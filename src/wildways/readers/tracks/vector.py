"""Layers of points through GDAL: opened by one driver, streamed as Arrow batches."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildways.model import BadInput, Finding, LimitReached, Place, Source, WildwaysError
from wildways.readers.opening import check_file
from wildways.readers.tracks.arrow import as_text, points_of
from wildways.readers.tracks.points import POINT_HINTS, POINT_REASONS, keep_points
from wildways.readers.tracks.reading import column_names
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside

_GEOMETRY = "wkb_geometry"
_SAFE = {"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"}
"""The quicker way of its driver reads beyond its buffers where a feature has no geometry."""

_OF_DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, LookupError, NameError)
"""What the binding raises on damaged files, apart from its own errors."""

Opened = Callable[[], AbstractContextManager[Path]]


class VectorRows:
    """The features of a layer in file order; see `RowSource`.

    Parameters
    ----------
    file : the file, which its reader has checked to be of the driver's format
    driver : the driver GDAL must open it with
    opened : lays the file out under a name of ours, which GDAL cannot take for anything else
    """

    defaults: Mapping[str, str] = {}
    is_utc = False
    hints = POINT_HINTS

    def __init__(self, file: Path, name: str, source: Source, *, driver: str, opened: Opened) -> None:
        import pyogrio

        self.file, self.name = file, name
        self.set_aside = SetAside(POINT_REASONS)
        check_file(file, name)
        self._opened = opened
        pyogrio.set_gdal_config_options(_SAFE)
        with opened() as layer, self._errors(), self._warnings():
            info = pyogrio.read_info(layer)
            if info.get("driver", driver) != driver:
                raise self._damaged(f"it opens as {info['driver']}")
        self.crs: str | None = info["crs"]
        self.is_of_points = str(info["geometry_type"]).split(" ")[0] in ("Point", "2.5D", "3D", "Measured", "Unknown")
        self._attributes = tuple(str(field) for field in info["fields"])
        self.columns = column_names(self._attributes, source)

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the points."""
        import pyogrio

        attributes = [index for index in wanted if index < len(self._attributes)]
        names = [self._attributes[index] for index in attributes]
        n_rows = 0
        with (
            self._opened() as layer,
            self._errors(),
            pyogrio.open_arrow(
                layer, columns=names, batch_size=ROWS_A_BATCH, use_pyarrow=True, datetime_as_string=True
            ) as (meta, stream),
        ):
            geometry = meta["geometry_name"] or _GEOMETRY
            while (batch := self._next(stream)) is not None:
                yield self._columns(batch, geometry, attributes, wanted, n_rows)
                n_rows += batch.num_rows

    def _next(self, stream: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        """The next batch, after it was checked; None at the end."""
        with self._warnings():
            batch = next(stream, None)
        if batch is not None:
            batch.validate(full=True)
        return batch

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines as if the layer were a table with a header."""
        return {row: row + 1 for row in rows}

    def _columns(
        self, batch: pa.RecordBatch, geometry: str, attributes: list[int], wanted: Sequence[int], n_before: int
    ) -> list[pa.Array]:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        x, y, kinds = points_of(columns[geometry])
        names = self._attributes
        texts = {index: as_text(columns[names[index]], names[index], self.name) for index in attributes}
        texts |= {len(names): x, len(names) + 1: y}
        return keep_points([texts[index] for index in wanted], kinds, n_before, self.set_aside)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Ours instead of GDAL's and Arrow's."""
        import pyogrio.errors

        try:
            yield
        except WildwaysError:
            raise
        except MemoryError as error:
            message = "The file needs too much memory."
            raise LimitReached(
                "memory", message, hint="Is it damaged? Else split it.", place=Place(self.name)
            ) from error
        except (*_error_types(pyogrio), *_OF_DAMAGE) as error:
            raise self._damaged(str(error).partition("\n")[0][:200].rstrip(".")) from error

    @contextmanager
    def _warnings(self) -> Iterator[None]:
        """Warnings as a finding, the first of them as its example."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        remarks = self.set_aside.remarks
        if caught and not remarks:
            message = "The library that reads this format warned of the layer; texts or shapes may be wrong."
            example = str(caught[0].message)[:200]
            hint = "Look at the layer, and export it again in UTF-8."
            remarks.append(Finding("layer-warning", message, 1, place=Place(self.name), example=example, hint=hint))

    def _damaged(self, reason: str) -> BadInput:
        message = f"The file cannot be read: {reason}."
        return BadInput("layer-damaged", message, hint="Copy or export it again.", place=Place(self.name))


def _error_types(pyogrio: Any) -> tuple[type[Exception], ...]:
    errors = pyogrio.errors
    return (errors.DataSourceError, errors.DataLayerError, errors.CRSError, errors.FeatureError, errors.GeometryError)
