"""Reads files one after another in a process of its own, as its parent asks. Run as a module, never imported by it.

Standard input brings requests as frames of JSON, standard output takes the answers; whatever a reader prints goes
nowhere. An answer is JSON, an error with the key ``error`` among them; a batch is a frame of Arrow IPC.

============ ============================================================= =========================================
request      with                                                          answers
============ ============================================================= =========================================
the first    ``folders``, ``file_bytes``, ``n_files``                      ``ready``, once libraries are imported
``claims``   ``reader``, ``file``, limits                                  ``claims``
``columns``  ``file``, limits                                              ``columns``
``prepare``  ``reader``, ``file``, ``source``, ``options``, limits         ``names_study``
``enter``                                                                  ``entered``
``stream``                                                                 ``dictionaries``: column → type of index;
                                                                           batches of fixes; for each small table
                                                                           ``table``, its batches; ``account``
``leave``                                                                  ``left``; a stream ends before it
============ ============================================================= =========================================
"""

import importlib
import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, NoReturn

import pyarrow as pa

from wildways.model import LimitReached, Place, Source, WildwaysError
from wildways.readers.contract import Reader, Reading
from wildways.readers.isolation.columns import drop_empty, say_dictionaries
from wildways.readers.isolation.confinement import confine
from wildways.readers.isolation.frames import BrokenFrame, Message, read_frame, write_batch, write_message
from wildways.readers.isolation.limits import limit_process, limit_reading
from wildways.readers.isolation.messages import account_as_json, error_as_json, options_from_json
from wildways.readers.registry import get_reader

_USUAL = ("duckdb", "numpy", "pyarrow.compute")
"""Imported while nobody waits yet."""

_ANSWER_BYTES = 1 << 16


def main() -> None:
    """Serve the parent until it closes the stream of requests."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _take_streams()
    folders = _limit(read_frame(requests))
    waiting: SimpleQueue[Message] = SimpleQueue()
    Thread(target=_receive, args=(requests, waiting, folders[0]), daemon=True).start()
    for name in _USUAL:
        importlib.import_module(name)
    _Worker(waiting, answers).serve()
    _end(folders[0])


def _limit(request: Message) -> list[Path]:
    """Keep to the limits for good; returns the folders to write in, its own first."""
    folders = [Path(folder) for folder in request["folders"]]
    limit_process(file_bytes=request["file_bytes"], n_files=request["n_files"])
    confine(folders)
    return folders


def _take_streams() -> tuple[io.RawIOBase, BinaryIO]:
    """The two streams, out of reach of whatever reads standard input or prints to standard output."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=_ANSWER_BYTES)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, answers


def _receive(requests: io.RawIOBase, waiting: "SimpleQueue[Message]", folder: Path) -> None:
    """Queue the requests; once the parent is gone there is nothing left to do but to tidy up, whatever is going on."""
    try:
        while True:
            waiting.put(read_frame(requests))
    except (EOFError, OSError, BrokenFrame):
        _end(folder)


def _end(folder: Path) -> NoReturn:
    """Leave the folder empty; whoever is confined to it cannot remove it."""
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


class _Worker:
    """Answers requests; at most one reading is prepared, and maybe entered."""

    def __init__(self, waiting: "SimpleQueue[Message]", answers: BinaryIO) -> None:
        self._waiting, self._answers = waiting, answers
        self._readers: dict[str, Reader] = {}
        self._reader, self._place = "", Place()
        self._reading: Reading | None = None
        self._is_entered = False
        self._operations: dict[str, Callable[[Message], Iterator[Message | pa.RecordBatch]]] = {
            "claims": self._claims,
            "columns": self._columns,
            "prepare": self._prepare,
            "enter": self._enter,
            "stream": self._stream,
            "leave": self._leave,
        }

    def serve(self) -> None:
        """Answer one request after another, until nobody takes the answers."""
        self._send({"ready": True})
        while True:
            request = self._waiting.get()
            try:
                for answer in self._operations[request["do"]](request):
                    self._send(answer)
            except BrokenPipeError:
                return
            except BrokenFrame as error:
                self._send(self._error(self._too_large(error)))
            except Exception as error:
                self._send(self._error(error))

    def _claims(self, request: Message) -> Iterator[Message]:
        limit_reading(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"])
        yield {"claims": bool(self._find(request["reader"]).claims(Path(request["file"])))}

    def _columns(self, request: Message) -> Iterator[Message]:
        from wildways.readers.inspection.columns import columns_of

        limit_reading(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"])
        yield {"columns": columns_of(Path(request["file"]))}

    def _prepare(self, request: Message) -> Iterator[Message]:
        options = options_from_json(request["options"])
        self._reader, self._place = request["reader"], Place(options.name)
        limit_reading(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"])
        source = Source.model_validate_json(request["source"])
        self._reading = self._find(self._reader).read(Path(request["file"]), source, options)
        yield {"names_study": bool(self._reading.names_study)}

    def _enter(self, request: Message) -> Iterator[Message]:
        self._prepared().__enter__()
        self._is_entered = True
        yield {"entered": True}

    def _stream(self, request: Message) -> Iterator[Message | pa.RecordBatch]:
        reading = self._prepared()
        fixes = reading.fixes()
        yield {"dictionaries": say_dictionaries(fixes.schema)}
        for batch in fixes:
            if not self._waiting.empty():
                return
            yield batch
        for name, table in reading.tables().items():
            yield {"table": name}
            yield from table.to_batches()
        yield {"account": account_as_json(reading.account)}

    def _leave(self, request: Message) -> Iterator[Message]:
        reading, self._reading = self._prepared(), None
        if self._is_entered:
            self._is_entered = False
            try:
                reading.__exit__(None, None, None)
            except Exception as error:
                yield self._error(error)
        yield {"left": True}

    def _find(self, name: str) -> Reader:
        if name not in self._readers:
            self._readers[name] = get_reader(name)
        return self._readers[name]

    def _prepared(self) -> Reading:
        if self._reading is None:
            raise RuntimeError("no reading is prepared")
        return self._reading

    def _send(self, answer: Message | pa.RecordBatch) -> None:
        if isinstance(answer, pa.RecordBatch):
            write_batch(self._answers, drop_empty(answer))
        else:
            write_message(self._answers, answer)

    def _error(self, error: Exception) -> dict[str, Any]:
        return error_as_json(error, self._reader, self._place)

    def _too_large(self, error: BrokenFrame) -> WildwaysError:
        message = f"The reader {self._reader} made too much of one record: {error}."
        return LimitReached("record-size", message, hint="Is the file damaged?", place=self._place)


if __name__ == "__main__":
    main()
