"""One row of a table of records: its fields read as texts, numbers, words, places and times, and what is odd noted."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from wildways.model import EvidenceClass, Source
from wildways.readers.fields import normalise
from wildways.readers.findings import load_messages
from wildways.readers.periods import NeverWas, Period, read_period

if TYPE_CHECKING:
    from pyproj import Transformer

FINDINGS = "tables/findings.csv"
BEYOND_DEGREES = 360
"""Coordinates larger than this are not degrees."""

_TWO_DAYS = timedelta(days=2)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "t"), True),
    **dict.fromkeys(("false", "no", "n", "0", "f"), False),
}
_SEXES = {"f": "f", "female": "f", "m": "m", "male": "m", "u": "u", "unknown": "u", "undetermined": "u"}


class Refused(Exception):
    """A row cannot be kept: the code of the reason, the field it lies in, and the value found there."""

    def __init__(self, code: str, field: str, example: str | None = None) -> None:
        super().__init__(code)
        self.code, self.field, self.example = code, field, example


@dataclass
class Count:
    """How many rows one code is about, and the first of them: its number, field and value."""

    n_rows: int
    row: int
    field: str
    example: str | None


@dataclass
class Ledger:
    """Counts of what was refused and what was remarked on, by code."""

    counts: dict[str, Count] = field(default_factory=dict)

    def add(self, code: str, row: int, field: str, example: str | None = None) -> None:
        """Count a row under a code; the codes are those of `load_messages`."""
        if code in self.counts:
            self.counts[code].n_rows += 1
        else:
            self.counts[code] = Count(1, row, field, example if example is None else example[:80])

    @property
    def n_refused(self) -> int:
        """Rows refused, over all reasons."""
        return sum(count.n_rows for code, count in self.counts.items() if load_messages(FINDINGS)[code].is_refusal)


@dataclass(frozen=True)
class Setting:
    """What the source and the options say about every row.

    Parameters
    ----------
    study : study of rows that name none; `is_study_a_guess` where it is only the source's id
    zone : time zone of stamps without an offset; `is_zone_known` where the source or the format says so
    transformer : from the source's CRS, where there is one, to degrees
    latest : later times are the future
    names : field → column of the file, for verbatim values
    constants : field → value of all rows, where the file has no column for it
    """

    source: Source
    study: str
    is_study_a_guess: bool
    zone: tzinfo = UTC
    is_zone_known: bool = True
    transformer: "Transformer | None" = None
    latest: datetime | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


class Row:
    """One row; every question to it may note a remark or raise `Refused`."""

    def __init__(self, number: int, values: Mapping[str, str | None], setting: Setting) -> None:
        self.number = number
        self._values, self._setting = values, setting
        self._notes: list[tuple[str, str, str | None]] = []

    def note(self, code: str, field: str, example: str | None = None) -> None:
        """Remark on this row, once it is kept."""
        self._notes.append((code, field, example))

    def enter(self, ledger: Ledger, refused: Refused | None) -> None:
        """Count this row's remarks, of each code the first, or its refusal alone."""
        notes = self._notes if refused is None else [(refused.code, refused.field, refused.example)]
        first = {code: (field_, example) for code, field_, example in reversed(notes)}
        for code, (field_, example) in reversed(first.items()):
            ledger.add(code, self.number, field_, example)

    def text(self, field: str) -> str | None:
        """The field's text without the spaces around it; nothing where it is blank."""
        value = self._values.get(field, self._setting.constants.get(field))
        return None if value is None else value.strip() or None

    def demand(self, field: str) -> str:
        """The field's text, which must be there."""
        value = self.text(field)
        if value is None:
            raise Refused("field-missing", field)
        return value

    def number_in(self, field: str, *, least: float = 0.0) -> float | None:
        """The field's number; what is none, or is smaller than `least`, counts as not given and is noted."""
        text = self.text(field)
        if text is None:
            return None
        value = _number(text)
        if value is None or value < least:
            self.note("number-unreadable", field, text)
            return None
        return value

    def flag(self, field: str, words: Mapping[str, bool] | None = None) -> bool | None:
        """Yes, no, or nothing where it is blank or neither, which is noted; `words` adds to the usual ones."""
        text = self.text(field)
        value = None if text is None else {**_FLAGS, **(words or {})}.get(normalise(text))
        if text is not None and value is None:
            self.note("flag-unreadable", field, text)
        return value

    def sex(self, field: str) -> str | None:
        """``m``, ``f`` or ``u``; nothing where it is blank or none of these, which is noted."""
        text = self.text(field)
        value = None if text is None else _SEXES.get(text.lower())
        if text is not None and value is None:
            self.note("sex-unreadable", field, text)
        return value

    def study(self, field: str) -> str:
        """The study: of the row, or else of the source."""
        text = self.text(field)
        if text is None and self._setting.is_study_a_guess:
            self.note("study-assumed", field, self._setting.study)
        return text or self._setting.study

    def taxon(self, field: str) -> str | None:
        """The scientific name: of the row, or else of the source."""
        text = self.text(field) or self._setting.source.taxon
        if text is None:
            self.note("taxon-missing", field)
        return text

    def citation(self, field: str) -> str | None:
        """Where it is from: of the row, or else of the source."""
        return self.text(field) or self._setting.source.citation or None

    def evidence_class(self, field: str, otherwise: EvidenceClass | None = None) -> EvidenceClass:
        """How it came to be known; `otherwise` where the row does not say.

        Without that either, a statement with a citation counts as literature and one without as expert, which is noted.
        """
        text = self.text(field)
        if text is not None:
            return _evidence_class(text, field)
        if otherwise is None:
            self.note("evidence-class-assumed", field)
            return EvidenceClass.EXPERT if self.citation("citation") is None else EvidenceClass.LITERATURE
        return otherwise

    def position(self, x_field: str, y_field: str) -> tuple[float, float] | tuple[None, None]:
        """Longitude and latitude in degrees, or nothing where the row has no coordinates, which is noted."""
        x, y = self._coordinate(x_field, "longitude-unreadable"), self._coordinate(y_field, "latitude-unreadable")
        if x is None or y is None:
            self.note("position-missing", x_field if x is None else y_field)
            return None, None
        if self._setting.transformer is not None:
            longitude, latitude = self._setting.transformer.transform(x, y)
            if not (math.isfinite(longitude) and math.isfinite(latitude)):
                raise Refused("position-outside-crs", x_field, f"{self.text(x_field)} {self.text(y_field)}")
            return longitude, latitude
        if abs(y) > 90:
            raise Refused("projected" if abs(y) > BEYOND_DEGREES else "latitude-range", y_field, self.text(y_field))
        if not -180 <= x <= 360:
            raise Refused("projected" if abs(x) > BEYOND_DEGREES else "longitude-range", x_field, self.text(x_field))
        if x > 180:
            self.note("longitude-wrapped", x_field, self.text(x_field))
        if x == y == 0:
            self.note("position-zero", x_field, "0, 0")
        return (x - 360 if x > 180 else x), y

    def period(
        self, field: str, end_field: str | None = None, *, read: Callable[[str, tzinfo], Period] = read_period
    ) -> tuple[datetime, datetime] | tuple[None, None]:
        """Earliest and latest moment; nothing where the row has no date, which is noted.

        Parameters
        ----------
        end_field : field of a second date, up to which the time lasts
        read : what reads the text
        """
        first = self._period_of(field, read)
        last = self._period_of(end_field, read) if end_field is not None else None
        known = [period for period in (first, last) if period is not None]
        if not known:
            self.note("date-missing", field)
            return None, None
        if known[-1].end < known[0].start:
            raise Refused("date-order", field, f"{self.text(field)} – {self.text(end_field or field)}")
        return known[0].start, known[-1].end

    def verbatim(self, *fields: str) -> str | None:
        """The row's own values of these fields by their columns in the file, as JSON; nothing where all are blank."""
        found = {self._setting.names.get(field, field): self._values.get(field) for field in fields}
        found = {name: value for name, value in found.items() if value is not None}
        return json.dumps(found, ensure_ascii=False) if found else None

    def _coordinate(self, field: str, code: str) -> float | None:
        text = self.text(field)
        if text is None:
            return None
        value = _number(text)
        if value is None:
            raise Refused(code, field, text)
        return value

    def _period_of(self, field: str, read: Callable[[str, tzinfo], Period]) -> Period | None:
        text = self.text(field)
        if text is None:
            return None
        try:
            period = read(text, self._setting.zone)
        except NeverWas:
            raise Refused("time-nonexistent", field, text) from None
        except (ValueError, OverflowError):
            raise Refused("date-unreadable", field, text) from None
        if self._setting.latest is not None and period.start > self._setting.latest:
            raise Refused("date-future", field, text)
        if period.has_clock and period.is_local and not self._setting.is_zone_known:
            raise Refused("time-zone-missing", field, text)
        if period.is_ambiguous:
            self.note("date-ambiguous", field, text)
        elif period.is_local and not self._setting.is_zone_known and period.end - period.start < _TWO_DAYS:
            self.note("day-of-utc", field, text)
        return period


def _evidence_class(text: str, field: str) -> EvidenceClass:
    try:
        return EvidenceClass(normalise(text))
    except ValueError:
        raise Refused("evidence-class-unknown", field, text) from None


def _number(text: str) -> float | None:
    """A finite decimal number with a point, or nothing."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
