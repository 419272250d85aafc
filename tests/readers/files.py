"""Makes small CSV files and reads them, for tests."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from wildways.model import Finding, Source
from wildways.readers import Account, ReadingOptions, get_reader

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    "event-id",
    "visible",
    "timestamp",
    "location-long",
    "location-lat",
    "sensor-type",
    "individual-taxon-canonical-name",
    "tag-local-identifier",
    "individual-local-identifier",
    "study-name",
)
ROW = ("1", "true", "2020-05-01 10:00:00.000", "-109.5", "42.5", "gps", "Odocoileus hemionus", "T1", "0051", "Deer")


def source(**settings: object) -> Source:
    """A source of Movebank CSV with some settings."""
    return Source.model_validate({"id": "deer", "path": "deer.csv", "licence": "CC0-1.0", **settings})


def row(**changes: str) -> str:
    """A sound row with some fields changed; names with underscores."""
    values = dict(zip(COLUMNS, ROW, strict=True))
    for name, value in changes.items():
        values[name.replace("_", "-")] = value
    return ",".join(values[name] for name in COLUMNS)


def write(folder: Path, rows: Iterable[str], *, columns: Iterable[str] = COLUMNS, name: str = "deer.csv") -> Path:
    """A CSV file with a header and rows."""
    file = folder / name
    file.write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8")
    return file


def read(
    file: Path, settings: Source | None = None, **options: object
) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """Fixes, account and small tables of a file; the fixes with plain texts."""
    given = ReadingOptions(**{"name": file.name, "now": NOW, "is_thorough": True, **options})
    with get_reader("movebank-csv").read(file, settings or source(), given) as reading:
        fixes = reading.fixes().read_all()
        return plain(fixes), reading.account, reading.tables()


def plain(table: pa.Table) -> pa.Table:
    """The table with its dictionaries dissolved."""
    for index, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(index, column.name, table[column.name].cast(pa.string()))
    return table


def by_code(account: Account) -> dict[str, Finding]:
    """The findings by their code."""
    return {finding.code: finding for finding in account.findings}
