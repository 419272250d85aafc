"""Sequences cut from fixes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.movement.frames import fix_frame, no_fixes
from wildways.movement import STATUS_COLUMNS, QualityFlag, cut_sequences, flag_fixes, max_lag_for


def _windows(*rows: tuple[str, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["animal_id", "start_utc", "end_utc"]).assign(bio_year=2020, season="spring")
    for name in ("start_utc", "end_utc"):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.as_unit("us")
    return frame


def _walk(n: int, **options: object) -> pd.DataFrame:
    return fix_frame(np.linspace(0, 0.01 * n, n), np.zeros(n), **options)  # type: ignore[arg-type]


def test_a_sequence_holds_the_fixes_of_its_window_ends_included() -> None:
    fixes = _walk(100)
    sequences, status = cut_sequences(
        fixes, flag_fixes(fixes), _windows(("A", "2020-02-01T10:00:00", "2020-02-01T20:00:00"))
    )
    assert [sequence.sequence_id for sequence in sequences] == ["A_2020_spring"]
    assert len(sequences[0]) == 11
    assert sequences[0].time_s[0] == pd.Timestamp("2020-02-01T10:00Z").timestamp()
    assert sequences[0].longitude == pytest.approx(fixes["longitude"].to_numpy()[10:21])
    assert tuple(status.columns) == STATUS_COLUMNS
    assert status["is_used"].tolist() == [True]
    assert status["n_fixes"].tolist() == [11]


def test_unusable_fixes_are_left_out() -> None:
    fixes = _walk(20)
    flags = np.zeros(20, dtype=np.uint16)
    flags[[2, 3, 4]] = [QualityFlag.SPIKE, QualityFlag.IMMOBILE, QualityFlag.MARKED_OUTLIER]
    sequences, _ = cut_sequences(fixes, flags, _windows(("A", "2020-02-01", "2020-02-03")))
    assert len(sequences[0]) == 18


def test_each_animal_gets_its_own_fixes() -> None:
    fixes = pd.concat([_walk(10), _walk(12, animal="B")], ignore_index=True)
    windows = _windows(("B", "2020-02-01", "2020-02-03"), ("A", "2020-02-01", "2020-02-03"))
    sequences, _ = cut_sequences(fixes, flag_fixes(fixes), windows)
    assert [(sequence.animal_id, len(sequence)) for sequence in sequences] == [("B", 12), ("A", 10)]


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        ([], "0 usable fixes"),
        ([0, 1, 2], "3 usable fixes"),
        ([0, 1, 10, 20, 30, 31, 32], "3 of 6 steps last longer than 8 hours"),
        ([0, 1, 10, 20, 21, 22, 23], ""),
    ],
)
def test_sequences_mostly_unseen_are_rejected_with_the_reason(hours: list[int], reason: str) -> None:
    fixes = _walk(len(hours), hours=hours)
    sequences, status = cut_sequences(fixes, flag_fixes(fixes), _windows(("A", "2020-02-01", "2020-02-09")))
    assert len(sequences) == (not reason)
    assert reason in status["reason"].iloc[0]
    assert status["is_used"].tolist() == [not reason]


def test_windows_without_dates_or_animal_make_no_sequences() -> None:
    fixes = _walk(10)
    sequences, status = cut_sequences(
        fixes, flag_fixes(fixes), _windows(("A", None, None), ("C", "2020-02-01", "2020-02-02"))
    )
    assert sequences == []
    assert status["animal_id"].tolist() == ["C"]


def test_no_fixes_and_no_windows_make_no_sequences() -> None:
    sequences, status = cut_sequences(no_fixes(), flag_fixes(no_fixes()), _windows())
    assert sequences == []
    assert tuple(status.columns) == STATUS_COLUMNS


@given(st.lists(st.integers(0, 500), min_size=0, max_size=60, unique=True), st.integers(0, 500), st.integers(0, 500))
def test_every_window_is_accounted_for_and_keeps_its_times(hours: list[int], begin: int, length: int) -> None:
    fixes = _walk(len(hours), hours=sorted(hours))
    start = pd.Timestamp("2020-02-01T00:00Z") + pd.Timedelta(hours=begin)
    end = start + pd.Timedelta(hours=length)
    sequences, status = cut_sequences(fixes, flag_fixes(fixes), _windows(("A", start.isoformat(), end.isoformat())))
    assert len(status) == 1
    assert status["is_used"].sum() == len(sequences)
    for sequence in sequences:
        assert (np.diff(sequence.time_s) > 0).all()
        assert start.timestamp() <= sequence.time_s[0] <= sequence.time_s[-1] <= end.timestamp()


@pytest.mark.parametrize(("interval_h", "lag_h"), [(0.1, 8), (2, 8), (6, 9), (12, 18), (24, 36), (48, 36)])
def test_the_longest_lag_follows_the_schedule(interval_h: float, lag_h: float) -> None:
    fixes = pd.concat([_walk(50, hours=interval_h * np.arange(50)), _walk(1, animal="B")], ignore_index=True)
    assert max_lag_for(fixes) == pytest.approx(lag_h)


def test_without_steps_the_longest_lag_is_eight_hours() -> None:
    assert max_lag_for(no_fixes()) == 8.0


def test_usable_fixes_around_a_window_are_kept_where_asked_for() -> None:
    fixes = pd.concat([_walk(40), _walk(40, animal="B")], ignore_index=True)
    flags = flag_fixes(fixes)
    flags[8] = QualityFlag.SPIKE
    windows = _windows(("A", "2020-02-01T10:00:00", "2020-02-01T20:00:00"), ("B", "2020-02-01", "2020-02-01T05:00:00"))
    (inner, first), _ = cut_sequences(fixes, flags, windows, n_around=5)
    around = inner.around
    assert around is not None
    hours = (around.time_s - pd.Timestamp("2020-02-01", tz="UTC").timestamp()) / 3600
    assert hours.tolist() == [4, 5, 6, 7, *range(9, 26)]
    assert first.around is not None
    assert (len(first), len(first.around), first.around.animal_id) == (6, 11, "B")
    assert all(sequence.around is None for sequence in cut_sequences(fixes, flags, windows)[0])
