"""Readers and readings whose work is done by a reading process."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from wildways.model import Source, WildwaysError
from wildways.readers.contract import Account, Reader, Reading, ReadingOptions
from wildways.readers.isolation.columns import Filler, announced_table, fix_schema
from wildways.readers.isolation.frames import BrokenFrame, Message
from wildways.readers.isolation.messages import account_from_json, options_as_json
from wildways.readers.isolation.process import ReadingProcess, Task


class IsolatedReader:
    """A `Reader` at work in a reading process."""

    def __init__(self, process: ReadingProcess, reader: Reader) -> None:
        self._process = process
        self.name, self.version, self.description = reader.name, reader.version, reader.description

    def claims(self, file: Path) -> bool:
        """Whether the file looks like this reader's format; a file that harms the process does not."""
        self._process.demand_idle()
        task = Task(self.name, str(file), 0)
        question = {"do": "claims", "reader": self.name, "file": str(file.absolute())}
        try:
            return (
                self._process.ask(task, {**question, **_limits(self._process, 0, ReadingOptions().memory_limit)}).get(
                    "claims"
                )
                is True
            )
        except WildwaysError:
            return False

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a file; see `Reader.read`. Intermediate files lie in a folder of the process."""
        return IsolatedReading(self._process, self.name, file, source, options or ReadingOptions())


class IsolatedReading:
    """A `Reading` at work in a reading process; one is entered at a time."""

    def __init__(
        self, process: ReadingProcess, reader: str, file: Path, source: Source, options: ReadingOptions
    ) -> None:
        name = options.name or str(file)
        self._process, self._options = process, replace(options, name=name)
        self._task = Task(reader, name, file.stat().st_size if file.is_file() else 0)
        self._question = {
            "do": "prepare",
            "reader": reader,
            "file": str(file.absolute()),
            "source": source.model_dump_json(),
            **_limits(process, self._task.n_bytes, options.memory_limit),
        }
        self._batches: Iterator[pa.RecordBatch] | None = None
        self._after_fixes: Message | None = None
        self._results: tuple[Mapping[str, pa.Table], Account] | None = None
        self.names_study = self._prepare()

    def __enter__(self) -> Self:
        if self._process.holder is not self:
            self._prepare()
        self._process.ask(self._task, {"do": "enter"})
        self._process.is_busy = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.holder is not self:
            return
        if kind is None or issubclass(kind, Exception):
            self._process.leave(self._task)
        else:
            self._process.close()

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order; texts may come as dictionaries."""
        answer = self._process.ask(self._task, {"do": "stream"})
        with self._process.checked(self._task):
            schema = fix_schema(answer.get("dictionaries"))
        self._batches = self._stream(schema)
        return pa.RecordBatchReader.from_batches(schema, self._batches)

    def tables(self) -> Mapping[str, pa.Table]:
        """The small tables, once the fixes were consumed."""
        return self._finish()[0]

    @property
    def account(self) -> Account:
        """What became of the rows, once the fixes were consumed."""
        return self._finish()[1]

    def _prepare(self) -> bool:
        self._process.demand_idle()
        room = self._process.make_room(self._options.scratch_folder)
        options = options_as_json(replace(self._options, scratch_folder=room))
        answer = self._process.ask(self._task, {**self._question, "options": options})
        self._process.holder = self
        return answer.get("names_study") is True

    def _stream(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        filler = Filler(schema)
        while isinstance(answer := self._process.take(self._task), pa.RecordBatch):
            with self._process.checked(self._task):
                batch = filler.fill(answer)
            yield batch
        self._after_fixes = answer

    def _finish(self) -> tuple[Mapping[str, pa.Table], Account]:
        if self._results is None:
            if self._batches is None:
                self.fixes()
            if self._batches is not None and next(self._batches, None) is not None:
                raise RuntimeError("The fixes come before the tables and the account; consume them first.")
            if self._after_fixes is None:
                raise RuntimeError("The fixes were not read to their end.")
            self._results = self._take_results(self._after_fixes)
        return self._results

    def _take_results(self, answer: Message) -> tuple[Mapping[str, pa.Table], Account]:
        """The tables, each announced by its name, and the account after them."""
        tables: dict[str, pa.Table] = {}
        most = self._process.limits.memory_of(self._options.memory_limit)
        while "account" not in answer:
            with self._process.checked(self._task):
                name, schema = announced_table(answer)
                if name in tables:
                    raise BrokenFrame(f"the table {name} comes twice")
            filler, batches = Filler(schema), []
            while isinstance(answer := self._process.take(self._task), pa.RecordBatch):
                with self._process.checked(self._task):
                    batches.append(filler.fill(answer))
                    most -= answer.nbytes
                    if most < 0:
                        raise BrokenFrame(f"the table {name} is larger than the process may be")
            tables[name] = pa.Table.from_batches(batches, schema)
        with self._process.checked(self._task):
            return tables, account_from_json(answer["account"])


def _limits(process: ReadingProcess, n_bytes: int, memory_limit: str) -> dict[str, float]:
    limits = process.limits
    return {"memory_bytes": limits.memory_of(memory_limit), "cpu_seconds": limits.cpu_of(n_bytes)}
