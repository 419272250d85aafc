"""EURING exchange codes 2000, 2000+ and 2020: birds known by their rings, met once a record."""

import gzip
import zlib
from pathlib import Path

from wildways.model import BadInput, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import CsvHead
from wildways.readers.euring.animals import find_animals
from wildways.readers.euring.judge import Judge, Notes
from wildways.readers.euring.layout import lay_out
from wildways.readers.euring.reading import EuringReading
from wildways.readers.euring.when import find_intervals
from wildways.readers.euring.where import find_positions

_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"


class Euring:
    """Reads files of EURING records: 2000 (94 characters a line), 2000+ (60 fields between bars) and 2020 (64).

    The forms may be mixed and compressed with gzip; there is no header. The ring makes the animal and, with the place
    code and the accuracies, nothing is more exact than the record says: dates become intervals, coordinates points
    with a radius, and what is only in a region becomes no point. Codes are put in words; `verbatim` keeps them.

    References
    ----------
    EURING (2020) The EURING Exchange Code 2020. ISBN 978-952-94-4399-4, version 202 of 13 November 2024.
    Code tables of species, schemes and places: package ``euring`` 26.4 (BSD-3-Clause).
    """

    name = "euring"
    version = "1"
    description = "EURING 2000, 2000+ and 2020: ringing and recovery records, fixed width or with bars; gzip as well"

    def claims(self, file: Path) -> bool:
        """Whether most of the first lines are EURING records."""
        try:
            head, start = _look(file, str(file))
        except WildwaysError:
            return False
        records = lay_out(_whole_lines(start.replace(b"\r", b"\n") if head.only_returns else start))
        judge = Judge(records, Notes())
        if judge.is_kept.any():
            find_animals(records, judge)
            find_intervals(records, judge, time_zone=None, latest=ReadingOptions().latest)
            find_positions(records, judge)
        return bool(len(records) and judge.is_kept.mean() > 0.5)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the records; `study` of the source stands for their schemes; see `Reader.read`."""
        options = options or ReadingOptions()
        head, _ = _look(file, options.name or str(file))
        return EuringReading(head, source, options)


def _look(file: Path, name: str) -> tuple[CsvHead, bytes]:
    """Look at the beginning of a file.

    Raises
    ------
    BadInput : it is missing, empty, no file, cannot be read, or its compression is damaged
    """
    place = Place(name)
    try:
        with file.open("rb") as stream:
            start = stream.read(_HEAD)
    except FileNotFoundError as error:
        raise BadInput("file-missing", "There is no such file.", hint="Check the path.", place=place) from error
    except IsADirectoryError as error:
        raise BadInput("file-kind", "This is not a file.", hint="Name a file.", place=place) from error
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise BadInput("file-unreadable", message, hint="May it be read by you?", place=place) from error
    is_compressed = start.startswith(_GZIP)
    start = _unzip_start(file, place) if is_compressed else start
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise BadInput("file-empty", "The file is empty.", hint="Export it again.", place=place)
    only_returns = b"\r" in start and b"\n" not in start
    return CsvHead(file, name, (), "|", is_compressed, only_returns), start


def _unzip_start(file: Path, place: Place) -> bytes:
    try:
        with gzip.open(file) as stream:
            return stream.read(_HEAD)
    except (EOFError, OSError, zlib.error) as error:
        message = "The compressed file is cut off or damaged."
        raise BadInput("gzip-damaged", message, hint="Copy or download it again.", place=place) from error


def _whole_lines(start: bytes) -> bytes:
    """The lines of a file's beginning, without the last where it may have been cut."""
    start = start.removeprefix(b"\xef\xbb\xbf")
    return start[: start.rfind(b"\n") + 1] or start if len(start) >= _HEAD - 3 else start
