"""Long work, several pieces at a time: in order, told one by one, and all ended by one that fails."""

import threading
import time

import pytest

from wildways.analyses.at_a_time import Stopped, at_a_time
from wildways.model import Progress, silent


def test_results_come_in_order_and_no_more_are_at_work_than_asked() -> None:
    at_work, most = [0], [0]
    counting = threading.Lock()

    def work(item: int, told: Progress) -> int:
        with counting:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        time.sleep(0.05 / (item + 1))
        told(1, 1, str(item))
        with counting:
            at_work[0] -= 1
        return item * item

    assert (at_a_time(2, work, range(6), silent), most[0]) == ([0, 1, 4, 9, 16, 25], 2)


def test_progress_is_that_of_all_that_are_at_work_together() -> None:
    both = threading.Barrier(2, timeout=10)
    told_of: list[tuple[int, int, str]] = []

    def work(item: str, told: Progress) -> None:
        told(1, 10, item)
        both.wait()
        told(2, 10, item)
        both.wait()

    at_a_time(2, work, ["a", "b"], lambda *told: told_of.append(told))
    assert [told[:2] for told in told_of] == [(1, 10), (2, 20), (3, 20), (4, 20)]
    assert {told[2] for told in told_of[1:]} in ({"a, b"}, {"b, a"})


def test_one_at_a_time_is_done_by_the_caller_itself() -> None:
    assert set(at_a_time(1, lambda _item, _told: threading.get_ident(), "ab", silent)) == {threading.get_ident()}


def test_one_that_fails_stops_the_others_when_they_next_tell_and_its_error_is_raised() -> None:
    ended: list[str] = []

    def work(item: str, told: Progress) -> None:
        if item == "bad":
            raise ZeroDivisionError
        try:
            for _ in range(1_000):
                told(0, 1, item)
                time.sleep(0.01)
        except Stopped:
            ended.append(item)
            raise

    start = time.perf_counter()
    with pytest.raises(ZeroDivisionError):
        at_a_time(2, work, ["bad", "long", "never"], silent)
    assert time.perf_counter() - start < 5
    assert set(ended) <= {"long", "never"}
    assert "long" in ended
