"""The parent's side of a reading process: starts it, asks it, watches it, and says what became of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self

import pyarrow as pa

from wildways.model import BadInput, Place, WildwaysError
from wildways.readers.contract import ReadAgain, Reader
from wildways.readers.isolation.endings import SOUND, crashed, stalled, unstarted
from wildways.readers.isolation.frames import BrokenFrame, Message, read_frame, write_message
from wildways.readers.isolation.limits import Limits
from wildways.readers.isolation.messages import error_from_json, texts_from_json
from wildways.readers.isolation.starting import Process, await_end, identify, kill, start
from wildways.readers.isolation.watchdog import Watchdog
from wildways.readers.registry import get_reader, list_readers

_LAST_SECONDS = 2.0
"""How long a process that closed its stream may take to end."""

_START_SECONDS = 120.0
"""How long a process may take to import its libraries; half a second is usual."""


@dataclass(frozen=True)
class Task:
    """What a reading process is at: messages name the file so, and its size says how long it may take."""

    reader: str
    file: str
    n_bytes: int


class ReadingProcess:
    """A process that reads one file after another, so that no file can harm the program.

    Entering it starts the process, which imports its libraries while the caller goes on. Whatever becomes of it, the
    next question starts another one. It holds one reading at a time and is not for several threads.

    Parameters
    ----------
    limits : what it may use
    scratch_folder : the folder that it may write in, apart from one of its own; it may be one above those that readings
        name in their options. A reading that names one elsewhere has the process started anew, for that folder
    """

    def __init__(self, limits: Limits | None = None, scratch_folder: Path | None = None) -> None:
        self.limits = limits or Limits()
        self.holder: object = None
        self.is_busy = False
        self._scratch_folder = None if scratch_folder is None else scratch_folder.absolute()
        self._scratch_identity: tuple[int, int] | None = None
        self._process: Process | None = None
        self._is_ready = False
        self._rooms: list[Path] = []
        self._watchdog: Watchdog | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def reader(self, name: str) -> Reader:
        """The reader of that name, at work in this process.

        Raises
        ------
        NotFound : none is installed under it
        """
        return self._employ(get_reader(name))

    def readers(self) -> tuple[Reader, ...]:
        """All readers that are installed, by name, at work in this process."""
        return tuple(self._employ(reader) for reader in list_readers())

    def columns_of(self, file: Path) -> tuple[str, ...]:
        """Names of a file's columns, as `wildways.readers.inspection.columns` finds them; none if that harms it."""
        self.demand_idle()
        size = {"memory_bytes": self.limits.memory_of(""), "cpu_seconds": self.limits.cpu_of(0)}
        task = Task("", str(file), 0)
        try:
            answer = self.ask(task, {"do": "columns", "file": str(file.absolute()), **size})
        except WildwaysError:
            return ()
        with self.checked(task):
            return texts_from_json(answer.get("columns"))

    def close(self) -> None:
        """End the process and delete its intermediate files."""
        self._end(0)

    @property
    def process_id(self) -> int | None:
        """The process's id, while one is running."""
        return None if self._process is None else self._process.pid

    def make_room(self, scratch_folder: Path | None) -> Path:
        """A folder of the process's own, in the scratch folder of a reading or in the system's."""
        if scratch_folder is not None:
            scratch_folder = scratch_folder.absolute()
            self._allow(scratch_folder)
        self._start()
        if scratch_folder is None:
            return self._rooms[0]
        room = scratch_folder / f"reading-{self.process_id}"
        room.mkdir(parents=True, exist_ok=True)
        if room not in self._rooms:
            self._rooms.append(room)
        return room

    def demand_idle(self) -> None:
        """Make sure that no reading is entered.

        Raises
        ------
        RuntimeError : one is
        """
        if self.is_busy:
            raise RuntimeError("A reading process reads one file at a time; leave the reading before the next.")

    def ask(self, task: Task, question: Message) -> Message:
        """Ask, and take the first answer.

        Raises
        ------
        Corrupt : the process cannot start
        WildwaysError, ReadAgain : as the reader raised it
        BadInput : the process ended, or gave an answer that is none
        LimitReached : it was silent for too long, or used more than it may
        """
        self._start()
        self._await_start()
        with self._exchange(task) as process:
            write_message(process.requests, question)
        return self.take_message(task)

    def take(self, task: Task) -> Message | pa.RecordBatch:
        """Take the next answer; raises as `ask`."""
        with self._exchange(task) as process:
            answer = read_frame(process.answers)
        if isinstance(answer, pa.RecordBatch) or "error" not in answer:
            return answer
        with self.checked(task):
            error = error_from_json(answer)
        raise error

    def take_message(self, task: Task) -> Message:
        """Take the next answer, which is no batch; raises as `ask`."""
        answer = self.take(task)
        with self.checked(task):
            if isinstance(answer, pa.RecordBatch):
                raise BrokenFrame("a batch came before its time")
            return answer

    def leave(self, task: Task) -> None:
        """Leave a reading, wherever it is; what goes wrong on the way out matters to nobody any more."""
        self.holder, self.is_busy = None, False
        with suppress(WildwaysError, OSError), self._exchange(task) as process:
            write_message(process.requests, {"do": "leave"})
        while self._process is not None:
            with suppress(WildwaysError, ReadAgain):
                answer = self.take(task)
                if not isinstance(answer, pa.RecordBatch) and "left" in answer:
                    return

    @contextmanager
    def checked(self, task: Task) -> Iterator[None]:
        """Ends the process if an answer turns out, in here, to be none.

        Raises
        ------
        BadInput : it did
        """
        try:
            yield
        except BrokenFrame as error:
            self._end(0)
            message = f"The reader {task.reader} gave an answer that is none: {error}."
            raise BadInput("reading-invalid", message, hint=SOUND, place=Place(task.file)) from error

    def _employ(self, reader: Reader) -> Reader:
        from wildways.readers.isolation.reader import IsolatedReader

        return IsolatedReader(self, reader)

    def _await_start(self) -> None:
        """Wait until the process has imported its libraries, which is not the file's fault."""
        if self._is_ready or self._process is None or self._watchdog is None:
            return
        try:
            with self._watchdog.within(_START_SECONDS):
                self._is_ready = "ready" in read_frame(self._process.answers)
        except (EOFError, OSError, BrokenFrame):
            raise unstarted(self._end(_LAST_SECONDS)) from None
        except BaseException:
            self._end(0)
            raise

    def _allow(self, folder: Path) -> None:
        """End the process if it may not write in a folder: one elsewhere, or in a place of one that was removed."""
        root = self._scratch_folder
        if root is None or not folder.is_relative_to(root):
            self._scratch_folder = folder
            self._end(0)
        elif self._process is not None and identify(root) != self._scratch_identity:
            self._end(0)

    def _start(self) -> None:
        if self._process is not None:
            return
        room = Path(mkdtemp(prefix="wildways-reading-"))
        self._rooms = [room]
        folders = [room]
        if self._scratch_folder is not None:
            self._scratch_folder.mkdir(parents=True, exist_ok=True)
            folders.append(self._scratch_folder)
            self._scratch_identity = identify(self._scratch_folder)
        self._process = process = start(room)
        self._is_ready = False
        self._watchdog = Watchdog(lambda: kill(process), self.limits.silent_seconds)
        about = {"file_bytes": self.limits.file_bytes, "n_files": self.limits.n_files}
        with suppress(OSError):  # whoever asks next learns that it ended
            write_message(process.requests, {"folders": [str(folder) for folder in folders], **about})

    @contextmanager
    def _exchange(self, task: Task) -> Iterator[Process]:
        """Write or read; the process is ended if that takes too long, fails or is interrupted."""
        process, watchdog, seconds = self._process, self._watchdog, self.limits.silence_of(task.n_bytes)
        if process is None or watchdog is None:
            raise RuntimeError("The reading process has ended.")
        try:
            with watchdog.within(seconds), self.checked(task):
                yield process
        except (EOFError, OSError):
            code = self._end(_LAST_SECONDS)
            if watchdog.has_called:
                raise stalled(task.reader, task.file, seconds) from None
            raise crashed(task.reader, task.file, code) from None
        except BaseException:
            self._end(0)
            raise

    def _end(self, seconds: float) -> int:
        """End the process, after so many seconds if it does not by itself; returns its exit code."""
        process, self._process = self._process, None
        self.holder, self.is_busy = None, False
        if process is None:
            return 0
        if self._watchdog is not None:
            self._watchdog.stop()
        await_end(process, seconds)
        kill(process)
        process.requests.close()
        process.answers.close()
        code = process.popen.wait()
        for room in self._rooms:
            shutil.rmtree(room, ignore_errors=True)
        return code


def open_worker(limits: Limits | None = None, *, scratch_folder: Path | None = None) -> ReadingProcess:
    """A process to read files in; enter it, then ask it for a `reader`.

    Parameters
    ----------
    limits : what it may use; by default those of `Limits`
    scratch_folder : the folder that it may write in; readings may name it, or folders in it, in their options
    """
    return ReadingProcess(limits, scratch_folder)
