"""ATN trajectory netCDF: the track of one animal with a satellite tag."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import TABLES, BadInput, Place, Source
from wildways.readers.argos_judge import REMARKS, Judge, to_fixes
from wildways.readers.argos_record import SCHEMA
from wildways.readers.atn_netcdf import SIGNATURE, Floats, Observations, read_observations
from wildways.readers.contract import FIX_SCHEMA, Account, Reading, ReadingOptions, reader_schema
from wildways.readers.marine_findings import demand_degrees, make_findings
from wildways.readers.tally import Tally

BATCH_OBSERVATIONS = 50_000

_BEGINNING_BYTES = 2_000_000
_MARKS = ((b"time",), (b"lat",), (b"lon",), (b"location_class", b"argosLC", b"trajectory"))
"""Names of which every group has one in the file's own lists of names."""

_UNITS = re.compile(
    r"(?P<unit>milliseconds?|seconds?|secs?|s|minutes?|min|hours?|h|days?|d) since (?P<day>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d*)?)?)?\s*(?:Z|UTC|GMT|\+?00:?00)?\s*",
    re.IGNORECASE,
)
_MILLISECONDS = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_CALENDARS = ("", "standard", "gregorian", "proleptic_gregorian")
_SEXES = {"m": "m", "male": "m", "f": "f", "female": "f", "u": "u", "unknown": "u"}
_FAR_MS = 2**50
_FIELD_OF = {
    "deployment-point": "type",
    "no-position": "latitude",
    "latitude-unreadable": "latitude",
    "latitude-range": "latitude",
    "longitude-unreadable": "longitude",
    "longitude-range": "longitude",
    "longitude-wrapped": "longitude",
    "position-zero": "longitude",
    "class-unknown": "location_class",
    "uncertainty-unusable": "radius",
    "ellipse-offset": "offset",
}
"""Code → field of the variables it is about; the time where a code is not in it."""


class AtnTrajectory:
    """Reads trajectory files of the IOOS Animal Telemetry Network: netCDF-4, one deployment a file.

    Files in the style of the standardisation framework for bio-logging do as well, whatever their attributes lack.
    QARTOD flags are not read: the quality rules of the atlas are run on every track alike.

    References
    ----------
    IOOS ATN Satellite Telemetry Specification 1.0 (2023). Sequeira et al. (2021), Methods in Ecology and Evolution
    12:996-1007, doi:10.1111/2041-210X.13593.
    """

    name = "atn-trajectory"
    version = "1"
    description = "ATN trajectory netCDF: the track of one satellite tag, with Argos classes and error ellipses"

    def claims(self, file: Path) -> bool:
        """Whether the beginning of the file is that of netCDF-4 and names what a trajectory has."""
        try:
            with file.open("rb") as stream:
                start = stream.read(_BEGINNING_BYTES)
        except OSError:
            return False
        return start.startswith(SIGNATURE) and all(any(mark in start for mark in marks) for marks in _MARKS)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a trajectory; see `Reader.read`."""
        options = options or ReadingOptions()
        name = options.name or str(file)
        demand_degrees(source, name)
        return TrajectoryReading(file, name, source, options)


class TrajectoryReading:
    """A trajectory file being read; see `Reading`. The file is read on entering."""

    def __init__(self, file: Path, name: str, source: Source, options: ReadingOptions) -> None:
        self._file, self._name, self._source, self._options = file, name, source, options
        self._stack = ExitStack()
        self._tally = Tally(REMARKS)
        self._on: list[datetime] = []
        self._organism: str | None = None
        self.names_study = source.study is not None
        self.account = Account(0, 0)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._observations = read_observations(self._file, self._name)
            self._records = _to_records(self._observations, self._name)
            taxon = self._observations.about.get("taxon") or self._source.taxon
            self._named = self._source.model_copy(update={"taxon": taxon})
            self._judge = stack.enter_context(Judge(self._named, self._options, self._name))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order."""
        return pa.RecordBatchReader.from_batches(FIX_SCHEMA, self._batches())

    def tables(self) -> Mapping[str, pa.Table]:
        """The study, the animal and its deployment."""
        if self._organism is None:
            return {}
        about, study = self._observations.about, self._named.study or self._options.study or self._named.id
        start, end = (_instant(about.get(field)) for field in ("start", "end"))
        organism = {
            "study_id": study,
            "organism_id": self._organism,
            "taxon": self._named.taxon,
            "sex": _SEXES.get(about.get("sex", "").lower()),
            "life_stage": about.get("life-stage"),
        }
        deployment = {
            "study_id": study,
            "deployment_id": about.get("deployment") or " ".join(filter(None, (about.get("tag"), self._organism))),
            "organism_id": self._organism,
            "tag_id": about.get("tag"),
            "deploy_on_utc": start or min(self._on, default=None),
            "deploy_off_utc": end,
        }
        rows = {"study": {"study_id": study, "name": study}, "organism": organism, "deployment": deployment}
        return {name: pa.Table.from_pylist([row], reader_schema(TABLES[name])) for name, row in rows.items()}

    def _batches(self) -> Iterator[pa.RecordBatch]:
        n_rows = len(self._records)
        for start in range(0, n_rows, BATCH_OBSERVATIONS):
            judged = self._judge.judge(self._records.slice(start, BATCH_OBSERVATIONS))
            self._tally.add(judged)
            self._note_animal(judged)
            yield to_fixes(judged, start + 1)
        self.account = Account(n_rows, n_rows - self._tally.n_refused, make_findings(self._tally, self._place))

    def _note_animal(self, judged: pa.RecordBatch) -> None:
        """Remember the animal, and when its owner says the tag was put on."""
        named = judged["organism_id"].drop_null()
        self._organism = named[0].as_py() if len(named) else self._organism
        points = judged.filter(pc.equal(judged["reason"], "deployment-point"))
        self._on += points["time_utc"].drop_null().to_pylist()

    def _place(self, code: str, index: int) -> Place:
        """The number of the observation stands for the line."""
        field = _FIELD_OF.get(code, "time")
        return Place(self._name, index + 1, self._observations.names.get(field, field))


def _to_records(observations: Observations, name: str) -> pa.Table:
    """The observations as texts, columns as in `argos_record.SCHEMA`; ``line`` is the number of the observation."""
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


def _instant(text: str | None) -> datetime | None:
    """A date and time of the metadata, UTC unless it says otherwise; None where it cannot be read."""
    try:
        instant = datetime.fromisoformat((text or "").replace("T ", "T"))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
