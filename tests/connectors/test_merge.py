"""Merging: one row an event, the latest version, whatever the windows, their order and their overlaps."""

import csv
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.fake_movebank import GPS, Row, event, to_csv
from wildways.connectors.movebank import merge as merging
from wildways.connectors.movebank.merge import Merged, merge_events
from wildways.model import Corrupt

COLUMNS = ["event_id", "timestamp", "location_long", "location_lat", "tag_id", "sensor_type_id", "update_ts", "note"]


def merge(folder: Path, parts: Sequence[Sequence[Row]], *, keep: bool = False, tags: Sequence[str] = ()) -> Merged:
    files = []
    for number, rows in enumerate(parts):
        files.append(folder / f"part-{number}.csv")
        files[-1].write_bytes(to_csv(COLUMNS, list(rows)))
    sensors, name = {GPS: "gps"}, "It's a study"
    target = folder / "events.csv"
    return merge_events(files, target, keep_stored=keep, replaced_tags=tags, sensors=sensors, study_name=name)


def rows_of(folder: Path) -> list[Row]:
    with (folder / "events.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_version_that_was_updated_last_counts(tmp_path: Path) -> None:
    new, old = event(1, 0, updated="2021-01-01", note="new"), event(1, 0, updated="2020-01-01", note="old")
    merged = merge(tmp_path, [[new], [old]])
    assert [row["note"] for row in rows_of(tmp_path)] == ["new"]
    assert (merged.n_rows, merged.n_downloaded) == (1, 2)


def test_of_equal_versions_the_one_that_came_last_counts(tmp_path: Path) -> None:
    merge(tmp_path, [[event(1, 0, note="first")], [event(1, 0, note="last")]])
    assert [row["note"] for row in rows_of(tmp_path)] == ["last"]


def test_what_comes_now_counts_more_than_what_is_stored(tmp_path: Path) -> None:
    merge(tmp_path, [[event(1, 0, updated="2021-01-01", note="stored"), event(2, 1)]])
    merge(tmp_path, [[event(1, 0, updated="2020-01-01", note="now")]], keep=True)
    assert [row["note"] for row in rows_of(tmp_path)] == ["now", ""]


def test_texts_survive_whatever_is_in_them(tmp_path: Path) -> None:
    texts = ['"', "a,b", "line\nbreak", "  spaces ", "ünï", "NULL", "'; DROP"]
    merge(tmp_path, [[event(number, number, note=text) for number, text in enumerate(texts)]])
    merge(tmp_path, [[]], keep=True)
    assert [row["note"] for row in rows_of(tmp_path)] == texts
    assert {row["study_name"] for row in rows_of(tmp_path)} == {"It's a study"}


def test_an_event_without_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="event_id"):
        merge(tmp_path, [[event(1, 0) | {"event_id": ""}]])


events = st.lists(
    st.builds(
        lambda number, version, tag: event(
            number, number, tag=tag, updated=f"2020-01-{version:02d}", note=f"{number}.{version}"
        ),
        st.integers(1, 8),
        st.integers(1, 3),
        st.integers(1, 2),
    ),
    max_size=12,
    unique_by=lambda row: (row["event_id"], row["update_ts"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=events, cuts=st.lists(st.integers(0, 12), max_size=3), order=st.randoms(use_true_random=False))
def test_neither_windows_nor_slices_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], cuts: list[int], order: random.Random
) -> None:
    whole, pieces = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("pieces")
    merge(whole, [rows])
    edges = [0, *sorted(cuts), len(rows)]
    parts = [rows[max(0, start - 1) : end] for start, end in pairwise(edges)]
    order.shuffle(parts)
    with mock.patch.object(merging, "SLICE_ROWS", 3):
        merged = merge(pieces, parts)
    assert (pieces / "events.csv").read_bytes() == (whole / "events.csv").read_bytes()
    assert merged.n_rows == len({row["event_id"] for row in rows})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=events, now=events, keep=st.booleans(), tags=st.sets(st.sampled_from("12")))
def test_the_account_of_events_adds_up(
    tmp_path_factory: pytest.TempPathFactory, before: list[Row], now: list[Row], keep: bool, tags: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    n_before = merge(folder, [before]).n_rows
    stored = {row["event_id"]: row["tag_id"] for row in rows_of(folder)}
    merged = merge(folder, [now], keep=keep, tags=sorted(tags))
    ids = [row["event_id"] for row in rows_of(folder)]
    assert merged.n_rows == n_before + merged.n_added - merged.n_removed == len(ids) == len(set(ids))
    came = {row["event_id"] for row in now}
    kept = {number for number, tag in stored.items() if keep and tag not in tags}
    assert set(ids) == came | kept
    assert merged.n_removed == len(set(stored) - came - kept)
    assert merged.n_added == len(came - set(stored))
