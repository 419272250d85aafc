"""Dates as tables give them, to the year, month, day or second: the earliest and latest moment each may mean."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

EARLIEST_YEAR, LATEST_YEAR = 1700, 2200

_MOMENT = timedelta(microseconds=1)
_STAMP = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_SEASON = re.compile(r"(?P<first>\d{4})\s*[-/–—]\s*(?P<last>\d{4}|\d{2})", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A time known more or less exactly.

    Parameters
    ----------
    start, end : earliest and latest moment (UTC); equal where the moment is known
    is_local : whether the text names no offset, so that the zone decided
    has_clock : whether the text gives a time of day
    is_ambiguous : whether the text can be read in two ways, both of which the period holds
    """

    start: datetime
    end: datetime
    is_local: bool = True
    has_clock: bool = False
    is_ambiguous: bool = False


class NeverWas(ValueError):
    """A wall time over which the clock was set forward."""


def read_period(text: str, zone: tzinfo = UTC) -> Period:
    """Read ``2019``, ``2019-07``, ``2019-07-15``, ``2019-07-15 21:30[:05][Z|+02:00]``, or two of them with a slash.

    A year, month or day lasts from its first to its last microsecond in `zone`. A wall time that the clock showed twice
    becomes the period between the two.

    Raises
    ------
    ValueError : it is none of these, or lies outside the years 1700 to 2200
    NeverWas : the clock was set forward over it
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _read_stamp(text.strip(), zone)
    start, end = _read_stamp(first.strip(), zone), _read_stamp(last.strip(), zone)
    if end.end < start.start:
        raise ValueError("the end lies before the start")
    return Period(start.start, end.end, start.is_local or end.is_local, start.has_clock or end.has_clock)


def read_season(text: str, zone: tzinfo = UTC) -> Period:
    """Read a season: what `read_period` reads, or ``2018-2019``, ``2018/19``, ``2018-19``: two years in a row.

    ``2008-09`` may be September 2008 or the season that began in 2008: the period holds both, and says so.

    Raises
    ------
    ValueError : it is none of these, or the years are not in order
    """
    match = _SEASON.fullmatch(text.strip())
    if match is None:
        return read_period(text, zone)
    first, written = int(match["first"]), match["last"]
    last = int(written) if len(written) == 4 else first - first % 100 + int(written)
    last += 100 if last < first and len(written) == 2 and first % 100 == 99 else 0
    is_next = last == first + 1
    is_month = len(written) == 2 and "-" in text and 1 <= int(written) <= 12
    if is_month and not is_next:
        return read_period(text, zone)
    if last < first:
        raise ValueError("the season ends before it begins")
    start, end = _read_stamp(str(first), zone), _read_stamp(str(last), zone)
    return Period(start.start, end.end, is_ambiguous=is_month)


def _read_stamp(text: str, zone: tzinfo) -> Period:
    match = _STAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text}” is not a date")
    year, month, day = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
    if year is None or not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"the year of “{text}” lies outside {EARLIEST_YEAR} to {LATEST_YEAR}")
    if match["hour"] is None:
        first = datetime(year, month or 1, day or 1, tzinfo=zone)
        last_month = month or 12
        last = datetime(year, last_month, day or monthrange(year, last_month)[1], tzinfo=zone) + timedelta(days=1)
        return Period(first.astimezone(UTC), last.astimezone(UTC) - _MOMENT)
    second, fraction = int(match["second"] or 0), int((match["fraction"] or "0").ljust(6, "0")[:6])
    wall = datetime(year, month or 1, day or 1, int(match["hour"]), int(match["minute"]), second, fraction)  # noqa: DTZ001
    if match["offset"] is not None:
        moment = (wall.replace(tzinfo=_offset(match["offset"]))).astimezone(UTC)
        return Period(moment, moment, is_local=False, has_clock=True)
    return _of_wall(wall, zone)


def _of_wall(wall: datetime, zone: tzinfo) -> Period:
    once, again = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if once.astimezone(zone).replace(tzinfo=None) != wall:
        raise NeverWas("the clock was set forward over this time")
    return Period(min(once, again), max(once, again), has_clock=True, is_ambiguous=once != again)


def _offset(text: str) -> tzinfo:
    if text.upper() == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 15 or minutes > 59:
        raise ValueError(f"“{text}” is no offset")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
