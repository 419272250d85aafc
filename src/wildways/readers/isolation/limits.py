"""What a reading process may use: memory, computing time, silence, files."""

import math
import os
import re
import time
from dataclasses import dataclass
from types import MappingProxyType

_UNITS = MappingProxyType(
    {
        f"{letter}{end}": factor**power
        for power, letter in enumerate("kmgt", 1)
        for end, factor in (("b", 1000), ("ib", 1024))
    }
)
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]i?b)\s*", re.IGNORECASE)
_BYTES_A_CORE = 64 << 20


@dataclass(frozen=True)
class Limits:
    """What a reading process may use; whatever goes beyond is stopped, and the file is named.

    Memory, computing time, the size of files and their number are limited by the system where it knows such limits
    (not on Windows; macOS does not keep to those of memory). The limit of silence is kept by the parent, everywhere.

    Parameters
    ----------
    memory_bytes : memory beyond the `memory_limit` of the parser, for libraries, threads and batches on their way;
        64 MB more for each core
    cpu_seconds, cpu_bytes_per_second : computing time of a reading: so many seconds and one more for so many bytes
    silent_seconds, silent_bytes_per_second : how long the process may go without an answer, in the same manner
    file_bytes : size of an intermediate file
    n_files : files open at once
    """

    memory_bytes: int = 3 << 30
    cpu_seconds: float = 60
    cpu_bytes_per_second: float = 200_000
    silent_seconds: float = 60
    silent_bytes_per_second: float = 1_000_000
    file_bytes: int = 64 << 30
    n_files: int = 256

    def memory_of(self, memory_limit: str) -> int:
        """Bytes of memory for a reading with that memory limit of the parser."""
        size = _SIZE.fullmatch(memory_limit)
        parser = float(size[1]) * _UNITS[size[2].lower()] if size else 0
        return int(parser) + self.memory_bytes + _BYTES_A_CORE * (os.cpu_count() or 1)

    def cpu_of(self, n_bytes: int) -> float:
        """Seconds of computing for a file of that size."""
        return self.cpu_seconds + n_bytes / self.cpu_bytes_per_second

    def silence_of(self, n_bytes: int) -> float:
        """Seconds until the next answer, for a file of that size."""
        return self.silent_seconds + n_bytes / self.silent_bytes_per_second


def limit_process(*, file_bytes: int, n_files: int) -> None:
    """Limit this process for good; no memory is dumped when it crashes."""
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_FSIZE", file_bytes)
    _limit("RLIMIT_NOFILE", n_files)


def limit_reading(*, memory_bytes: int, cpu_seconds: float) -> None:
    """Limit the memory of this process, and the computing time from now on; the next reading may set other limits.

    What counts as memory is what could be written to. Addresses are limited to twice that, as libraries reserve more
    of them than they use.
    """
    _limit("RLIMIT_DATA", memory_bytes)
    _limit("RLIMIT_AS", 2 * memory_bytes)
    _limit("RLIMIT_CPU", math.ceil(time.process_time() + cpu_seconds))


def _limit(name: str, most: int) -> None:
    try:
        import resource
    except ImportError:
        return
    kind = getattr(resource, name, None)
    if kind is None:
        return
    _, hard = resource.getrlimit(kind)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        return
