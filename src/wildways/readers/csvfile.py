"""A CSV file before it is parsed: is it one, what are its columns, and a plain copy where it is compressed."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wildways.model import BadInput, LimitReached, Place, WildwaysError

MAX_COLUMNS = 4096
MAX_EXPANSION = 200
"""Times its size that a compressed file may grow to; beyond it is an attack, not a table of positions."""

_HEAD = 1 << 16
_BLOCK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_KINDS = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "Unpack it, or save the sheet as CSV."),
    (b"PAR1", "a Parquet file", "Export it as CSV."),
    (b"SQLite format 3", "a SQLite database or GeoPackage", "Export the table as CSV."),
    (b"%PDF", "a PDF document", "Export the table as CSV."),
    (b"<", "a web page or an XML document", "A download that needed a licence or a login often leaves one."),
    (b"{", "JSON", "Export the table as CSV."),
)


@dataclass(frozen=True)
class CsvHead:
    """What the beginning of a CSV file tells.

    Parameters
    ----------
    file : the file
    name : how messages name it
    columns : names in the header, stripped of spaces and the byte order mark
    delimiter : comma, semicolon, tab or bar, whichever the header has most of
    compressed : whether it is gzip
    only_returns : whether its lines end in CR alone
    """

    file: Path
    name: str
    columns: tuple[str, ...]
    delimiter: str
    compressed: bool
    only_returns: bool

    @property
    def place(self) -> Place:
        """The file, for messages."""
        return Place(self.name)


def read_head(file: Path, name: str | None = None) -> CsvHead:
    """Look at the first 64 kB of a file.

    Raises
    ------
    BadInput : it is missing, empty, not text, not UTF-8, or its first line cannot be a header
    """
    name = name or str(file)
    place = Place(name)
    start, compressed = _first_bytes(file, place)
    if not start.strip(b"\r\n\t ") or start == _UTF8_BOM:
        raise BadInput("file-empty", "The file is empty.", hint="Export it again.", place=place)
    _refuse_other_kinds(start, place)
    text = start.decode("utf-8-sig", errors="replace")
    delimiter, columns = _header(text, place)
    return CsvHead(file, name, columns, delimiter, compressed, b"\r" in start and b"\n" not in start)


def peek_head(file: Path) -> CsvHead | None:
    """The beginning of a file, or nothing where it is no CSV."""
    try:
        return read_head(file)
    except WildwaysError:
        return None


def make_plain(head: CsvHead, scratch_folder: Path, *, unify_line_ends: bool = False) -> Path:
    """Give the file as plain text, as a copy in the scratch folder where it is compressed or its line ends differ.

    Raises
    ------
    BadInput : the compressed file is cut off or damaged
    LimitReached : it grows to more than 200 times its size
    """
    unify_line_ends |= head.only_returns
    if not head.compressed and not unify_line_ends:
        return _without_wildcards(head.file, scratch_folder)
    blocks = _unzipped(head) if head.compressed else _blocks(head.file)
    copy = scratch_folder / "plain.csv"
    copy.unlink(missing_ok=True)
    with copy.open("wb") as target:
        for block in _with_newlines(blocks) if unify_line_ends else blocks:
            target.write(block)
    return copy


def _without_wildcards(file: Path, scratch_folder: Path) -> Path:
    """The file under a name in which the engine sees no pattern, and that is text to it."""
    if is_text(str(file)) and not set("*?[") & set(str(file)):
        return file
    link = scratch_folder / "plain.csv"
    link.symlink_to(file.absolute())
    return link


def is_text(name: str) -> bool:
    """Whether a name is text; systems take any bytes for the name of a file, and most libraries do not."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _first_bytes(file: Path, place: Place) -> tuple[bytes, bool]:
    if not file.exists():
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=place)
    if not file.is_file():
        raise BadInput(
            "file-kind", "This is not a file.", hint="Name a file, or use a pattern like *.csv.", place=place
        )
    try:
        with file.open("rb") as stream:
            start = stream.read(_HEAD)
            if not start.startswith(_GZIP):
                return start, False
            stream.seek(0)
            return _unzip_some(stream), True
    except OSError as error:
        raise BadInput(
            "file-unreadable",
            f"The file cannot be read: {error.strerror or error}.",
            hint="May it be read by you?",
            place=place,
        ) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(place) from error


def _unzip_some(stream: BinaryIO) -> bytes:
    decompressor = zlib.decompressobj(wbits=31)
    start = b""
    while len(start) < _HEAD and not decompressor.eof and (block := stream.read(_HEAD)):
        start += decompressor.decompress(block, _HEAD)
    if len(start) < _HEAD and not decompressor.eof:
        raise EOFError
    return start


def _refuse_other_kinds(start: bytes, place: Place) -> None:
    for magic, kind, hint in _OTHER_KINDS:
        if start.removeprefix(_UTF8_BOM).lstrip().startswith(magic):
            raise BadInput("not-csv", f"This is {kind}, not CSV.", hint=hint, place=place)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("encoding", "The file is UTF-16.", hint="Save it as CSV in UTF-8.", place=place)
    if b"\0" in start:
        raise BadInput("not-csv", "This is a binary file, not CSV.", hint="Export the table as CSV.", place=place)


def _header(text: str, place: Place) -> tuple[str, tuple[str, ...]]:
    first_line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        message = "The first line is not a CSV header."
        raise BadInput("not-csv", message, hint="Export it again as CSV in UTF-8.", place=place) from error
    columns = tuple(name.strip() for name in names)
    if any("\ufffd" in name for name in columns):
        raise BadInput("encoding", "The header is not UTF-8.", hint="Save the file as CSV in UTF-8.", place=place)
    if len(columns) > MAX_COLUMNS:
        message = f"The first line has {len(columns)} columns; at most {MAX_COLUMNS}."
        raise BadInput("not-csv", message, hint="Export only the columns that are needed.", place=place)
    return delimiter, columns


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _unzipped(head: CsvHead) -> Iterator[bytes]:
    most = max(head.file.stat().st_size, _HEAD) * MAX_EXPANSION
    n_bytes = 0
    try:
        with gzip.open(head.file) as stream:
            while block := stream.read(_BLOCK):
                n_bytes += len(block)
                if n_bytes > most:
                    message = f"Unpacked, the file grows to more than {MAX_EXPANSION} times its size."
                    raise LimitReached("expansion", message, hint="Unpack it yourself and look.", place=head.place)
                yield block
    except (EOFError, OSError, zlib.error) as error:
        raise _damaged(head.place) from error


def _damaged(place: Place) -> BadInput:
    message = "The compressed file is cut off or damaged."
    return BadInput("gzip-damaged", message, hint="Copy or download it again.", place=place)


def _with_newlines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for block in blocks:
        content = held + block
        held = b"\r" if content.endswith(b"\r") else b""
        yield content.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    yield b"\n" if held else b""
