"""Computing units: streamed through the workers, each failure kept apart, nothing computed twice."""

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from wildways.analyses.cache import write_whole
from wildways.analyses.contract import Remark, Unit
from wildways.analyses.sending import send
from wildways.model import Progress, WildwaysError, silent

IN_FLIGHT = 256
"""Units that are with the workers at a time; the others' arguments wait where they are."""
TRIED_FIRST = 8
"""Units that go out one by one, until it is known how long they take."""
BUNDLE_S = 1.0
MOST_IN_BUNDLE = 32
LAST_BUNDLES = 8
"""A worker gets as many units at once as take it about so many seconds, but no more, and no more than such a part of
those that are left: sending each alone can cost more than computing it, and all workers should end together."""

_SAME_AGAIN = (ArithmeticError, LookupError, TypeError, ValueError)
"""Errors that the same unit would end in on any machine, unlike lost workers, full disks and memory."""


class _Refusal(NamedTuple):
    """Why a unit has no result. ``is_failure``: no reason of the science, but an error."""

    label: str
    code: str
    message: str
    is_failure: bool = False


@dataclass(eq=False)
class UnitComputer:
    """Computes units into a cache and remembers what became of them.

    A unit is computed where its result is not in the cache. Where the science refuses it (`WildwaysError`), the reason
    is put into the cache beside the results, and the unit is not tried again while its key is the same. Any other error
    is tried once more, by whichever worker is free; if it comes again the unit has failed. Failures that would come on
    any machine are kept too; those of a machine are tried again at the next build.

    Parameters
    ----------
    cache : folder, seen by all workers under the same path
    executor : of the workers
    progress, label : called after every unit
    """

    cache: Path
    executor: Executor
    progress: Progress = silent
    label: str = ""
    n_units: int = 0
    n_computed: int = 0
    names: list[str] = field(default_factory=list)
    """Files of the cache that the results rest on."""
    is_settled: bool = True
    """Whether another build would find all of it in the cache."""
    _refusals: list[_Refusal] = field(default_factory=list)

    def __call__(self, units: Sequence[Unit]) -> list[Path | None]:
        """Compute the units; gives the paths of their results in order, None where there is none."""
        self.cache.mkdir(parents=True, exist_ok=True)
        present = {file.name for file in self.cache.iterdir()}
        missing = [unit for unit in units if not {unit.file_name, unit.refusal_name} & present]
        done = len(units) - len(missing)
        self.progress(done, len(units), self.label)
        for unit, error in _streamed(self.executor, missing, str(self.cache)):
            done += 1
            self.progress(done, len(units), self.label)
            if error is not None:
                self._fail(unit, error)
        self.n_units, self.n_computed = self.n_units + len(units), self.n_computed + len(missing)
        return [self._result(unit) for unit in units]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Units that were left out for a reason of the science, one remark a reason."""
        return _grouped("units-left-out", (refusal for refusal in self._refusals if not refusal.is_failure))

    @property
    def failures(self) -> tuple[Remark, ...]:
        """Units that failed, one remark a kind of error."""
        return _grouped("unit-failed", (refusal for refusal in self._refusals if refusal.is_failure))

    def _fail(self, unit: Unit, error: Exception) -> None:
        refusal = _Refusal(unit.label, type(error).__name__, str(error), is_failure=True)
        if isinstance(error, _SAME_AGAIN):
            _write_refusal(self.cache / unit.refusal_name, refusal)
        else:
            self.is_settled = False
            self._refusals.append(refusal)

    def _result(self, unit: Unit) -> Path | None:
        refused = self.cache / unit.refusal_name
        if refused.is_file():
            self.names.append(unit.refusal_name)
            self._refusals.append(_Refusal(**json.loads(refused.read_text(encoding="utf-8"))))
            return None
        result = self.cache / unit.file_name
        if not result.is_file():
            return None
        self.names.append(unit.file_name)
        return result


def run_unit(unit: Unit, cache: str) -> None:
    """Compute one unit into the cache, or say there why it cannot be; runs on any worker that sees the folder."""
    folder = Path(cache)
    try:
        write_whole(folder / unit.file_name, lambda path: unit.compute(*unit.arguments, path))
    except WildwaysError as error:
        _write_refusal(folder / unit.refusal_name, _Refusal(unit.label, error.code, error.message))


def run_bundle(units: Sequence[Unit], cache: str) -> float:
    """Compute those of some units that have no result yet; ends with the first error. Seconds a unit that it took."""
    start, folder = time.perf_counter(), Path(cache)
    missing = [u for u in units if not ((folder / u.file_name).is_file() or (folder / u.refusal_name).is_file())]
    for unit in missing:
        run_unit(unit, cache)
    return (time.perf_counter() - start) / max(1, len(missing))


def _streamed(executor: Executor, units: Sequence[Unit], cache: str) -> Iterator[tuple[Unit, Exception | None]]:
    """Each unit once it is done, with the error that it ended in twice."""
    waiting, ended = deque(units), SimpleQueue[Future[float]]()
    running: dict[Future[float], tuple[tuple[Unit, ...], bool]] = {}
    n_out, most_out, size = 0, min(TRIED_FIRST, IN_FLIGHT), 1

    def submit(bundle: tuple[Unit, ...], again: bool) -> None:
        future = send(executor, Path(cache), run_bundle, bundle, cache)
        running[future] = bundle, again
        future.add_done_callback(ended.put)

    try:
        while True:
            while waiting and n_out < most_out:
                n_next = min(size, most_out - n_out, ceil(len(waiting) / LAST_BUNDLES))
                bundle = tuple(waiting.popleft() for _ in range(n_next))
                submit(bundle, again=False)
                n_out += len(bundle)
            if not running:
                return
            future = ended.get()
            bundle, again = running.pop(future)
            error = CancelledError() if future.cancelled() else future.exception()
            if not (error is None or isinstance(error, Exception)):
                raise error
            if error is not None and not again:
                for unit in bundle:
                    submit((unit,), again=len(bundle) == 1)
                continue
            if error is None:
                most_out, size = IN_FLIGHT, max(1, min(MOST_IN_BUNDLE, int(BUNDLE_S / max(future.result(), 1e-3))))
            n_out -= len(bundle)
            for unit in bundle:
                yield unit, error
    finally:
        for future in running:
            future.cancel()


def _write_refusal(file: Path, refusal: _Refusal) -> None:
    def write(path: Path) -> None:
        path.write_text(json.dumps(refusal._asdict(), ensure_ascii=False), encoding="utf-8")

    write_whole(file, write)


def _grouped(code: str, refusals: Iterable[_Refusal]) -> tuple[Remark, ...]:
    by_code: dict[str, list[_Refusal]] = {}
    for refusal in refusals:
        by_code.setdefault(refusal.code, []).append(refusal)
    return tuple(
        Remark(code, f"{len(group)} left out ({kind}). {group[0].label}: {group[0].message}", len(group))
        for kind, group in by_code.items()
    )
