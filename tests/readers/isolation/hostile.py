"""A reader that does what the text of its file says, most of it bad. Installed for these tests only, see `conftest`."""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from wildways.model import TABLES, BadInput, LimitReached, Place, Source
from wildways.readers import FIX_SCHEMA, Account, ReadAgain, ReadingOptions, reader_schema

NO_FIX = pa.RecordBatch.from_pylist([], FIX_SCHEMA)
HEADER = struct.Struct("<4scQ")


class Hostile:
    """Reads files whose text names a behaviour, and the moment for it after a space: prepare, enter, fixes, leave."""

    name = "hostile"
    version = "1"
    description = "Behaviour"

    def claims(self, file: Path) -> bool:
        """Whether the file says so; a file for the moment ``claims`` behaves instead."""
        behaviour, _, moment = file.read_text().partition(" ")
        if moment == "claims":
            BEHAVIOURS[behaviour]()
        return behaviour in BEHAVIOURS

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> "HostileReading":
        """Prepare to behave."""
        return HostileReading(file, options or ReadingOptions())


class HostileReading:
    """Behaves at its moment; else it is a sound reading without rows."""

    names_study = True

    def __init__(self, file: Path, options: ReadingOptions) -> None:
        self._behaviour, _, moment = file.read_text().partition(" ")
        self._moment, self._options = moment or "fixes", options
        self.account = Account(0, 0)
        self._at("prepare")

    def __enter__(self) -> Self:
        self._at("enter")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._at("leave")

    def fixes(self) -> pa.RecordBatchReader:
        """An empty batch, then the behaviour."""
        return pa.RecordBatchReader.from_batches(FIX_SCHEMA, self._batches())

    def tables(self) -> Mapping[str, pa.Table]:
        """What the process may do, as the names of studies."""
        names = [{"study_id": name, "name": name} for name in self._deeds()]
        return {"study": pa.Table.from_pylist(names, reader_schema(TABLES["study"]))}

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield NO_FIX
        self._at("fixes")
        if self._behaviour == "endless":
            while True:
                yield NO_FIX

    def _at(self, moment: str) -> None:
        if self._moment == moment and self._behaviour in BEHAVIOURS:
            BEHAVIOURS[self._behaviour]()
        if self._moment == moment == "fixes" and self._behaviour == "litter":
            Path(tempfile.mkdtemp(dir=self._options.scratch_folder), "much").write_bytes(b"x" * 1000)
            os.abort()

    def _deeds(self) -> Iterator[str]:
        if self._behaviour != "try":
            return
        folder = Path(self._options.scratch_folder or "")
        for name, deed in {
            "scratch": lambda: (folder / "new").write_text(""),
            "outside": lambda: (Path(__file__).parent / "outside").write_text(""),
            "null": lambda: Path(os.devnull).write_text(""),
            "network": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
            "child": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        }.items():
            try:
                deed()
            except PermissionError:
                continue
            except OSError as error:
                yield f"{name}: {type(error).__name__}"
            else:
                yield name


def _answers() -> int:
    """The file descriptor of the answers; a reader has no business with it."""
    mine = (int(entry) for entry in os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers
    pipes = [number for number in mine if number > 2 and _target(number).startswith("pipe:")]
    return max(pipes, key=lambda number: _is_for_writing(number))


def _target(number: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115 - no real path
    except OSError:
        return ""


def _is_for_writing(number: int) -> bool:
    import fcntl

    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_WRONLY)


def _write(content: bytes) -> None:
    while content:
        content = content[os.write(_answers(), content) :]
    time.sleep(60)


def _batch(batch: pa.RecordBatch, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
        stream.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return HEADER.pack(b"wway", b"A", len(content)) + content


def _message(value: object) -> bytes:
    content = json.dumps(value).encode()
    return HEADER.pack(b"wway", b"J", len(content)) + content


def _out_of_bounds() -> bytes:
    """A batch of fixes with a text that lies outside its buffer."""
    fix = {column.name: "x" * 77_777 for column in FIX_SCHEMA if pa.types.is_string(column.type)}
    content = _batch(pa.RecordBatch.from_pylist([fix], FIX_SCHEMA))
    return content.replace(struct.pack("<ii", 0, 77_777), struct.pack("<ii", 0, 1 << 30))


def _raise(error: Exception) -> None:
    raise error


def _hoard() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(100_000_000))


def _hoard_in_c() -> None:
    allocate = ctypes.CDLL(None).malloc
    allocate.restype = ctypes.c_void_p
    while allocate(1 << 26):
        pass
    _raise(MemoryError())


def _compute() -> None:
    while True:
        pass


def _compute_a_little() -> None:
    start = time.process_time()
    while time.process_time() < start + 0.5:
        pass


def _print() -> None:
    for _ in range(20_000):
        print("x" * 1000, flush=True)  # noqa: T201 - what is tested
        print("x" * 1000, file=sys.stderr, flush=True)  # noqa: T201 - what is tested


def _leave_child() -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "wildways-left-child"])
    os.abort()


WHOLE = BadInput("bad", "Nämlich “so”.", hint="Do.", place=Place(Path("a/b.csv"), 7, "f"))
LIMIT = LimitReached("much", "Too much.", place=Place("b.csv"))
FINDINGS = ({"code": "x", "message": "m", "n_rows": -1, "refused": True, "place": {}, "example": None, "hint": None},)

BEHAVIOURS: dict[str, Callable[[], None]] = {
    "nothing": lambda: None,
    "try": lambda: None,
    "endless": lambda: None,
    "abort": os.abort,
    "fault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda: os._exit(0),
    "system-exit": lambda: sys.exit(5),
    "close": lambda: (os.close(_answers()), time.sleep(60))[0],
    "hang": lambda: time.sleep(600),
    "compute": _compute,
    "compute-a-little": _compute_a_little,
    "hoard": _hoard,
    "hoard-in-c": _hoard_in_c,
    "print": _print,
    "read-input": lambda: sys.stdin.read() and None,
    "leave-child": _leave_child,
    "raise": lambda: _raise(ZeroDivisionError("by nothing")),
    "raise-whole": lambda: _raise(WHOLE),
    "raise-limit": lambda: _raise(LIMIT),
    "raise-again": lambda: _raise(ReadAgain()),
    "garbage": lambda: _write(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
    "half": lambda: (os.write(_answers(), HEADER.pack(b"wway", b"A", 1000) + b"x"), os._exit(1))[0],
    "claim-much": lambda: _write(HEADER.pack(b"wway", b"A", 1 << 62)),
    "no-json": lambda: _write(HEADER.pack(b"wway", b"J", 4) + b"\xff{,]"),
    "deep-json": lambda: _write(HEADER.pack(b"wway", b"J", 10**6) + b"[" * 10**6),
    "no-object": lambda: _write(_message([])),
    "wrong-error": lambda: _write(_message({"error": "SystemExit", "code": 1})),
    "wrong-account": lambda: _write(_message({"account": {"n_rows": 1, "n_kept": 1, "findings": FINDINGS}})),
    "wrong-table": lambda: _write(_message({"table": "../../etc"})),
    "wrong-columns": lambda: _write(_batch(pa.record_batch({"a": [1]}))),
    "no-arrow": lambda: _write(HEADER.pack(b"wway", b"A", 64) + b"\xff\xff\xff\xff" + b"\x10" * 60),
    "compressed": lambda: _write(_batch(pa.RecordBatch.from_pylist([], FIX_SCHEMA), compression="zstd")),
    "out-of-bounds": lambda: _write(_out_of_bounds()),
}
