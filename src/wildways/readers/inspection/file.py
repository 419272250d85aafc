"""What a file is: the reader that fits, what a bounded sample of it holds, and what the source must still say."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import BinaryIO

import pyarrow as pa

from wildways.model import BadInput, Finding, Source
from wildways.readers.contract import ReadAgain, Reader, ReadingOptions
from wildways.readers.inspection.columns import columns_of
from wildways.readers.inspection.description import FileDescription, name_module
from wildways.readers.inspection.module import starting_module
from wildways.readers.inspection.summary import Summary
from wildways.readers.isolation import ReadingProcess, open_worker
from wildways.readers.opening import check_name
from wildways.readers.registry import find_reader

__all__ = ["SAMPLE_BYTES", "SAMPLE_FIXES", "FileDescription", "describe_file", "name_module", "starting_module"]

SAMPLE_BYTES = 16_000_000
"""Of a longer table of lines only so much is read."""

SAMPLE_FIXES = 1_000_000
"""Of a longer stream of fixes only so many are read."""

_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 16
_NOT_LINES = (b"{", b"[", b"<", b"PK\x03\x04", b"PAR1", b"SQLite", b"\x89HDF", b"CDF")
_SETTING_OF = MappingProxyType(
    {"time-zone-missing": "time_zone", "crs-missing": "crs", "projected": "crs", "columns": "columns"}
)


def describe_file(file: Path, *, reader: Reader | str | None = None) -> FileDescription:
    """Describe a file by reading it, or the beginning of a large one, through the reader that fits.

    All is done in a process of its own, with limits, as nobody knows yet what the file is. Of a table of lines at most
    16 MB are read, of a stream of fixes at most a million. Where the file lacks a setting that only the source can give
    (a time zone, a CRS, columns), the description says so; without a time zone, times are shown as if they were UTC.

    Parameters
    ----------
    reader : name of the reader to use, by default the one that claims the file; one given itself reads in this process

    Raises
    ------
    BadInput : no reader claims the file, it cannot be read as a whole, or its name is not text
    LimitReached : it is larger than its reader takes
    NotFound : no reader has that name
    """
    check_name(str(file))
    if reader is not None and not isinstance(reader, str):
        return _describe(file, reader, columns_of)
    with open_worker() as worker:
        if reader is not None:
            return _describe(file, worker.reader(reader), worker.columns_of)
        return _describe(file, _find_reader(file, worker), worker.columns_of)


def _describe(file: Path, reader: Reader, columns_of: Callable[[Path], tuple[str, ...]]) -> FileDescription:
    n_bytes = file.stat().st_size
    with _sample_of(file) as (sample, share):
        needs, taken = _read_as_far_as_possible(reader, sample, file.name)
    is_sample = share < 1 or not taken.is_complete
    n_rows = None if not taken.is_complete else round(taken.n_rows / share)
    summary = taken.summary
    return FileDescription(
        file,
        reader.name,
        reader.description,
        n_bytes,
        columns_of(file),
        n_rows if taken.n_rows else None,
        is_sample,
        taken.n_rows,
        taken.n_kept,
        summary.records,
        summary.studies,
        summary.taxa,
        summary.n_animals,
        summary.start_utc,
        summary.end_utc,
        summary.box,
        taken.findings,
        needs,
    )


def _find_reader(file: Path, worker: ReadingProcess) -> Reader:
    try:
        return find_reader(file, worker.readers())
    except BadInput as error:
        columns = worker.columns_of(file)
        if not columns:
            raise
        shown = ", ".join(columns[:20])
        raise BadInput(
            error.code,
            f"{error.message} Its columns are: {shown}{' …' if len(columns) > 20 else ''}.",
            hint=f"{error.hint} Name the reader to see which columns it needs.",
            place=error.place,
        ) from error


@dataclass(frozen=True)
class _Taken:
    """What was read of a file; incomplete where the stream was left early, and then without findings."""

    summary: Summary
    n_rows: int = 0
    n_kept: int = 0
    findings: tuple[Finding, ...] = ()
    is_complete: bool = True


def _read_as_far_as_possible(reader: Reader, file: Path, name: str) -> tuple[dict[str, str], _Taken]:
    """Read a file; where a setting is missing, say so and read on with UTC, or not at all."""
    needs: dict[str, str] = {}
    settings: dict[str, str] = {}
    while True:
        source = Source.model_validate(
            {"id": name_module(name), "path": name, "reader": reader.name, "licence": "NOASSERTION", **settings}
        )
        try:
            return needs, _read(reader, file, source, ReadingOptions(name=name))
        except BadInput as error:
            setting = _SETTING_OF.get(error.code)
            if setting is None or setting in needs:
                raise
            needs[setting] = f"{error.message} {error.hint}".strip()
            if setting != "time_zone":
                return needs, _Taken(Summary())
            settings = {"time_zone": "UTC"}


def _read(reader: Reader, file: Path, source: Source, options: ReadingOptions) -> _Taken:
    try:
        return _read_once(reader, file, source, options)
    except ReadAgain:
        return _read_once(reader, file, source, ReadingOptions(name=options.name, is_thorough=True))


def _read_once(reader: Reader, file: Path, source: Source, options: ReadingOptions) -> _Taken:
    summary = Summary()
    with reader.read(file, source, options) as reading:
        fixes = reading.fixes()
        for batch in fixes:
            summary.add("fix", pa.Table.from_batches([batch]))
            if summary.records["fix"] > SAMPLE_FIXES:
                n_fixes = summary.records["fix"]
                return _Taken(summary, n_fixes, n_fixes, is_complete=False)
        for name, table in reading.tables().items():
            summary.add(name, table)
        account = reading.account
        return _Taken(summary, account.n_rows, account.n_kept, account.findings)


@contextmanager
def _sample_of(file: Path) -> Iterator[tuple[Path, float]]:
    """The file itself, or a copy of its first whole lines where it is a long table; and the share of it this is."""
    content, n_bytes = _beginning(file)
    whole_lines = content[: content.rfind(b"\n") + 1]
    if not whole_lines:
        yield file, 1.0
        return
    with TemporaryDirectory(prefix="inspection-") as folder:
        copy = Path(folder) / file.name.removesuffix(".gz")
        copy.write_bytes(whole_lines)
        yield copy, n_bytes / file.stat().st_size * len(whole_lines) / len(content)


def _beginning(file: Path) -> tuple[bytes, int]:
    """The first 16 MB of a table of lines that is longer, else nothing; and how many bytes of the file they take."""
    with file.open("rb") as stream:
        is_zipped = stream.read(2) == _GZIP
        stream.seek(0)
        if not is_zipped and file.stat().st_size <= SAMPLE_BYTES:
            return b"", 0
        content, n_bytes = _unzipped(stream) if is_zipped else (stream.read(SAMPLE_BYTES), SAMPLE_BYTES)
    is_lines = not (b"\0" in content[:_BLOCK] or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_NOT_LINES))
    return (content, n_bytes) if len(content) >= SAMPLE_BYTES and is_lines else (b"", 0)


def _unzipped(stream: BinaryIO) -> tuple[bytes, int]:
    """The first 16 MB of compressed content, up to where it is damaged, and how many bytes were taken."""
    decompressor, content, n_bytes = zlib.decompressobj(wbits=31), bytearray(), 0
    while len(content) < SAMPLE_BYTES and not decompressor.eof and (block := stream.read(_BLOCK)):
        try:
            content += decompressor.decompress(block, SAMPLE_BYTES - len(content))
        except zlib.error:
            return b"", 0
        n_bytes += len(block) - len(decompressor.unconsumed_tail)
    return bytes(content), n_bytes
