"""Reads mutated files through a limited process, and holds every reading to the contract of readers.

Which bytes a mutation has follows from the name of its seed and its number alone, so any can be made again.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from tests.readers.corpus import Seed
from tests.readers.files import NOW
from tests.readers.mutations import mutate
from wildways.model import RECORD_TABLES, TABLES, Source, WildwaysError
from wildways.readers import Account, ReadAgain, Reader, ReadingOptions, get_reader, reader_schema
from wildways.readers.isolation import Limits, ReadingProcess

MAX_BYTES = 1 << 30
MAX_SECONDS = 10.0

LIMITS = Limits(cpu_seconds=MAX_SECONDS, silent_seconds=MAX_SECONDS)
"""Memory is measured instead: what the system counts against a limit is mostly reserved by libraries, and unused."""

EVERY = 8
"""Of so many files one is also looked at in this process, where nothing hides what a reader raises."""

HARMFUL = frozenset({"record-size", "reader-failed"})
"""Codes of what may not happen either, beside all that begin with ``reading-``: the reader did not see it coming."""


class ContractBroken(AssertionError):
    """A reader broke its contract."""


@dataclass
class Tally:
    """What became of the mutations of one seed; seconds of the slowest, the number of which is known."""

    n_files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)


def run(seed: Seed, worker: ReadingProcess, folder: Path) -> Tally:
    """Read all mutations of a seed.

    Raises
    ------
    ContractBroken : one of them broke the contract; its files are left in the folder, and the message says which it is
    """
    tally, readers = Tally(), (worker.reader(seed.reader), get_reader(seed.reader))
    for number in range(seed.n):
        start = time.perf_counter()
        try:
            outcome = _outcome(seed, number, readers, worker, folder)
        except ContractBroken as error:
            raise ContractBroken(f"{seed.name} {number}: {error} ({folder / next(iter(seed.files))})") from error
        seconds = time.perf_counter() - start
        tally.n_files += 1
        tally.outcomes[outcome] += 1
        tally.seconds += seconds
        tally.slowest = max(tally.slowest, (seconds, number))
    return tally


def write_mutation(seed: Seed, number: int, folder: Path) -> Path:
    """Write a mutation: one of the files of the seed is damaged, the named one most often."""
    rng = random.Random(f"{seed.name} {number}")
    broken = rng.choice([next(iter(seed.files)), *seed.files])
    for name, content in seed.files.items():
        (folder / name).write_bytes(mutate(content, rng) if name == broken else content)
    return folder / next(iter(seed.files))


def read_mutation(seed: Seed, number: int, worker: ReadingProcess, folder: Path) -> str:
    """Write and read a mutation; what became of it: its evidence with or without findings, or the code of the error.

    Raises
    ------
    ContractBroken : the reader broke its contract
    """
    return _outcome(seed, number, (worker.reader(seed.reader), get_reader(seed.reader)), worker, folder)


def _outcome(seed: Seed, number: int, readers: tuple[Reader, Reader], worker: ReadingProcess, folder: Path) -> str:
    file = write_mutation(seed, number, folder)
    isolated, plain = readers
    process, start = worker.process_id, time.perf_counter()
    is_claimed = isolated.claims(file)
    try:
        account, tables = read(isolated, file, seed.settings)
    except WildwaysError as error:
        _check_error(error)
        outcome = error.code
    else:
        check(account, tables)
        outcome = "read, with findings" if account.findings else "read"
    _demand(process in (None, worker.process_id), "the process ended")
    _demand(time.perf_counter() - start < MAX_SECONDS, "it took too long")
    _demand(peak_bytes(worker) < MAX_BYTES, "it took too much memory")
    if number % EVERY == 0:
        _demand(plain.claims(file) == is_claimed, "it is claimed here and not there")
    return outcome


def read(reader: Reader, file: Path, settings: Mapping[str, object]) -> tuple[Account, dict[str, pa.Table]]:
    """The account and all tables of a file, the fixes among them; read again where the reader asks for it."""
    source = Source.model_validate({"id": "s", "path": "x", "licence": "CC0-1.0", **settings})
    for is_thorough in (False, True):
        options = ReadingOptions(now=NOW, is_thorough=is_thorough, threads=1, memory_limit="128MB")
        try:
            with reader.read(file, source, options) as reading:
                fixes = reading.fixes().read_all()
                return reading.account, {"fix": fixes, **reading.tables()}
        except ReadAgain:
            continue
    raise ContractBroken("a thorough reading is to be done again")


def _check_error(error: WildwaysError) -> None:
    _demand(error.code not in HARMFUL and not error.code.startswith("reading-"), f"{error.code}: {error}")
    missing = [name for name in ("code", "message", "hint") if not getattr(error, name)]
    _demand(not missing, f"{error.code} has no {missing}: {error}")
    _demand(error.place is not None and bool(error.place.file), f"{error.code} names no file: {error}")


def check(account: Account, tables: Mapping[str, pa.Table]) -> None:
    """Hold the evidence of a file to the contract.

    Raises
    ------
    ContractBroken : it does not keep it
    """
    n_refused = sum(finding.n_rows for finding in account.findings if finding.refused)
    _demand(account.n_rows == account.n_kept + n_refused, f"rows do not add up: {account}")
    _demand(all(finding.message and finding.n_rows > 0 for finding in account.findings), f"empty findings: {account}")
    kept: set[int] = set()
    for name, table in tables.items():
        if name != "fix":
            _demand(table.schema == reader_schema(TABLES[name]), f"{name} has another schema")
        table.validate(full=True)
        required = [column.name for column in table.schema if not column.nullable]
        _demand(all(table[column].null_count == 0 for column in required), f"{name} lacks values")
        if name in RECORD_TABLES:
            rows = table["source_row"].to_pylist()
            _demand(rows == sorted(rows), f"rows of {name} are not in order")
            _demand(name in ("site", "link") or len(rows) == len(set(rows)), f"rows of {name} come twice")
            kept.update(rows)
    _demand(all(1 <= row <= account.n_rows for row in kept), "there are no such rows")
    _demand(len(kept) <= account.n_kept, f"{len(kept)} rows in the evidence, {account.n_kept} kept")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ContractBroken(otherwise)


def peak_bytes(worker: ReadingProcess) -> int:
    """The most memory that the process held at once, where the system says it."""
    status = Path(f"/proc/{worker.process_id}/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
