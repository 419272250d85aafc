"""Work that goes to a Dask worker travels as a file that is gone when it is done; other workers get it as it is."""

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wildways.analyses import open_executor
from wildways.analyses.sending import send

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def dask() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as local,
        open_executor(local.scheduler_address) as executor,
    ):
        yield executor


def test_functions_and_arrays_arrive_and_leave_no_file(dask: Executor, tmp_path: Path) -> None:
    numbers = np.arange(200_000.0)
    of_function = 2.0

    def work(array: NDArray[np.float64]) -> tuple[float, list[int]]:
        return float(array.sum()) * of_function, [file.stat().st_size for file in tmp_path.iterdir()]

    total, (n_bytes,) = send(dask, tmp_path, work, numbers).result(timeout=60)
    assert total == numbers.sum() * 2
    assert n_bytes > numbers.nbytes
    assert _wait_until_empty(tmp_path)


def test_an_error_arrives_and_leaves_no_file(dask: Executor, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        send(dask, tmp_path, lambda: 1 / 0).result(timeout=60)
    assert _wait_until_empty(tmp_path)


def test_threads_get_the_very_same_objects(tmp_path: Path) -> None:
    numbers = np.zeros(3)
    with ThreadPoolExecutor(1) as threads:
        assert send(threads, tmp_path, lambda array: array, numbers).result() is numbers
    assert _files(tmp_path) == []


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _wait_until_empty(folder: Path) -> bool:
    until = time.monotonic() + 10
    while _files(folder) and time.monotonic() < until:
        time.sleep(0.01)
    return not _files(folder)
