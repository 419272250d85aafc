"""Sending work to a worker: what it is about travels as a file, so that a scheduler only handles names."""

import pickle
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


def send(executor: Executor, folder: Path, function: Callable[..., Result], *arguments: object) -> Future[Result]:
    """Have a function called by a worker.

    Where the workers are those of a Dask cluster, function and arguments are written to a file that is deleted when the
    worker is done; others get them as they are.

    Parameters
    ----------
    folder : for that file, seen by all workers under the same path
    """
    if not _is_of_dask(executor):
        return executor.submit(function, *arguments)
    import cloudpickle

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f".{uuid.uuid4().hex}.work"
    with file.open("wb") as stream:
        cloudpickle.dump((function, arguments), stream, protocol=pickle.HIGHEST_PROTOCOL)
    future = executor.submit(_call, str(file))
    future.add_done_callback(lambda _: file.unlink(missing_ok=True))
    return future


def _call(file: str) -> Any:
    """Do the work that a file holds; whoever sent it wrote the file."""
    with Path(file).open("rb") as stream:
        function, arguments = pickle.load(stream)  # noqa: S301
    return function(*arguments)


def _is_of_dask(executor: Executor) -> bool:
    return type(executor).__module__.startswith("distributed.")
