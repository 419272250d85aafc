"""GeoJSON, as one collection or a sequence of features: points with a time and an animal among their properties."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import pyarrow as pa

from wildways.model import BadInput, LimitReached, Place, Source
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import MAX_COLUMNS
from wildways.readers.findings import Message
from wildways.readers.opening import first_bytes, open_file
from wildways.readers.tracks.reading import TrackReading, column_names
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside

MAX_VALUE = 1 << 25
"""Characters that one feature, or one member of the collection, may take."""
N_LOOKED_AT = 1_000
"""Features whose properties make the columns."""

_BLOCK = 1 << 18
_POINT = re.compile(rb'"type"\s*:\s*"Point"')
_SPACE = " \t\r\n\x1e"
_REASONS = MappingProxyType(
    {
        "geometry-kind": Message("These features are no points.", "Tracks are read as points, each with its time."),
        "not-a-feature": Message("These entries are no GeoJSON features.", "Remove them."),
    }
)

Json = Any


class GeoJson:
    """Reads GeoJSON (RFC 7946) and sequences of features (RFC 8142 or one a line); a 2008 ``crs`` member is honoured.

    References
    ----------
    RFC 7946, RFC 8142; GeoJSON 2008, section 3
    """

    name = "geojson"
    version = "1"
    description = "GeoJSON and GeoJSON sequences: points with a time and an animal"

    def claims(self, file: Path) -> bool:
        """Whether the beginning is JSON that speaks of features and points."""
        start = first_bytes(file).removeprefix(codecs.BOM_UTF8).lstrip(_SPACE.encode())
        return start.startswith(b"{") and b'"Feature' in start and _POINT.search(start) is not None

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the points; see `Reader.read`."""
        options = options or ReadingOptions()
        return TrackReading(GeoJsonRows(file, options.name or str(file), source), source, options)


class GeoJsonRows:
    """The features of a GeoJSON file in file order; see `RowSource`."""

    defaults: Mapping[str, str] = MappingProxyType({})
    is_utc = False
    hints: Mapping[str, str] = MappingProxyType({"no-position": "These features have no geometry."})

    def __init__(self, file: Path, name: str, source: Source) -> None:
        self.file, self.name = file, name
        self.set_aside = SetAside(_REASONS)
        self._attributes, self.crs = self._look()
        self.columns = column_names(self._attributes, source)

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the points."""
        rows: list[list[Json]] = []
        with open_file(self.file, self.name) as stream:
            document = _Document(stream, self.name)
            for number, feature in enumerate(document.features(), 1):
                if row := self._row(feature, number):
                    rows.append([row[index] for index in wanted])
                if len(rows) == ROWS_A_BATCH:
                    yield _columns(rows, len(wanted))
                    rows = []
        yield _columns(rows, len(wanted))
        if document.crs != self.crs:
            raise BadInput(
                "crs-late",
                "The file names its CRS only after its features.",
                hint="Write the member crs before the member features, or leave it out.",
                place=Place(self.name, None, "crs"),
            )

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which the features start; the file is read up to the last of them."""
        wanted, lines = set(rows), {}
        with open_file(self.file, self.name) as stream:
            document = _Document(stream, self.name)
            for row, _ in enumerate(document.features(), 1):
                if row in wanted:
                    lines[row] = document.line
                if row >= rows[-1]:
                    break
        return lines

    def _look(self) -> tuple[tuple[str, ...], str | None]:
        """Names of the properties of the first features, and the CRS; RFC 7946 knows no other than WGS 84."""
        names: dict[str, None] = {}
        with open_file(self.file, self.name) as stream:
            document = _Document(stream, self.name)
            for feature in islice(document.features(), N_LOOKED_AT):
                properties = feature.get("properties") if isinstance(feature, dict) else None
                names |= dict.fromkeys(properties if isinstance(properties, dict) else ())
                if len(names) > MAX_COLUMNS:
                    message = f"The features have more than {MAX_COLUMNS} properties."
                    raise LimitReached("columns", message, hint="Leave some out.", place=Place(self.name))
            return tuple(names), document.crs

    def _row(self, feature: Json, row: int) -> list[Json]:
        """Values of a feature by column; empty where it was set aside."""
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            self.set_aside.add("not-a-feature", row, example=json.dumps(feature)[:80])
            return []
        geometry = feature.get("geometry")
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if geometry is not None and kind != "Point":
            self.set_aside.add("geometry-kind", row, field="geometry", example=None if kind is None else str(kind)[:80])
            return []
        place = geometry.get("coordinates") if isinstance(geometry, dict) else None
        x, y, *_ = [*place, None, None] if isinstance(place, list) else [None, None]
        properties = feature.get("properties")
        given = properties if isinstance(properties, dict) else {}
        return [*map(given.get, self._attributes), x, y]


class _Document:
    """A JSON document decoded member by member, with numbers as they are written.

    Parameters
    ----------
    stream : bytes of UTF-8, with or without a byte order mark
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._decoder = json.JSONDecoder(parse_float=_as_written, parse_int=str, parse_constant=str)
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._is_over = "", 0, False
        self._line = 1
        self._is_sequence = False
        self.line = 1
        self.crs: str | None = "EPSG:4326"

    def features(self) -> Iterator[Json]:
        """Yield the features of the collection, or of the sequence, in file order.

        Raises
        ------
        BadInput : it is no JSON, not UTF-8, or no GeoJSON
        LimitReached : a single value is too long
        """
        if self._peek() != "{":
            raise self._malformed("it does not start with “{”")
        while self._peek():
            if self._is_sequence:
                self.line = self._line
                yield self._value()
            else:
                yield from self._members()

    def _members(self) -> Iterator[Json]:
        """Yield the features of one object: its member ``features``, or itself."""
        self._expect("{")
        members: dict[str, Json] = {}
        start = self._line
        while self._peek() != "}":
            key = self._value()
            self._expect(":")
            if key == "features" and self._peek() == "[":
                yield from self._items()
                members[key] = None
            else:
                members[str(key)] = self._value()
            if key == "crs":
                self.crs = self._crs_of(members["crs"])
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "}":
                raise self._malformed("a comma is missing")
        self._expect("}")
        if "features" not in members:
            if members.get("type") == "FeatureCollection" or "type" not in members:
                raise self._malformed("it has no features")
            self._is_sequence = True
            self.line = start
            yield members

    def _items(self) -> Iterator[Json]:
        self._expect("[")
        while self._peek() != "]":
            self.line = self._line
            yield self._value()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise self._malformed("a comma is missing")
        self._expect("]")

    def _value(self) -> Json:
        """Decode one value; more of the file is read until it is whole."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._malformed("it is nested too deeply") from error
            except ValueError as error:
                if self._is_over:
                    raise self._malformed(str(error).partition(":")[0].lower()) from error
            else:
                if end < len(self._text) or self._is_over:
                    self._line += self._text.count("\n", self._at, end)
                    self._at = end
                    return value
            if len(self._text) - self._at > MAX_VALUE:
                message = f"A single value is longer than {MAX_VALUE:,} characters."
                raise LimitReached("json-length", message, hint="Split it.", place=Place(self._name, self._line))
            self._read_more()

    def _peek(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_over:
                return ""
            self._read_more()

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise self._malformed(f"“{character}” is missing")
        self._at += 1

    def _read_more(self) -> None:
        """Read as much again as is held, so that a long value is tried only a few times."""
        self._text = self._text[self._at :]
        self._at = 0
        block = self._stream.read(max(_BLOCK, len(self._text)))
        self._is_over = not block
        try:
            self._text += self._utf8.decode(block, final=self._is_over)
        except UnicodeDecodeError as error:
            hint = "Save it in UTF-8."
            raise BadInput("encoding", "The file is not UTF-8.", hint=hint, place=Place(self._name)) from error

    def _crs_of(self, member: Json) -> str | None:
        """The CRS of a ``crs`` member; null means that none is known."""
        if member is None:
            return None
        properties = member.get("properties") if isinstance(member, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        if isinstance(name, str):
            return name
        place = Place(self._name, self._line, "crs")
        raise BadInput("crs-unknown", "The member crs names no CRS.", hint="Leave it out.", place=place)

    def _malformed(self, reason: str) -> BadInput:
        message = f"The file is not GeoJSON: {reason}."
        hint = "It may be cut off or damaged; export it again."
        return BadInput("json-malformed", message, hint=hint, place=Place(self._name, self._line))


def _as_written(number: str) -> str:
    """A number as it is written, but ids that were stored as floating point stay ``51``."""
    return number.removesuffix(".0")


def _columns(rows: list[list[Json]], n_columns: int) -> list[pa.Array]:
    columns = zip(*rows, strict=True) if rows else [()] * n_columns
    return [pa.array([_text(value) for value in column], pa.string()) for column in columns]


def _text(value: Json) -> str | None:
    """A value as it is written; empty texts as null."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
