"""From the observations of a trajectory file to records as texts, times from whatever epoch and unit they count."""

import re
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from wildways.model import BadInput, Place
from wildways.readers.argos.record import SCHEMA
from wildways.readers.atn.netcdf import Floats, Observations

_UNITS = re.compile(
    r"(?P<unit>milliseconds?|seconds?|secs?|s|minutes?|min|hours?|h|days?|d) since (?P<day>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d*)?)?)?\s*(?:Z|UTC|GMT|\+?00:?00)?\s*",
    re.IGNORECASE,
)
_MILLISECONDS = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_CALENDARS = ("", "standard", "gregorian", "proleptic_gregorian")
_FAR_MS = 2**50


def to_records(observations: Observations, name: str) -> pa.Table:
    """The observations as texts, columns as in `argos.record.SCHEMA`; ``line`` is the observation's number."""
    about, n_rows = observations.about, len(observations.numbers["time"])
    columns: dict[str, list[str | None]] = {
        "animal": [about.get("animal") or (None if "tag" in about else about.get("deployment"))] * n_rows,
        "platform": [about.get("tag")] * n_rows,
        "stamp": _stamps(observations, name),
        **{field: _number_texts(values) for field, values in observations.numbers.items() if field != "time"},
        **{field: [text or None for text in texts.tolist()] for field, texts in observations.texts.items()},
    }
    arrays = [
        pa.array(range(1, n_rows + 1), pa.int64())
        if column.name == "line"
        else pa.array(columns.get(column.name, [None] * n_rows), pa.string())
        for column in SCHEMA
    ]
    return pa.table(arrays, schema=SCHEMA)


def _stamps(observations: Observations, name: str) -> list[str | None]:
    """The times as ISO 8601 texts in UTC, to the millisecond, which is what numbers counted from an epoch hold.

    One beyond all calendars comes as its bare number.
    """
    epoch, scale = _clock(observations, name)
    values = observations.numbers["time"]
    with np.errstate(all="ignore"):
        milliseconds = values * scale
    is_near = np.isfinite(values) & (np.abs(milliseconds) < _FAR_MS)
    whole = np.where(is_near, np.round(milliseconds), 0).astype("timedelta64[ms]")
    stamps = np.datetime_as_string(epoch + whole).tolist()
    others = _number_texts(values)
    return [f"{stamp}Z" if near else other for stamp, near, other in zip(stamps, is_near, others, strict=True)]


def _clock(observations: Observations, name: str) -> tuple[np.datetime64, int]:
    """The instant that times count from, and their unit in milliseconds."""
    match = _UNITS.fullmatch(observations.units)
    try:
        if match is None or observations.calendar not in _CALENDARS:
            raise ValueError
        year, month, day = (int(part) for part in match["day"].split("-"))
        hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
        epoch = np.datetime64(f"{datetime(year, month, day, hour, minute, second, tzinfo=UTC):%Y-%m-%dT%H:%M:%S}", "ms")
    except ValueError as error:
        raise BadInput(
            "atn-time",
            f"The time has the units “{observations.units}” and the calendar “{observations.calendar}”.",
            hint="Times count from a date, for example: seconds since 1990-01-01 00:00:00Z, in the standard calendar.",
            place=Place(name, None, observations.names["time"]),
        ) from error
    unit = match["unit"].lower()
    return epoch, 1 if unit.startswith("mill") else _MILLISECONDS["min" if unit.startswith("min") else unit[0]]


def _number_texts(values: Floats) -> list[str | None]:
    return [None if value != value else repr(value) for value in values.tolist()]


def instant_of(text: str | None) -> datetime | None:
    """A date and time of the metadata, UTC unless it says otherwise; None where it cannot be read."""
    try:
        instant = datetime.fromisoformat((text or "").replace("T ", "T"))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
