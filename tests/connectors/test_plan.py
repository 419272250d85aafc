"""Plans: windows cover all of time, and a plan that was begun is gone on with."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wildways.connectors.movebank.plan import MOST_WINDOWS, Extent, make_plan, stamp
from wildways.connectors.movebank.state import Plan, State

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = datetime(2008, 1, 1, tzinfo=UTC)
TAGS = {"1": "a", "2": "b", "3": "c"}


def plan(state: State, *, tags: dict[str, str] = TAGS, refresh: bool = False, extent: Extent | None = None) -> Plan:
    return make_plan(
        state,
        request="r",
        now_utc=NOW,
        sensor_ids=[653, 82798],
        extent=extent or Extent(None, None, 0),
        tags=tags,
        refresh=refresh,
    )


CURRENT = State(study_id=1, request="r", current_utc=NOW - timedelta(days=30), tags=TAGS)


@given(n_rows=st.integers(0, 10**10), days=st.integers(0, 10_000))
def test_windows_of_a_sensor_cover_all_of_time_and_meet(n_rows: int, days: int) -> None:
    extent = Extent(START, START + timedelta(days=days), n_rows)
    windows = [window for window in plan(State(study_id=1), extent=extent).windows if window.sensor_id == 653]
    assert 1 <= len(windows) <= MOST_WINDOWS
    assert windows[0].start is None
    assert windows[-1].end is None
    assert [window.end for window in windows[:-1]] == [window.start for window in windows[1:]]
    edges = [window.start for window in windows[1:]]
    assert edges == sorted(edges, key=str)


def test_stamps_are_utc_to_the_millisecond() -> None:
    assert stamp(datetime.fromisoformat("2008-06-04T15:30:45.999+02:00")) == "20080604133045999"


def test_a_plan_that_was_begun_is_gone_on_with_unless_what_it_is_for_changed() -> None:
    begun = plan(State(study_id=1))
    state = State(study_id=1, plan=begun)
    assert plan(state) is begun
    assert plan(state, refresh=True) is begun
    assert plan(state, tags={**TAGS, "3": "x"}) is not begun
    update = plan(CURRENT)
    assert not update.is_full
    assert plan(CURRENT.model_copy(update={"plan": update}), refresh=True).is_full


def test_an_update_asks_from_a_day_before_the_last_fetch_began() -> None:
    assert {window.updated_since for window in plan(CURRENT).windows} == {"20260501120000000"}


def test_tags_that_changed_came_or_went_are_replaced() -> None:
    made = plan(CURRENT, tags={"1": "a", "2": "b", "4": "d"})
    assert made.replaced_tags == ("4", "3")
    assert [window.tag_id for window in made.windows if window.sensor_id == 653] == [None, "4"]
