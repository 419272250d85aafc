"""What people saw and did in a Darwin Core Archive: tags put on and taken off, and known animals met again."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from wildways.model import Finding, Place, PositionOf
from wildways.readers.dwca.deployments import Animal, Deployments, TagEnd
from wildways.readers.dwca.phrases import load_phrases, simplify
from wildways.readers.findings import load_messages
from wildways.readers.periods import NeverWas, Period, read_period

Values = Mapping[str, str | None]
"""Term → value."""

EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=-12)
"""Offsets from UTC of the zones where a day begins first and ends last."""

FINDINGS = "dwca/findings.csv"

_OF_EVENT = ("eventType", "samplingProtocol", "eventRemarks")
_OF_DEPLOYMENT = ("parentEventID", "eventID", "occurrenceID")
_INTERPRETED = ("eventDate", "eventType", "samplingProtocol", "sex", "coordinateUncertaintyInMeters")
_SEXES = MappingProxyType({"m": "m", "male": "m", "f": "f", "female": "f", "u": "u", "unknown": "u"})


@dataclass
class Remark:
    """How many rows a remark is on, and what is known of the first."""

    n_rows: int
    line: int
    example: str | None


@dataclass
class People:
    """Takes in the rows of human observations one by one.

    Parameters
    ----------
    zone : zone of dates without offset
    is_zone_known : whether it is more than a guess; else such dates last as long as they can in any zone
    taxon : of rows that name none
    latest : what lies after it is the future
    """

    zone: tzinfo
    is_zone_known: bool
    taxon: str | None
    latest: datetime
    deployments: Deployments = field(default_factory=Deployments)
    encounters: list[dict[str, object]] = field(default_factory=list)
    animals: dict[Animal, dict[str, str | None]] = field(default_factory=dict)
    met: set[Animal] = field(default_factory=set)
    remarks: dict[str, Remark] = field(default_factory=dict)

    def add(self, row: int, line: int, study: str, values: Values) -> str | None:
        """Take in a row; the reason where it is refused."""
        organism = values.get("organismID")
        if organism is None:
            return "observed-no-animal"
        animal = (study, organism)
        period = self._period(values.get("eventDate"), line)
        if period and period[0] > self.latest:
            return "observed-future"
        event = next(filter(None, (_event_of(values.get(term)) for term in _OF_EVENT)), None)
        if event == "deployment-start":
            names = (values.get(term) for term in _OF_DEPLOYMENT)
            if not self.deployments.start(animal, next(filter(None, names), organism), period and period[0]):
                return "deployment-repeated"
            self._remark("tag-attachment", line, values.get("samplingProtocol"))
        elif event == "deployment-end":
            end = TagEnd(row, line, animal, values.get("parentEventID"), period and period[1])
            self.deployments.end(end)
            self._remark("tag-end", line, values.get("samplingProtocol"))
        else:
            self._meet(row, line, animal, event, period, values)
        self.met.add(animal)
        self.note(animal, values.get("scientificName") or self.taxon, values.get("sex"), values.get("lifeStage"))
        return None

    def settle(self) -> list[TagEnd]:
        """Bring starts and ends of deployments together; the ends that are of none, which are refused."""
        unmatched = self.deployments.settle()
        if unmatched:
            self.remarks["tag-end"].n_rows -= len(unmatched)
        return unmatched

    def note(self, animal: Animal, taxon: str | None, sex: str | None, life_stage: str | None) -> None:
        """Note what is said of an animal; what was said first stays, and m or f wins over unknown."""
        known = self.animals.get(animal, {})
        said = _SEXES.get((sex or "").lower())
        self.animals[animal] = {
            "taxon": known.get("taxon") or taxon,
            "sex": said if known.get("sex") in (None, "u") and said else known.get("sex"),
            "life_stage": known.get("life_stage") or life_stage,
        }

    def findings(self, name: str) -> list[Finding]:
        """The remarks, by code; `name` is the file."""
        messages = load_messages(FINDINGS)
        return [
            messages[code].finding(code, remark.n_rows, Place(name, remark.line), remark.example)
            for code, remark in sorted(self.remarks.items())
            if remark.n_rows
        ]

    def _meet(
        self,
        row: int,
        line: int,
        animal: Animal,
        event: str | None,
        period: tuple[datetime, datetime] | None,
        values: Values,
    ) -> None:
        """Add an encounter."""
        longitude = _within(values.get("decimalLongitude"), 180)
        latitude = _within(values.get("decimalLatitude"), 90)
        uncertainty = _within(values.get("coordinateUncertaintyInMeters"), math.inf)
        is_placed = longitude is not None and latitude is not None
        self._remark("met-by-people", line, values.get("eventType") or values.get("samplingProtocol"))
        if event is None:
            self._remark("event-assumed", line, values.get("eventType") or values.get("samplingProtocol"))
        if not is_placed and (values.get("decimalLongitude") or values.get("decimalLatitude")):
            self._remark("position-unreadable", line, values.get("decimalLongitude"))
        self.encounters.append(
            {
                "source_row": row,
                "study_id": animal[0],
                "organism_id": animal[1],
                "taxon": values.get("scientificName") or self.taxon,
                "start_utc": period and period[0],
                "end_utc": period and period[1],
                "longitude": longitude if is_placed else None,
                "latitude": latitude if is_placed else None,
                "uncertainty_m": uncertainty if is_placed and uncertainty and uncertainty > 0 else None,
                "position_of": PositionOf.MARKING_PLACE if event == "marking" else PositionOf.FINDING_PLACE,
                "place": values.get("locality"),
                "event": event or "resighting",
                "condition": values.get("vitality"),
                "circumstances": values.get("occurrenceRemarks") or values.get("eventRemarks"),
                "sex": _SEXES.get((values.get("sex") or "").lower()),
                "age": values.get("lifeStage"),
                "verbatim": _verbatim(values),
            }
        )

    def _period(self, text: str | None, line: int) -> tuple[datetime, datetime] | None:
        """Earliest and latest moment of an eventDate."""
        if text is None:
            self._remark("date-missing", line, None)
            return None
        try:
            period: Period = read_period(text, self.zone)
            is_open = period.is_local and not self.is_zone_known
            earliest, latest = (EARLIEST_ZONE, LATEST_ZONE) if is_open else (timedelta(0), timedelta(0))
            moments = period.start - earliest, period.end - latest
        except (NeverWas, ValueError, OverflowError):
            self._remark("date-unreadable", line, text)
            return None
        if is_open:
            self._remark("time-zone-open", line, text)
        return moments

    def _remark(self, code: str, line: int, example: str | None) -> None:
        known = self.remarks.setdefault(code, Remark(0, line, example))
        known.n_rows += 1


def _event_of(phrase: str | None) -> str | None:
    return load_phrases("event").get(simplify(phrase)) if phrase else None


def _within(text: str | None, most: float) -> float | None:
    """A number no greater than `most` either way; None where the text is none."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= most else None


def _verbatim(values: Values) -> str:
    given = {term: values[term] for term in _INTERPRETED if values.get(term) is not None}
    return json.dumps(given, ensure_ascii=False, sort_keys=True)
