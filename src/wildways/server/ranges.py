"""The Range header (RFC 9110, section 14): one range of bytes, or none. Pure."""

import re
from dataclasses import dataclass

MAX_HEADER = 64
_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)


@dataclass(frozen=True)
class ByteRange:
    """Bytes from `start` up to but not including `stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.stop - self.start


class RangeNotSatisfiable(Exception):
    """No byte of the file is in the range, or more was asked for at once than one range."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range of bytes that a header asks for, cut to a file of `size` bytes; None where the whole file is meant.

    Headers in another unit or against the grammar count as none, as the RFC wants.

    Raises
    ------
    RangeNotSatisfiable : the range begins behind the end, is empty, is one of several, or the header is over-long
    """
    if header is None or not header.startswith("bytes="):
        return None
    if "," in header or len(header) > MAX_HEADER:
        raise RangeNotSatisfiable
    match = _RANGE.fullmatch(header)
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        start, stop = max(size - int(match[2]), 0), size
    else:
        start = int(match[1])
        stop = min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= stop:
        raise RangeNotSatisfiable
    return ByteRange(start, stop)
