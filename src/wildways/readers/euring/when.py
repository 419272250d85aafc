"""When EURING records are of: an interval from date, accuracy of the date and local time of day."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.model.evidence import UTC_TIMESTAMP
from wildways.readers.euring.fields import BLANK, Codes, Mask, as_numbers, find_accuracy, is_blank
from wildways.readers.euring.judge import Judge
from wildways.readers.euring.layout import Records

FIRST_YEAR = 1890
"""Before it nobody ringed birds; a date earlier is a mistake."""

EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=-12)
"""Offsets from UTC of the zones where a day begins first and ends last."""

_DAY, _HOUR, _MINUTE = (np.int64(seconds * 1_000_000) for seconds in (86_400, 3_600, 60))

Moments = NDArray[np.int64]
"""Microseconds since 1970, local time."""


def find_intervals(
    records: Records, judge: Judge, *, time_zone: str | None, latest: datetime
) -> tuple[pa.TimestampArray, pa.TimestampArray]:
    """Find the earliest and the latest moment each record may be of.

    The local interval is the day and the days that the accuracy adds on either side; the hour or the minute where the
    day is certain and the time given. It ends a microsecond before the next day, hour or minute. With `time_zone` it
    is turned to UTC. EURING names no zone, so without one the interval reaches from the earliest it can be in any zone
    (UTC+14) to the latest (UTC-12): 26 hours more. Its middle is still on the date, at 11:00 UTC for a single day.

    Both are empty where no date is given or its accuracy bounds nothing (8, 9, not given).
    """
    day, is_date = _find_days(records, judge, latest)
    accuracy, _ = find_accuracy("accuracy_of_date", records.field("accuracy_of_date"))
    is_bound = is_date & np.isfinite(accuracy)
    judge.remark("date-open", "accuracy_of_date", is_date & ~is_bound)
    margin = np.nan_to_num(accuracy).astype(np.int64)
    start, end = (day - margin) * _DAY, (day + margin + 1) * _DAY
    from_midnight, length = _find_times(records.field("time"), judge, is_bound & (margin == 0))
    start, end = start + from_midnight, np.where(length > 0, start + from_midnight + length, end)
    if time_zone is None:
        judge.remark("time-zone-open", "time", is_bound)
    return _as_utc(start, is_bound, time_zone, "earliest"), _as_utc(end - 1, is_bound, time_zone, "latest")


def _find_days(records: Records, judge: Judge, latest: datetime) -> tuple[Moments, Mask]:
    """Days since 1970, and where there is a date; 0 where there is none."""
    codes = records.field("date")
    is_given = ~is_blank(codes)
    day, month, year = _padded_pair(codes[:, :2]), _padded_pair(codes[:, 2:4]), as_numbers(codes[:, 4:])
    is_month = (year >= FIRST_YEAR) & (month >= 1) & (month <= 12)
    months = np.where(is_month, (year - 1970) * 12 + month - 1, 0)
    first, following = (_days_before(months + step) for step in (0, 1))
    is_date = is_month & (day >= 1) & (day <= following - first)
    days = np.where(is_date, first + day - 1, 0)
    judge.refuse("date-unreadable", "date", is_given & ~is_date)
    last_day = latest.date().toordinal() - datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a day
    judge.refuse("date-future", "date", days > last_day)
    judge.remark("date-missing", "date", ~is_given)
    judge.remark("date-padded", "date", (codes == BLANK).any(axis=1) & is_given)
    return days, is_date


def _days_before(months: NDArray[np.int64]) -> NDArray[np.int64]:
    days: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def _padded_pair(codes: Codes) -> NDArray[np.int64]:
    """Numbers of two characters, one of which may be a blank; -1 where they are none."""
    numbers = as_numbers(codes)
    for place in (0, 1):
        single = as_numbers(codes[:, place : place + 1])
        numbers = np.where((codes[:, 1 - place] == BLANK) & (single >= 0), single, numbers)
    return numbers


def _find_times(codes: Codes, judge: Judge, is_wanted: Mask) -> tuple[Moments, Moments]:
    """Time since midnight and how long it lasts: a minute, an hour, or 0 where no time is known."""
    hour, minute = as_numbers(codes[:, :2]), as_numbers(codes[:, 2:])
    is_hour = (hour >= 0) & (hour < 24)
    is_whole_hour = is_hour & is_blank(codes[:, 2:])
    is_minute = is_hour & (minute >= 0) & (minute < 60)
    is_time = is_whole_hour | is_minute
    judge.remark("time-unreadable", "time", ~is_time & ~is_blank(codes) & is_wanted)
    moment = hour * _HOUR + np.where(is_minute, minute * _MINUTE, 0)
    length = np.where(is_minute, _MINUTE, _HOUR)
    return np.where(is_time & is_wanted, moment, 0), np.where(is_time & is_wanted, length, 0)


def _as_utc(local: Moments, is_known: Mask, time_zone: str | None, side: str) -> pa.TimestampArray:
    if time_zone is not None:
        naive = pa.array(local, pa.timestamp("us"), mask=~is_known)
        return pc.assume_timezone(naive, time_zone, ambiguous=side, nonexistent=side).cast(UTC_TIMESTAMP)
    offset = EARLIEST_ZONE if side == "earliest" else LATEST_ZONE
    return pa.array(local - offset // timedelta(microseconds=1), UTC_TIMESTAMP, mask=~is_known)
