"""Makes small files of tracks and reads them, for tests."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from tests.readers.files import NOW, plain, source
from wildways.model import TABLES, Source
from wildways.readers import Account, Reader, ReadingOptions, reader_schema

MAPPED = {"timestamp": "when", "individual-local-identifier": "animal"}
"""Columns of a layer in which the times are called when, and the animals animal."""


def read_with(
    reader: Reader, file: Path, settings: Source | None = None, **options: object
) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """Fixes, account and small tables of a file; the fixes with plain texts."""
    given = ReadingOptions(**{"name": file.name, "now": NOW, "threads": 1, **options})
    with reader.read(file, settings or source(), given) as reading:
        fixes = reading.fixes().read_all()
        tables = reading.tables()
        for name, table in tables.items():
            assert table.schema == reader_schema(TABLES[name])
            table.validate(full=True)
        n_refused = sum(finding.n_rows for finding in reading.account.findings if finding.refused)
        assert reading.account.n_rows == reading.account.n_kept + n_refused
        return plain(fixes), reading.account, tables


def write_text(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """A text file."""
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file
