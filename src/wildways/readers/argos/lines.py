"""The lines of a text file, numbered, whatever their ends; a line without end is refused, not read."""

from collections.abc import Iterator
from pathlib import Path

from wildways.model import LimitReached, Place

MAX_LINE_BYTES = 65_536

Line = tuple[int, str]
"""Number, the first being 1, and text without its end."""


def read_lines(file: Path, name: str) -> Iterator[Line]:
    """Read the lines that are not blank. What is not UTF-8 becomes U+FFFD.

    Raises
    ------
    LimitReached : a line has more than 65,536 bytes; `name` is the file, for the message
    """
    number = 0
    with file.open("rb") as stream:
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                message = f"The line is longer than {MAX_LINE_BYTES} bytes."
                raise LimitReached("line-length", message, hint="Is this a text file?", place=Place(name, number))
            text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").rstrip("\r\n")
            if text.strip():
                yield number, text
