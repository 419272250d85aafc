"""Lines of EURING records laid out alike: every form becomes a matrix of the 94 characters of the fixed-width form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from wildways.model import BadInput, Place
from wildways.readers.euring.fields import ALPHABET, BLANK, Codes, EuringField, Mask, load_euring_fields
from wildways.readers.euring.piped import (
    FIXED_WIDTH,
    N_FIELDS,
    PADDING,
    REQUIRED_WIDTH,
    Fault,
    PipedLines,
    Positions,
    spread,
)

BLOCK_BYTES = 1 << 22
"""Large enough for threads to work on blocks side by side without waiting for one another."""

MAX_LINE_BYTES = 1 << 20

_NEWLINE, _RETURN = b"\n\r"
_REPLACED = bytes(code if code in ALPHABET else ord("?") for code in range(256))


@dataclass(frozen=True)
class Records:
    """Records of a block of lines, broken ones too.

    Parameters
    ----------
    lines : line each stands on
    codes : shape (n, 94), the fixed-width form; a field left out is dashes, a character that cannot be a question mark
    extras : texts of later fields as bytes, empty where not given: ``place_name``, ``latitude``, ``longitude``,
        ``current_place_code``; a field that no record has is absent
    faults : what is wrong with the lines as such
    """

    lines: Positions
    codes: Codes
    extras: Mapping[str, pa.BinaryArray]
    faults: tuple[Fault, ...]
    _texts: tuple[memoryview, Positions, Positions]

    def __len__(self) -> int:
        return len(self.lines)

    def field(self, name: str) -> Codes:
        """The characters of a field of the fixed-width form."""
        return self.codes[:, load_euring_fields()[name].span]

    def value(self, row: int, field: str | None) -> str:
        """What the file has in a field of a record, or the record's beginning; for messages."""
        content, starts, ends = self._texts
        line = bytes(content[starts[row] : ends[row]]).decode("latin-1")
        value = line if field is None else _value(line, load_euring_fields()[field])
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in value[:80])


def read_blocks(file: Path, name: str) -> Iterator[tuple[bytes, int]]:
    """Yield the file in blocks of whole lines, each with the number of its first line.

    Raises
    ------
    BadInput : a line is longer than a megabyte
    """
    first_line, held = 1, b""
    with file.open("rb") as stream:
        stream.seek(3 if stream.read(3) == b"\xef\xbb\xbf" else 0)
        while block := stream.read(BLOCK_BYTES):
            whole, newline, rest = (held + block).rpartition(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                message = f"A line is longer than {MAX_LINE_BYTES:,} bytes; a EURING record has about a hundred."
                raise BadInput("not-euring", message, hint="Is this the right file?", place=Place(name, first_line))
            if newline:
                yield whole + newline, first_line
                first_line += whole.count(b"\n") + 1
            held = rest
    if held:
        yield held, first_line


def lay_out(block: bytes, first_line: int = 1) -> Records:
    """Find the records in a block of whole lines; blank lines are none."""
    content = np.frombuffer(block + PADDING, dtype=np.uint8)
    starts, ends, lines = _find_lines(content, len(block), first_line)
    piped = PipedLines(content, starts, ends)
    codes = np.full((len(starts), FIXED_WIDTH), BLANK, dtype=np.uint8)
    faults = [_lay_out_fixed(content, starts, ends, piped.n_bars == 0, codes)]
    if piped.n_bars.any():
        faults += piped.lay_out(codes)
    if codes.tobytes().translate(None, ALPHABET):
        replaced = np.frombuffer(codes.tobytes().translate(_REPLACED), dtype=np.uint8).reshape(codes.shape)
        faults.append(Fault("characters", None, (codes != replaced).any(axis=1)))
        codes = replaced
    return Records(lines, codes, piped.extras(), tuple(faults), (memoryview(block), starts, ends))


def _find_lines(content: Codes, size: int, first_line: int) -> tuple[Positions, Positions, Positions]:
    """Starts and ends of the lines that have anything visible, and their numbers."""
    ends = np.flatnonzero(content[:size] == _NEWLINE)
    if not len(ends) or ends[-1] != size - 1:
        ends = np.append(ends, size)
    starts = np.append(0, ends[:-1] + 1)
    ends = ends - ((ends > starts) & (content[ends - 1] == _RETURN))
    is_line = ends > starts
    doubtful = np.flatnonzero(is_line & (content[starts] <= BLANK))
    is_line[doubtful] = _is_visible(content, starts[doubtful], ends[doubtful])
    found = np.flatnonzero(is_line)
    return starts[found], ends[found], found + first_line


def _lay_out_fixed(content: Codes, starts: Positions, ends: Positions, is_fixed: Mask, codes: Codes) -> Fault:
    """Copy the lines without bars; at fault are those that are too short, or go on beyond the last field."""
    chosen = np.flatnonzero(is_fixed)
    widths = (ends - starts)[chosen]
    copied = sliding_window_view(content, FIXED_WIDTH)[starts[chosen]]
    short = np.flatnonzero(widths < FIXED_WIDTH)
    copied[short] = np.where(np.arange(FIXED_WIDTH) < widths[short, None], copied[short], BLANK)
    codes[chosen] = copied
    is_faulty = widths < REQUIRED_WIDTH
    long = chosen[widths > FIXED_WIDTH]
    is_faulty[widths > FIXED_WIDTH] = _is_visible(content, starts[long] + FIXED_WIDTH, ends[long])
    return Fault("record-width", None, spread(is_faulty, chosen, len(starts)))


def _is_visible(content: Codes, starts: Positions, ends: Positions) -> Mask:
    """Which stretches, none of them empty, have anything but blanks and control characters."""
    if not len(starts):
        return np.empty(0, dtype=bool)
    visible: Mask = np.maximum.reduceat(content, np.column_stack([starts, ends]).ravel())[::2] > BLANK
    return visible


def _value(line: str, field: EuringField) -> str:
    if "|" in line:
        return [*line.split("|"), *[""] * N_FIELDS][field.index]
    return line[field.span]
