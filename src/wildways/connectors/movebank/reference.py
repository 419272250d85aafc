"""Movebank's animals, tags and deployments, joined into the reference table that Movebank's own downloads have."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from wildways.connectors.files import put_in_place

Row = Mapping[str, str]

_NAMES = MappingProxyType(
    {
        "individual": {
            "local_identifier": "animal-id",
            "taxon_canonical_name": "animal-taxon",
            "nick_name": "animal-nickname",
        },
        "tag": {"local_identifier": "tag-id", "weight": "tag-mass"},
        "deployment": {
            "local_identifier": "deployment-id",
            "deploy_on_timestamp": "deploy-on-date",
            "deploy_off_timestamp": "deploy-off-date",
            "comments": "deployment-comments",
        },
    }
)
_PREFIXES = MappingProxyType({"individual": "animal-", "tag": "tag-", "deployment": ""})
_FIRST = ("tag-id", "animal-id", "animal-taxon", "deploy-on-date", "deploy-off-date", "deployment-id")
_COUNTED = frozenset(
    {"timestamp_start", "timestamp_end", "number_of_events", "number_of_deployments", "sensor_type_ids"}
)
"""What Movebank counts anew every day; it would change the file and says nothing of the animal."""
_INTERNAL = frozenset({"id", "tag_id", "individual_id"})


class Reference:
    """The deployments of a study with their animals and tags.

    Parameters
    ----------
    individuals, tags, deployments : rows as they came; deployments have ``tag_id`` and ``individual_id``
    chosen : ids of the animals that are wanted; empty means all
    """

    def __init__(
        self, individuals: Iterable[Row], tags: Iterable[Row], deployments: Iterable[Row], chosen: Sequence[str] = ()
    ) -> None:
        self._is_chosen = bool(chosen)
        self._individuals = {row["id"]: row for row in individuals if not chosen or row["id"] in chosen}
        self._tags = {row["id"]: row for row in tags}
        self._deployments = [
            row for row in deployments if row["individual_id"] in self._individuals and row["tag_id"] in self._tags
        ]

    def fingerprints(self) -> dict[str, str]:
        """Tag id → fingerprint of all that its deployments put into events: names, taxon and dates."""
        said: dict[str, list[list[str]]] = {tag_id: [] for tag_id in self._tags if not self._is_chosen}
        for row in self._deployments:
            individual = self._individuals[row["individual_id"]]
            fields = [individual.get(field, "") for field in ("id", "local_identifier", "taxon_canonical_name")]
            dates = [row.get(field, "") for field in ("id", "deploy_on_timestamp", "deploy_off_timestamp")]
            said.setdefault(row["tag_id"], []).append([*fields, *dates])
        return {
            tag_id: _digest([self._tags[tag_id].get("local_identifier", ""), *sorted(facts)])
            for tag_id, facts in sorted(said.items())
        }

    def write(self, file: Path, study_name: str) -> int:
        """Write one row a deployment, with Movebank's column names; returns how many."""
        rows = [self._row(deployment, study_name) for deployment in self._deployments]
        rows.sort(key=lambda row: tuple(row.get(column, "") for column in _FIRST))
        columns = [*_FIRST, *sorted({column for row in rows for column in row} - {*_FIRST}), "study-name"]
        partial = file.with_name(f"{file.name}.partial")
        with partial.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(dict.fromkeys(columns)), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        put_in_place(partial, file)
        return len(rows)

    def _row(self, deployment: Row, study_name: str) -> dict[str, str]:
        joined = {
            "deployment": deployment,
            "tag": self._tags[deployment["tag_id"]],
            "individual": self._individuals[deployment["individual_id"]],
        }
        row = {
            _column(entity, field): value
            for entity, fields in joined.items()
            for field, value in fields.items()
            if field not in _COUNTED | _INTERNAL
        }
        return {**row, "study-name": study_name}


def _column(entity: str, field: str) -> str:
    known = _NAMES[entity].get(field)
    return known or _PREFIXES[entity] + field.replace("_", "-").removeprefix(_PREFIXES[entity])


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]
