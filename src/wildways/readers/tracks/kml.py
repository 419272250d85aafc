"""KML and KMZ: ``gx:Track`` and points with times, named after their animals; lines without times are refused."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

import pyarrow as pa

from wildways.model import BadInput, LimitReached, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.findings import Message
from wildways.readers.opening import base_name, is_zip, list_members, open_file, open_member
from wildways.readers.tracks.reading import TrackReading
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside
from wildways.readers.xmlstream import Attributes, XmlStream, root_of
from wildways.readers.xmlstream import Path as ElementPath

MAX_TRACK_POINTS = 2_000_000
"""Points one placemark may hold; they are kept until its end, where their times and positions are paired."""
MAX_MEMBERS = 2_000
"""A KMZ archive may hold an icon or a picture for each of its places."""

_COLUMNS = ("timestamp", "location-long", "location-lat", "name", "folder", "file-name")
_HEAD = 1 << 16
_WHEN = re.compile(rb"<(\w+:)?(Track|TimeStamp|when)\b")
_LINES = ("LineString", "LinearRing", "Polygon")
_OTHERS = ("Model",)
_TEXTS = frozenset({"name", "when", "coord", "coordinates"})
_REASONS = MappingProxyType(
    {
        "no-times": Message(
            "These lines have no times, so nobody knows when the animal was there.",
            "Export tracks as gx:Track, or as GPX. A route or a corridor is another kind of evidence.",
        ),
        "geometry-kind": Message("These shapes are no positions of an animal.", "Nothing to do."),
        "track-unpaired": Message(
            "The track has not as many times as positions, so nobody knows which belong together.",
            "Export it again; a position that is missing needs an empty gx:coord.",
        ),
    }
)


class Kml:
    """Reads KML and KMZ files; the name of a placemark is the animal.

    References
    ----------
    OGC KML 2.3, OGC 12-007r2, clause 12 (Track)
    """

    name = "kml"
    version = "1"
    description = "KML and KMZ: gx:Track and points with time stamps, each named after its animal"

    def claims(self, file: Path) -> bool:
        """Whether the root element is ``kml`` and the beginning speaks of times; of an archive, its document's."""
        try:
            with KmlRows(file, str(file)).opened() as stream:
                start = stream.read(_HEAD)
        except WildwaysError:
            return False
        return root_of(start) == "kml" and _WHEN.search(start) is not None

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the tracks; see `Reader.read`."""
        options = options or ReadingOptions()
        return TrackReading(KmlRows(file, options.name or str(file)), source, options)


class KmlRows:
    """The positions of a KML file in document order; see `RowSource`. A line or another shape is one row."""

    columns = _COLUMNS
    defaults: Mapping[str, str] = MappingProxyType({"individual-local-identifier": "name"})
    is_utc = False
    crs = "EPSG:4326"
    hints: Mapping[str, str] = MappingProxyType(
        {
            "no-animal": "Give the placemarks names, or set columns in the module: "
            "individual-local-identifier to folder or file-name.",
            "time-missing": "Points need a TimeStamp.",
        }
    )

    def __init__(self, file: Path, name: str) -> None:
        self.file, self.name = file, name
        self.set_aside = SetAside(_REASONS)

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the positions that have times."""
        walk = _Walk(self.name, self.file.stem, self.set_aside)
        with self.opened() as stream:
            for _ in walk.xml.read(stream):
                while len(walk.points) >= ROWS_A_BATCH:
                    yield walk.take(wanted)
        if not walk.is_kml:
            raise BadInput("not-kml", "This is XML, but not KML.", hint="Choose its reader.", place=Place(self.name))
        while walk.points:
            yield walk.take(wanted)

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which the positions stand; the document is read up to the last of them."""
        walk = _Walk(self.name, self.file.stem, SetAside(_REASONS), set(rows))
        with self.opened() as stream:
            for _ in walk.xml.read(stream):
                walk.points.clear()
                if walk.n_rows >= rows[-1]:
                    break
        return walk.lines

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The document, out of its archive where it is in one."""
        if not is_zip(self.file):
            with open_file(self.file, self.name) as stream:
                yield stream
            return
        document = _document(self.file, self.name)
        if document is None:
            hint = "The archive needs one KML document, or one called doc.kml."
            raise BadInput("archive-empty", "The archive holds no KML document.", hint=hint, place=Place(self.name))
        with open_member(self.file, self.name, document, max_members=MAX_MEMBERS) as member:
            yield cast("BinaryIO", member)


@dataclass
class _Placemark:
    """What was met of a placemark so far; each coordinate and time with the line it is on."""

    name: str | None = None
    stamp: str | None = None
    times: list[str] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    line: int = 0


class _Walk:
    """A walk through a document: the points since the last `take`, and the lines of the rows that are wanted."""

    def __init__(self, name: str, stem: str, aside: SetAside, wanted: set[int] | None = None) -> None:
        self.xml = XmlStream(name, start=self._start, end=self._end, is_text_wanted=_is_text_wanted)
        self.points: list[tuple[str | None, ...]] = []
        self.lines: dict[int, int] = {}
        self.n_rows = 0
        self.is_kml = False
        self._name, self._stem, self._aside, self._wanted = name, stem, aside, wanted or set()
        self._folders: list[str | None] = []
        self._placemark = _Placemark()
        self._shapes: list[tuple[str, _Placemark]] = []
        self._n_held = 0

    def take(self, wanted: Sequence[int]) -> list[pa.Array]:
        """The wanted columns of up to 65,536 of the points that were not taken yet."""
        taken, self.points = self.points[:ROWS_A_BATCH], self.points[ROWS_A_BATCH:]
        columns = list(zip(*taken, strict=True)) or [()] * len(_COLUMNS)
        return [pa.array(columns[index], pa.string()) for index in wanted]

    def _start(self, path: ElementPath, attributes: Attributes) -> None:
        element = path[-1]
        self.is_kml |= path == ("kml",)
        if element in ("Folder", "Document"):
            self._folders.append(None)
        elif element == "Placemark":
            self._placemark, self._shapes, self._n_held = _Placemark(line=self.xml.line), [], 0
        elif "Placemark" not in path:
            return
        elif element in ("Track", "Point") or (element in _OTHERS or self._is_line(path)):
            self._hold()
            self._shapes.append((element, _Placemark(line=self.xml.line)))

    def _end(self, path: ElementPath, text: str) -> None:
        element, parent = path[-1], path[-2] if len(path) > 1 else ""
        if element in ("Folder", "Document") and self._folders:
            self._folders.pop()
        elif element == "name" and parent in ("Folder", "Document") and self._folders:
            self._folders[-1] = text or None
        elif element == "name" and parent == "Placemark":
            self._placemark.name = text or None
        elif element == "Placemark":
            self._settle()
        elif element == "when" and parent == "TimeStamp":
            self._placemark.stamp = text or None
        elif self._shapes and (element, parent) in (("when", "Track"), ("coord", "Track"), ("coordinates", "Point")):
            self._note(self._shapes[-1][1], element, text)

    def _note(self, shape: _Placemark, element: str, text: str) -> None:
        self._hold()
        if element == "when":
            shape.times.append(text)
        else:
            shape.places.append((text, self.xml.line))

    def _hold(self) -> None:
        """Count what is kept of a placemark until it ends."""
        self._n_held += 1
        if self._n_held > 2 * MAX_TRACK_POINTS:
            message = f"A placemark has more than {MAX_TRACK_POINTS:,} points."
            raise LimitReached("track-length", message, hint="Split it.", place=Place(self._name, self.xml.line))

    def _settle(self) -> None:
        """Pair the times and positions of a placemark that has ended."""
        for element, shape in self._shapes:
            if element == "Track" and len(shape.times) != len(shape.places):
                n_rows = max(len(shape.times), len(shape.places))
                self._set_aside(
                    "track-unpaired", shape, n_rows, f"{len(shape.times)} times, {len(shape.places)} positions"
                )
            elif element == "Track":
                self._emit(zip(shape.times, shape.places, strict=True), separator=None)
            elif element == "Point":
                place = shape.places[0] if shape.places else ("", shape.line)
                self._emit([(self._placemark.stamp, place)], separator=",")
            else:
                code = "geometry-kind" if element != "LineString" else "no-times"
                self._set_aside(code, shape, 1, self._placemark.name)
        self._shapes = []

    def _set_aside(self, code: str, shape: _Placemark, n_rows: int, example: str | None) -> None:
        self._aside.add(code, self.n_rows + 1, n_rows=n_rows, line=shape.line, field="Placemark", example=example)
        self.n_rows += n_rows

    def _emit(self, pairs: Iterable[tuple[str | None, tuple[str, int]]], *, separator: str | None) -> None:
        folder = next((name for name in reversed(self._folders) if name), None)
        for time, (place, line) in pairs:
            self.n_rows += 1
            if self.n_rows in self._wanted:
                self.lines[self.n_rows] = line
            x, y, *_ = [*place.split(separator), "", ""]
            self.points.append(
                (time or None, x.strip() or None, y.strip() or None, self._placemark.name, folder, self._stem)
            )

    def _is_line(self, path: ElementPath) -> bool:
        """Whether this is a line or polygon that is not part of another one."""
        return path[-1] in _LINES and not set(_LINES) & set(path[:-1])


def _is_text_wanted(path: ElementPath) -> bool:
    return path[-1] in _TEXTS and (path[-1] != "coordinates" or path[-2:-1] == ("Point",))


def _document(file: Path, name: str) -> str | None:
    """The member of a KMZ archive that is its document: the only one, or ``doc.kml``."""
    members = [
        member for member in list_members(file, name, max_members=MAX_MEMBERS) if member.lower().endswith(".kml")
    ]
    named = [member for member in members if base_name(member).lower() == "doc.kml"]
    return members[0] if len(members) == 1 else named[0] if len(named) == 1 else None
