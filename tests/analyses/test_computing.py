"""Units: computed once, failures apart, refusals remembered."""

import json
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from wildways.analyses import Unit, UnitComputer, computing
from wildways.model import BadInput


class _Here(Executor):
    """Computes at once and counts how much is asked for at a time."""

    def __init__(self) -> None:
        self.n_submitted = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.n_submitted += 1
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


def _refuse(path: Path) -> None:
    raise BadInput("too-few", "It has two fixes.")


def _divide(path: Path) -> None:
    raise ZeroDivisionError("nothing to divide by")


def _run_out(counter: Path, path: Path) -> None:
    """Fails for want of memory the first time only."""
    if not counter.exists():
        counter.touch()
        raise MemoryError
    path.touch()


def _always_run_out(path: Path) -> None:
    raise MemoryError


def unit(key: str, compute: Any = _write, *arguments: Any) -> Unit:
    return Unit(key, key, compute, arguments or (() if compute is not _write else (key,)))


def test_results_come_in_the_order_of_the_units_and_are_computed_once(tmp_path: Path) -> None:
    units = [unit(name) for name in ("c", "a", "b")]
    with ThreadPoolExecutor(3) as executor:
        computer = UnitComputer(tmp_path, executor)
        paths = computer(units)
    assert [path and path.read_text(encoding="utf-8") for path in paths] == ["c", "a", "b"]
    again = UnitComputer(tmp_path, _Here())
    assert again(units) == paths
    assert (again.n_units, again.n_computed, again.is_settled) == (3, 0, True)
    assert again.names == [unit.file_name for unit in units]


def test_a_refusal_is_no_failure_and_is_not_tried_again(tmp_path: Path) -> None:
    for n_submitted in (2, 0):
        executor = _Here()
        computer = UnitComputer(tmp_path, executor)
        assert [path is None for path in computer([unit("good"), unit("bad", _refuse)])] == [False, True]
        assert executor.n_submitted == n_submitted
        assert computer.failures == ()
        assert [(remark.code, remark.count) for remark in computer.remarks] == [("units-left-out", 1)]
        assert "It has two fixes." in computer.remarks[0].message
        assert computer.is_settled


def test_an_error_is_tried_once_more_then_kept_as_a_failure(tmp_path: Path) -> None:
    for n_submitted in (3, 0):
        executor = _Here()
        computer = UnitComputer(tmp_path, executor)
        assert [path is None for path in computer([unit("bad", _divide), unit("good")])] == [True, False]
        assert executor.n_submitted == n_submitted
        assert "nothing to divide by" in computer.failures[0].message
        assert computer.remarks == ()


def test_what_fails_once_for_want_of_memory_is_computed_the_second_time(tmp_path: Path) -> None:
    computer = UnitComputer(tmp_path / "cache", _Here())
    assert computer([unit("heavy", _run_out, tmp_path / "counter")])[0] is not None
    assert computer.failures == ()


def test_failures_of_the_machine_are_tried_again_at_the_next_build(tmp_path: Path) -> None:
    for _ in range(2):
        executor = _Here()
        computer = UnitComputer(tmp_path, executor)
        assert computer([unit("heavy", _always_run_out)]) == [None]
        assert executor.n_submitted == 2
        assert not computer.is_settled
        assert [failure.count for failure in computer.failures] == [1]


def test_units_go_to_the_workers_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computing, "IN_FLIGHT", 2)
    most = [0]

    class _Watching(_Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future = super().submit(fn, *args, **kwargs)
            most[0] = max(most[0], self.n_submitted - len(list(tmp_path.glob("*.npz"))) + 1)
            return future

    paths = UnitComputer(tmp_path, _Watching())([unit(str(number)) for number in range(20)])
    assert None not in paths
    assert most[0] <= 2


def test_a_unit_of_another_key_is_another_unit(tmp_path: Path) -> None:
    UnitComputer(tmp_path, _Here())([unit("bad", _refuse)])
    assert json.loads((tmp_path / "bad.refused.json").read_text(encoding="utf-8"))["code"] == "too-few"
    assert UnitComputer(tmp_path, _Here())([unit("other")])[0] is not None


def test_short_units_go_to_the_workers_in_bundles(tmp_path: Path) -> None:
    executor = _Here()
    names = [str(number) for number in range(200)]
    paths = UnitComputer(tmp_path, executor)([unit(name) for name in names])
    assert [path and path.read_text(encoding="utf-8") for path in paths] == names
    assert executor.n_submitted < 100


def test_one_that_fails_in_a_bundle_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    units = [unit(str(number), *([_divide] if number == 150 else [])) for number in range(200)]
    computer = UnitComputer(tmp_path, _Here())
    assert [number for number, path in enumerate(computer(units)) if path is None] == [150]
    assert [failure.count for failure in computer.failures] == [1]
