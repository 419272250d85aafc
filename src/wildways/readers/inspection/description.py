"""What a file holds, as far as a sample tells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from wildways.model import FileReport, Finding
from wildways.readers.inspection.summary import Box

_NOT_NAME = re.compile(r"[^a-z0-9]+")


def name_module(file: Path | str) -> str:
    """An identifier for modules and sources, made of the name of a file."""
    stem = stem_of(Path(file))
    return _NOT_NAME.sub("-", stem.lower().encode("ascii", "ignore").decode()).strip("-")[:60].strip("-") or "module"


def stem_of(file: Path) -> str:
    """The name of a file without its endings for format and compression."""
    return file.name.removesuffix(".gz").rsplit(".", 1)[0]


@dataclass(frozen=True)
class FileDescription:
    """What a file holds, as far as a sample tells.

    Parameters
    ----------
    reader : name of the reader that fits; `reads` says what it reads
    columns : of a table or of features; none where the format has none
    n_rows : rows in the file; nothing where counting them would take reading it all
    is_sample : whether only the beginning was read; `n_rows` is then an estimate
    n_read, n_kept : rows that were read, and those of them that were kept
    records : table of evidence → records read
    taxa : most frequent first
    bbox : west, south, east, north in degrees, WGS 84; west > east where it crosses 180°
    needs : setting that the source must have before the file can be read → why
    """

    file: Path
    reader: str
    reads: str
    n_bytes: int
    columns: tuple[str, ...]
    n_rows: int | None
    is_sample: bool
    n_read: int
    n_kept: int
    records: Mapping[str, int]
    studies: tuple[str, ...]
    taxa: tuple[str, ...]
    n_animals: int
    start_utc: datetime | None
    end_utc: datetime | None
    bbox: Box | None
    findings: tuple[Finding, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> FileReport:
        """The account of what was read."""
        return FileReport(str(self.file), "", self.n_read, self.n_kept, self.findings)
