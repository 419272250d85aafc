"""Deployments of tags as a Darwin Core Archive tells them: rows for putting a tag on, and rows for its coming off."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

Animal = tuple[str, str]
"""Study and organism."""

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Deployment:
    """A tag on an animal for a time; empty where a time is not known."""

    study_id: str
    deployment_id: str
    organism_id: str
    deploy_on_utc: datetime | None
    deploy_off_utc: datetime | None = None


@dataclass(frozen=True)
class TagEnd:
    """A tag that came off: the row that says so, the deployment it names, and when."""

    row: int
    line: int
    animal: Animal
    deployment_id: str | None
    time: datetime | None


@dataclass
class Deployments:
    """Collects starts and ends, and brings them together when all rows were seen."""

    _starts: dict[tuple[str, str], Deployment] = field(default_factory=dict)
    _ends: list[TagEnd] = field(default_factory=list)

    def start(self, animal: Animal, deployment_id: str, time: datetime | None) -> bool:
        """Take in a start; false where the deployment has one already."""
        study, organism = animal
        if (study, deployment_id) in self._starts:
            return False
        self._starts[study, deployment_id] = Deployment(study, deployment_id, organism, time)
        return True

    def end(self, end: TagEnd) -> None:
        """Take in an end."""
        self._ends.append(end)

    def settle(self) -> list[TagEnd]:
        """Give each deployment its end; the ends that are of no one deployment, by row.

        An end belongs to the deployment it names. Else it belongs to the only deployment of the animal that began
        before it and has not ended yet; where there are several, nobody knows which.
        """
        of_animal: dict[Animal, list[Deployment]] = defaultdict(list)
        for deployment in self._starts.values():
            of_animal[deployment.study_id, deployment.organism_id].append(deployment)
        unmatched = []
        for end in sorted(self._ends, key=lambda each: (each.time or _LAST, each.row)):
            found = self._named(end) or _open_at(of_animal[end.animal], end.time)
            if found is None:
                unmatched.append(end)
            else:
                found.deploy_off_utc = end.time
        self._ends.clear()
        return sorted(unmatched, key=lambda end: end.row)

    def rows(self) -> list[dict[str, object]]:
        """The deployments as rows of the evidence table, by id."""
        return [vars(deployment) for _, deployment in sorted(self._starts.items())]

    def _named(self, end: TagEnd) -> Deployment | None:
        study, organism = end.animal
        found = self._starts.get((study, end.deployment_id or ""))
        is_free = found is not None and found.organism_id == organism and found.deploy_off_utc is None
        return found if is_free else None


def _open_at(deployments: list[Deployment], time: datetime | None) -> Deployment | None:
    """The only deployment that began by then and has not ended."""
    if time is None:
        return None
    known = [each for each in deployments if each.deploy_off_utc is None and each.deploy_on_utc is not None]
    begun = [each for each in known if each.deploy_on_utc and each.deploy_on_utc <= time]
    return begun[0] if len(begun) == 1 else None
