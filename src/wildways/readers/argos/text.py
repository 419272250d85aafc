"""Records of the Argos text formats DIAG and DS, each several lines long."""

import re
from collections.abc import Iterable, Iterator

from wildways.readers.argos.lines import Line
from wildways.readers.argos.record import Record

_DIAG_LINE = re.compile(r"\s*(\d+)\s+Date\s*:\s*(\d\d\.\d\d\.\d\d)\s+(\d\d:\d\d:\d\d)\s+LC\s*:\s*(\S*)")
_DIAG_ANY = re.compile(r"Date\s*:|LC\s*:")
_DIAG_POSITION = re.compile(r"Lat1\s*:\s*(\S+)\s+Lon1\s*:\s*(\S+)(?:\s+Lat2\s*:\s*(\S+)\s+Lon2\s*:\s*(\S+))?")
_COORDINATE = re.compile(r"(\d{1,3}(?:\.\d+)?)([NSEW])")
_DS_START = re.compile(r"\d{5}(?!\S)")
_PLATFORM = re.compile(r"\d{5,7}")
_UNKNOWN = "?"


def is_diag(lines: Iterable[Line]) -> bool:
    """Whether there is the beginning of a DIAG record among the lines."""
    return any(_DIAG_LINE.match(text) for _, text in lines)


def is_ds(lines: Iterable[Line]) -> bool:
    """Whether there is the beginning of a DS record among the lines."""
    return any(_ds_words(text) is not None for _, text in lines)


def read_diag(lines: Iterable[Line]) -> Iterator[Record]:
    """Read DIAG records: platform, date and class on the first line, two solutions on the second.

    The other lines are passed over. Solution 2 is the mirror image of the position on the other side of the satellite's
    track. A position of question marks means that there is none.

    References
    ----------
    CLS, Argos User's Manual, DIAG command.
    """
    record: Record | None = None
    for number, text in lines:
        if _DIAG_ANY.search(text):
            yield from _finished(record)
            record = _diag_start(number, text)
        elif "Lat1" in text:
            if record is None or record.latitude is not None:
                yield from _finished(record)
                record = Record(number, "record-broken")
            record = _with_position(record, text)
    yield from _finished(record)


def read_ds(lines: Iterable[Line]) -> Iterator[Record]:
    """Read DS records: the header has program, platform, counts, satellite and, if there is one, class and position.

    The messages below the header are passed over, and so is what stands before the first header. Longitudes may be
    counted from 0 to 360.

    References
    ----------
    CLS, Argos User's Manual, PRV/DS format.
    """
    is_begun = False
    for number, text in lines:
        words = _ds_words(text)
        if words is not None:
            is_begun = True
            yield _ds_record(number, words)
        elif is_begun and _DS_START.match(text):
            yield Record(number, "record-broken")


def _diag_start(number: int, text: str) -> Record:
    match = _DIAG_LINE.match(text)
    if match is None:
        return Record(number, "record-broken")
    platform, day, time, location_class = match.groups()
    return Record(number, platform=platform, stamp=f"{day} {time}", location_class=location_class or None)


def _with_position(record: Record, text: str) -> Record:
    match = _DIAG_POSITION.search(text)
    if match is None:
        return record._replace(fault="record-broken", latitude=_UNKNOWN)
    latitude, longitude, *second = match.groups()
    signed = [_signed(coordinate) for coordinate in (latitude, longitude)]
    if not all(signed):
        return record._replace(fault=record.fault or "hemisphere-missing", latitude=latitude, longitude=longitude)
    second_signed = [_signed(coordinate or _UNKNOWN) for coordinate in second]
    return record._replace(
        latitude=signed[0],
        longitude=signed[1],
        second_latitude=second_signed[0],
        second_longitude=second_signed[1],
    )


def _signed(coordinate: str) -> str | None:
    """A coordinate like ``111.811W`` with a sign, question marks as they are, None where it is neither."""
    if coordinate.startswith(_UNKNOWN):
        return _UNKNOWN
    match = _COORDINATE.fullmatch(coordinate)
    if match is None:
        return None
    value, hemisphere = match.groups()
    return f"-{value}" if hemisphere in "SW" else value


def _finished(record: Record | None) -> Iterator[Record]:
    """The record with question marks as nothing; one that ends before its positions is broken."""
    if record is None:
        return
    if record.latitude is None:
        record = record._replace(fault="record-broken")
    yield Record(record.line, *(None if value == _UNKNOWN else value for value in record[1:]))


def _ds_words(text: str) -> list[str] | None:
    """The words of a DS header, None where the line is no header."""
    if not _DS_START.match(text):
        return None
    words = text.split()
    is_header = (
        len(words) >= 5
        and _PLATFORM.fullmatch(words[1]) is not None
        and words[2].isdigit()
        and words[3].isdigit()
        and len(words[4]) <= 2
    )
    return words if is_header else None


def _ds_record(number: int, words: list[str]) -> Record:
    _, platform, _, _, _, *location = words
    if len(location) < 2:
        return Record(number, platform=platform)
    if len(location) < 5:
        return Record(number, "record-broken")
    location_class, day, time, latitude, longitude = location[:5]
    return Record(
        number,
        platform=platform,
        stamp=f"{day} {time}",
        location_class=location_class,
        latitude=latitude,
        longitude=longitude,
    )
