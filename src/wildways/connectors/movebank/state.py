"""What is remembered of a study between two fetches: what is there, up to when, and a fetch that was cut short."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from wildways.connectors.files import read_json, write_json
from wildways.model import Corrupt, Place

STATE_FILE = "fetch.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Record):
    """One request for events: of a sensor, and of a span of time, of what was updated since, or of a tag.

    Times are as Movebank wants them, ``yyyyMMddHHmmssSSS``, UTC; both ends belong to the span.
    """

    sensor_id: int
    start: str | None = None
    end: str | None = None
    updated_since: str | None = None
    tag_id: str | None = None


class Plan(_Record):
    """A fetch that has begun: its requests, in order. A part that is there has been fetched.

    Parameters
    ----------
    request : fingerprint of what is asked for
    begun_utc : by the service's clock, before its first request
    is_full : whether it replaces all events; otherwise it brings up to date
    tags : tag id → fingerprint of what is said of its deployments
    replaced_tags : tags of which all events are fetched anew, or that are gone
    """

    request: str
    begun_utc: datetime
    is_full: bool
    windows: tuple[Window, ...]
    tags: dict[str, str]
    replaced_tags: tuple[str, ...] = ()


class State(_Record):
    """The last complete fetch, and the present one while it lasts."""

    study_id: int
    request: str = ""
    current_utc: datetime | None = None
    tags: dict[str, str] = {}
    n_rows: int = 0
    plan: Plan | None = None


def read_state(folder: Path, study_id: int) -> State:
    """What is remembered in a folder.

    Raises
    ------
    Corrupt : the file is damaged
    """
    file = folder / STATE_FILE
    try:
        return State.model_validate(read_json(file) or {"study_id": study_id})
    except ValidationError as error:
        raise Corrupt(
            "fetch-file", "This is not what was written.", hint="Move it away and fetch again.", place=Place(file)
        ) from error


def write_state(folder: Path, state: State) -> None:
    """Remember."""
    write_json(folder / STATE_FILE, state.model_dump(mode="json"))
