"""Which requests bring a study up to date: windows over time at first, later what was updated and tags that changed."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from wildways.connectors.movebank.state import Plan, State, Window

WINDOW_ROWS = 250_000
"""Rows that one request should bring; what a request that fails has to fetch again."""
MOST_WINDOWS = 400
OVERLAP = timedelta(days=1)
"""An update may be stamped before it can be seen, and by another clock; what comes twice is merged."""


class Extent(NamedTuple):
    """When a study's events are and how many, as Movebank counts them: once a day, and only those of deployed tags."""

    first_utc: datetime | None
    last_utc: datetime | None
    n_rows: int


def make_plan(
    state: State,
    *,
    request: str,
    now_utc: datetime,
    sensor_ids: Sequence[int],
    extent: Extent,
    tags: dict[str, str],
    refresh: bool,
) -> Plan:
    """Go on with the fetch that was cut short, bring up to date, or begin from nothing.

    Events carry names of animals, which change when a deployment does though the event itself was not updated. So the
    events of tags whose deployments changed are fetched anew; of more than half of the tags, all are.

    Parameters
    ----------
    request : fingerprint of what is asked for; another one than last time begins from nothing
    tags : tag id → fingerprint of what is said of its deployments
    refresh : whether to begin from nothing, which alone shows what the owner deleted
    """
    begun = state.plan
    if begun is not None and begun.request == request and begun.tags == tags and (begun.is_full or not refresh):
        return begun
    changed = sorted(tag for tag, fingerprint in tags.items() if state.tags.get(tag) != fingerprint)
    if state.current_utc is None or state.request != request or refresh or 2 * len(changed) > len(tags):
        windows = tuple(window for sensor_id in sensor_ids for window in _spans(sensor_id, extent))
        return Plan(request=request, begun_utc=now_utc, is_full=True, windows=windows, tags=tags)
    since = stamp(state.current_utc - OVERLAP)
    updates = [Window(sensor_id=sensor_id, updated_since=since) for sensor_id in sensor_ids]
    anew = [Window(sensor_id=sensor_id, tag_id=tag) for tag in changed for sensor_id in sensor_ids]
    gone = sorted(set(state.tags) - set(tags))
    return Plan(
        request=request,
        begun_utc=now_utc,
        is_full=False,
        windows=(*updates, *anew),
        tags=tags,
        replaced_tags=(*changed, *gone),
    )


def stamp(instant: datetime) -> str:
    """An instant as Movebank wants it, to the millisecond."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y%m%d%H%M%S}{utc.microsecond // 1000:03d}"


def _spans(sensor_id: int, extent: Extent) -> list[Window]:
    """Windows that cover all of time and meet at their ends; nothing can fall between two."""
    n_windows = min(MOST_WINDOWS, math.ceil(extent.n_rows / WINDOW_ROWS))
    if extent.first_utc is None or extent.last_utc is None or extent.first_utc >= extent.last_utc or n_windows < 2:
        return [Window(sensor_id=sensor_id)]
    step = (extent.last_utc - extent.first_utc) / n_windows
    inner = [stamp(extent.first_utc + number * step) for number in range(1, n_windows)]
    return [
        Window(sensor_id=sensor_id, start=start, end=end)
        for start, end in zip([None, *inner], [*inner, None], strict=True)
    ]
