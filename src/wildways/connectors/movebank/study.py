"""What Movebank says of a study apart from its events: itself, its sensors and their attributes, its reference data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wildways.connectors.clock import Clock
from wildways.connectors.movebank.plan import Extent
from wildways.connectors.movebank.reference import Reference, Row
from wildways.connectors.movebank.service import Movebank
from wildways.connectors.tables import read_rows
from wildways.model import BadInput, MovebankStudy, NotAllowed, NotFound
from wildways.readers.fields import load_table

EVENT_KEYS = ("event_id", "tag_id", "timestamp", "sensor_type_id")
"""Columns of events without which nothing can be merged."""

_ALWAYS = (
    *EVENT_KEYS,
    "update_ts",
    "visible",
    "location_long",
    "location_lat",
    "individual_local_identifier",
    "tag_local_identifier",
    "individual_taxon_canonical_name",
    "individual_id",
    "deployment_id",
)
_LICENCES = {"CC_0": "CC0-1.0", "CC_BY": "CC-BY-4.0", "CC_BY_NC": "CC-BY-NC-4.0"}


@dataclass(frozen=True)
class Study:
    """What was learnt of a study.

    Parameters
    ----------
    row : Movebank's description of it, field → text
    now_utc : the service's clock when it was asked
    sensors : sensor id → name, of those that are wanted
    attributes : sensor id → attributes of events to ask for
    individual_ids : Movebank's ids of the animals that are wanted; empty means all
    """

    row: Row
    now_utc: datetime
    sensors: Mapping[int, str]
    attributes: Mapping[int, tuple[str, ...]]
    individual_ids: tuple[str, ...]
    reference: Reference

    @property
    def name(self) -> str:
        """Its name, without characters that would steer a terminal."""
        printable = "".join(character for character in self.row.get("name", "") if character.isprintable())
        return printable.strip() or self.row["id"]

    @property
    def licence(self) -> str | None:
        """The SPDX identifier of its licence, where it is one of Creative Commons."""
        return _LICENCES.get(self.row.get("license_type", ""))

    @property
    def extent(self) -> Extent:
        """When its events are, and how many."""
        first, last = (
            _time(self.row.get(field, ""))
            for field in ("timestamp_first_deployed_location", "timestamp_last_deployed_location")
        )
        return Extent(first, last, _number(self.row.get("number_of_deployed_locations", "")))


def read_study(movebank: Movebank, wanted: MovebankStudy, scratch_folder: Path, clock: Clock) -> Study:
    """Ask for everything but the events.

    Raises
    ------
    NotFound : there is no such study, or no such animal in it
    NotAllowed : it may not be downloaded
    BadInput : there is no such sensor or attribute
    """
    study_id = str(wanted.study_id)
    ask = _Asking(movebank, scratch_folder)
    row, now_utc = ask.for_study(study_id, clock)
    individuals = ask.rows("individual", ("id", "local_identifier"), study_id=study_id)
    chosen = _chosen(individuals, wanted)
    tags = ask.rows("tag", ("id", "local_identifier"), study_id=study_id)
    deployments = ask.deployments(study_id)
    present = {
        int(sensor["sensor_type_id"]) for sensor in ask.rows("sensor", ("sensor_type_id",), tag_study_id=study_id)
    }
    sensors = _wanted_sensors(wanted, present)
    attributes = {sensor_id: ask.attributes(study_id, sensor_id) for sensor_id in sensors}
    return Study(
        row,
        now_utc,
        sensors,
        _wanted_attributes(wanted, attributes),
        chosen,
        Reference(individuals, tags, deployments, chosen),
    )


class _Asking:
    """Asks for small tables and reads them."""

    def __init__(self, movebank: Movebank, scratch_folder: Path) -> None:
        self._movebank, self._scratch_folder = movebank, scratch_folder

    def rows(self, entity: str, needed: Sequence[str], **parameters: str) -> list[dict[str, str]]:
        file = self._scratch_folder / f"{entity}.csv"
        saved = self._movebank.save(entity, file, needed=needed, **parameters)
        return read_rows(file) if saved.has_table else []

    def for_study(self, study_id: str, clock: Clock) -> tuple[dict[str, str], datetime]:
        file = self._scratch_folder / "study.csv"
        saved = self._movebank.save("study", file, needed=("id", "name"), study_id=study_id)
        rows = [row for row in read_rows(file) if row["id"] == study_id] if saved.has_table else []
        if not rows:
            raise NotFound(
                "study-unknown",
                f"Movebank shows this account no study {study_id}.",
                hint="Check study_id; it is on the study's page. The owner may have to let you see it.",
            )
        if rows[0].get("i_have_download_access") == "false":
            raise NotAllowed(
                "study-not-permitted",
                f"This account may see but not download study {study_id}.",
                hint="Ask the owner of the study on movebank.org for permission to download.",
            )
        return rows[0], saved.answer.server_utc or clock.now()

    def deployments(self, study_id: str) -> list[dict[str, str]]:
        """Deployments with the ids of tag and animal, which have to be asked for by name, apart from the rest."""
        attributes = "id,tag_id,individual_id"
        links = self.rows("deployment", attributes.split(","), study_id=study_id, attributes=attributes)
        described = {row["id"]: row for row in self.rows("deployment", ("id",), study_id=study_id)}
        return [described.get(link["id"], {}) | link for link in links]

    def attributes(self, study_id: str, sensor_id: int) -> tuple[str, ...]:
        rows = self.rows("study_attribute", ("short_name",), study_id=study_id, sensor_type_id=str(sensor_id))
        return tuple(row["short_name"] for row in rows)


def _chosen(individuals: Sequence[Row], wanted: MovebankStudy) -> tuple[str, ...]:
    ids = {row["local_identifier"]: row["id"] for row in individuals}
    missing = [name for name in wanted.individuals if name not in ids]
    if missing:
        raise NotFound(
            "animal-unknown",
            f"Study {wanted.study_id} has no animal “{missing[0]}”.",
            hint=f"It has: {', '.join(sorted(ids)[:10])}{' …' if len(ids) > 10 else ''}.",
        )
    return tuple(sorted(ids[name] for name in wanted.individuals))


def _wanted_sensors(wanted: MovebankStudy, present: set[int]) -> dict[int, str]:
    table = load_table("movebank/sensors.csv")
    ids = {row["name"]: int(row["id"]) for row in table}
    unknown = [name for name in wanted.sensors if name not in ids]
    if unknown:
        raise BadInput(
            "sensor-unknown",
            f"Movebank has no sensor type “{unknown[0]}”.",
            hint=f"There are: {', '.join(sorted(ids))}.",
        )
    locating = [row["name"] for row in table if row["locates"] == "yes"]
    return {ids[name]: name for name in wanted.sensors or locating if ids[name] in present}


def _wanted_attributes(wanted: MovebankStudy, known: Mapping[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """What to ask for of each sensor: the names that are always needed, and those that it has and that are wanted."""
    if wanted.attributes == "all":
        return {sensor_id: tuple(dict.fromkeys((*_ALWAYS, *names))) for sensor_id, names in known.items()}
    everything = {name for names in known.values() for name in names} | {*_ALWAYS}
    unknown = [name for name in wanted.attributes if name not in everything]
    if unknown:
        raise BadInput(
            "attribute-unknown",
            f"Study {wanted.study_id} has no attribute “{unknown[0]}”.",
            hint=f"It has: {', '.join(sorted(everything))}.",
        )
    return {
        sensor_id: tuple(dict.fromkeys((*_ALWAYS, *(name for name in wanted.attributes if name in names))))
        for sensor_id, names in known.items()
    }


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _number(text: str) -> int:
    try:
        return math.ceil(float(text))
    except (ValueError, OverflowError):
        return 0
