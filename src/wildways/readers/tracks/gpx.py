"""GPX 1.0 and 1.1: each track is an animal, each track point a fix; waypoints and routes are counted."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from wildways.model import BadInput, Place, Source
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.findings import Message
from wildways.readers.opening import first_bytes, open_file
from wildways.readers.tracks.reading import TrackReading
from wildways.readers.tracks.rows import ROWS_A_BATCH, SetAside
from wildways.readers.xmlstream import Attributes, XmlStream, root_of
from wildways.readers.xmlstream import Path as ElementPath

_OF_POINT = ("timestamp", "location-long", "location-lat")
_OF_TRACK = ("name", "cmt", "desc", "src", "number", "type")
_COLUMNS = (*_OF_POINT, *_OF_TRACK, "file-name")
_TRACK = ("gpx", "trk")
_POINT = (*_TRACK, "trkseg", "trkpt")
_TIME = (*_POINT, "time")
_ASIDE = MappingProxyType({("gpx", "wpt"): "waypoint", ("gpx", "rte", "rtept"): "route-point"})
_REASONS = MappingProxyType(
    {
        "waypoint": Message("These are waypoints: places, not positions of an animal.", "Nothing to do."),
        "route-point": Message("These are points of routes: plans, not positions of an animal.", "Nothing to do."),
    }
)
_NAME_TRACKS = (
    "Give the tracks names, or set columns in the module: individual-local-identifier to one of "
    "cmt, desc, src, number, type and file-name."
)


class Gpx:
    """Reads GPX files; the name of a track is the animal, and times are UTC as the format demands.

    References
    ----------
    GPX 1.1 schema documentation, https://www.topografix.com/GPX/1/1/
    """

    name = "gpx"
    version = "1"
    description = "GPX 1.0 and 1.1: tracks with times, each named after its animal"

    def claims(self, file: Path) -> bool:
        """Whether the root element is ``gpx``."""
        return root_of(first_bytes(file)) == "gpx"

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the tracks; see `Reader.read`."""
        options = options or ReadingOptions()
        return TrackReading(GpxRows(file, options.name or str(file)), source, options)


class GpxRows:
    """The points of a GPX file in document order; see `RowSource`."""

    columns = _COLUMNS
    defaults: Mapping[str, str] = MappingProxyType({"individual-local-identifier": "name"})
    is_utc = True
    crs = "EPSG:4326"
    hints: Mapping[str, str] = MappingProxyType({"no-animal": _NAME_TRACKS, "time-missing": "Export it with times."})

    def __init__(self, file: Path, name: str) -> None:
        self.file, self.name = file, name
        self.set_aside = SetAside(_REASONS)

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the track points."""
        walk = _Walk(self.name, self.file.stem, self.set_aside)
        with open_file(self.file, self.name) as stream:
            for _ in walk.xml.read(stream):
                if len(walk.points) >= ROWS_A_BATCH:
                    yield walk.take(wanted)
        if not walk.is_gpx:
            raise BadInput("not-gpx", "This is XML, but not GPX.", hint="Choose its reader.", place=Place(self.name))
        yield walk.take(wanted)

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which points start; the document is read up to the last of them."""
        walk = _Walk(self.name, self.file.stem, SetAside(_REASONS), set(rows))
        with open_file(self.file, self.name) as stream:
            for _ in walk.xml.read(stream):
                walk.points.clear()
                if walk.n_rows >= rows[-1]:
                    break
        return walk.lines


class _Walk:
    """A walk through a document: the points since the last `take`, and the lines of the rows that are wanted."""

    def __init__(self, name: str, stem: str, aside: SetAside, wanted: set[int] | None = None) -> None:
        self.xml = XmlStream(name, start=self._start, end=self._end, is_text_wanted=self._is_text_wanted)
        self.points: list[tuple[str | None, ...]] = []
        self.lines: dict[int, int] = {}
        self.n_rows = 0
        self.is_gpx = False
        self._stem, self._aside, self._wanted = stem, aside, wanted or set()
        self._track: dict[str, str] = {}
        self._point: Attributes = {}
        self._time: str | None = None

    def take(self, wanted: Sequence[int]) -> list[pa.Array]:
        """The wanted columns of the points since the last call."""
        columns = list(zip(*self.points, strict=True)) or [()] * len(_COLUMNS)
        self.points = []
        return [pa.array(columns[index], pa.string()) for index in wanted]

    def _is_text_wanted(self, path: ElementPath) -> bool:
        return path == _TIME or (len(path) == 3 and path[:2] == _TRACK and path[2] in _OF_TRACK)

    def _start(self, path: ElementPath, attributes: Attributes) -> None:
        self.is_gpx |= path == ("gpx",)
        if path == _TRACK:
            self._track = {}
        elif path == _POINT or path in _ASIDE:
            self.n_rows += 1
            if self.n_rows in self._wanted:
                self.lines[self.n_rows] = self.xml.line
            self._point, self._time = attributes, None
            if path != _POINT:
                self._aside.add(_ASIDE[path], self.n_rows, line=self.xml.line, field=path[-1])

    def _end(self, path: ElementPath, text: str) -> None:
        if path == _TIME:
            self._time = text or None
        elif path == _POINT:
            lon, lat = self._point.get("lon") or None, self._point.get("lat") or None
            of_track = [self._track.get(name) for name in _OF_TRACK]
            self.points.append((self._time, lon, lat, *of_track, self._stem))
        elif path[:2] == _TRACK and len(path) == 3 and path[2] in _OF_TRACK:
            self._track[path[2]] = text
