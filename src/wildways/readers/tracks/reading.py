"""Tracks in any file of rows with a time, a position and an animal: read and judged as Movebank event data are."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pyarrow as pa

from wildways.model import BadInput, Finding, Place, Source
from wildways.readers.contract import ReadingOptions
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import load_fields, map_fields, normalise
from wildways.readers.movebank import sql
from wildways.readers.movebank.events import EventReading
from wildways.readers.parsing import Parser
from wildways.readers.tracks.rows import RowParser, RowSource

EVENT_FIELDS = "movebank/event_fields.csv"
LONGITUDE, LATITUDE = "location-long", "location-lat"
NO_COLUMNS = Source(id="file", path="file", licence="unknown")
"""A source that sets nothing, for a look at a file."""


class TrackReading(EventReading):
    """A file of tracks being read; see `Reading`.

    Columns go to fields as the source says, else as the format says, else by Movebank's own names. The CRS is the
    file's; the source may give one where the file has none.

    Raises
    ------
    BadInput : a field that is needed has no column; the CRS is not known, or the source contradicts the file's
    """

    def __init__(self, rows: RowSource, source: Source, options: ReadingOptions) -> None:
        head = CsvHead(rows.file, rows.name, rows.columns, ",", compressed=False, only_returns=False)
        mapped = {normalise(field): column for field, column in source.columns.items()}
        chosen = source.model_copy(update={"columns": {**rows.defaults, **mapped}})
        fields = map_fields(head, load_fields(EVENT_FIELDS), chosen)
        if rows.is_utc:
            fields = replace(fields, is_native=True)
        self._rows = rows
        self._is_crs_assumed = rows.crs is None and source.crs is None
        crs = _crs_to_apply(rows, source)
        super().__init__(head, fields, source.model_copy(update={"crs": crs}), options)

    def _open_parser(self, stack: ExitStack) -> Parser:
        return RowParser(self._rows, self._fields, sql.TEXT_COLUMNS, self._options, stack)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield from super()._batches()
        account = self.account
        findings = [replace(each, hint=self._rows.hints.get(each.code, each.hint)) for each in account.findings]
        if self._is_crs_assumed and account.n_kept:
            findings.append(_crs_assumed(account.n_kept, self._rows.name))
        self.account = replace(account, findings=(*findings, *self._rows.set_aside.remarks))


def column_names(attributes: tuple[str, ...], source: Source) -> tuple[str, ...]:
    """Names of a layer's columns: its attributes and the coordinates of its points.

    Attributes called like the coordinates give way to the points, unless the source names them.
    """
    named = set(source.columns.values())
    of_points = {"location-long", "location-lat"}
    kept = tuple(name if normalise(name) not in of_points or name in named else "" for name in attributes)
    return (*kept, LONGITUDE, LATITUDE)


def _crs_to_apply(rows: RowSource, source: Source) -> str | None:
    """The CRS to transform from; None where coordinates are WGS 84 degrees or taken for such."""
    if rows.crs is None:
        return source.crs
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError, ProjError

    place = Place(rows.name, None, "crs")
    try:
        crs = CRS.from_user_input(rows.crs)
        Transformer.from_crs(crs, "EPSG:4326")
    except ProjError as error:
        message = f"The CRS of the file, “{rows.crs[:80]}”, is none on Earth that is known."
        raise BadInput("crs-unknown", message, hint="Write the file in EPSG:4326.", place=place) from error
    try:
        given = None if source.crs is None else CRS.from_user_input(source.crs)
    except CRSError:
        given = CRS.from_epsg(4326)
    if given is not None and not crs.equals(given, ignore_axis_order=True):
        raise BadInput(
            "crs-conflict",
            f"The file is in “{crs.name}”, but the source “{source.id}” sets crs to “{source.crs}”.",
            hint="Remove crs from the source; it is for files that name none.",
            place=place,
        )
    return None if crs.equals(CRS.from_epsg(4326), ignore_axis_order=True) else rows.crs


def _crs_assumed(n_rows: int, name: str) -> Finding:
    message = "The file names no CRS; its coordinates were read as WGS 84 degrees."
    return Finding("crs-assumed", message, n_rows, place=Place(name), hint="Set crs in the module.")
