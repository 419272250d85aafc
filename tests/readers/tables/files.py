"""Reads files that hold no fixes, and mutates them, for tests of the readers of encounters, sites, links and shapes."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from tests.readers.files import NOW
from wildways.model import TABLES, Finding, Source
from wildways.readers import Account, Reader, ReadingOptions, reader_schema
from wildways.readers.templates import read_template

Tables = Mapping[str, pa.Table]


def template(name: str) -> bytes:
    """A template that is shipped."""
    return read_template(name).encode()


def table_source(**settings: object) -> Source:
    """A source with some settings; its study is known, so that nothing is assumed."""
    given = {"id": "s", "path": "x", "licence": "CC0-1.0", "study": "Study", "taxon": "Chelonia mydas", **settings}
    return Source.model_validate(given)


def write_table(folder: Path, columns: str, rows: Iterable[str], *, name: str = "table.csv") -> Path:
    """A CSV file of a header and rows."""
    file = folder / name
    file.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return file


def read_tables(
    reader: Reader, file: Path, source: Source | None = None, **options: object
) -> tuple[Tables, Account, dict[str, Finding]]:
    """Tables, account and findings by code; the account is checked, and that there are no fixes."""
    given = ReadingOptions(**{"name": file.name, "now": NOW, **options})
    with reader.read(file, source or table_source(), given) as reading:
        assert reading.fixes().read_all().num_rows == 0
        tables, account = reading.tables(), reading.account
    for name, table in tables.items():
        assert table.schema == reader_schema(TABLES[name])
        table.validate(full=True)
        required = [field.name for field in table.schema if not field.nullable]
        assert all(table[column].null_count == 0 for column in required)
    n_refused = sum(finding.n_rows for finding in account.findings if finding.refused)
    assert account.n_rows == account.n_kept + n_refused
    assert all(finding.message and finding.n_rows > 0 for finding in account.findings)
    return tables, account, {finding.code: finding for finding in account.findings}
