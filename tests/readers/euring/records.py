"""Writes EURING records in the three forms and reads them, for tests."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wildways.model import Finding, Source
from wildways.readers import Account, ReadingOptions
from wildways.readers.euring import Euring
from wildways.readers.euring.fields import load_euring_fields

NOW = datetime(2026, 1, 1, tzinfo=UTC)

RECORD = {
    "ringing_scheme": "DEH",
    "primary_identification_method": "A0",
    "identification_number": "OA...97604",
    "verification_of_the_metal_ring": "0",
    "metal_ring_information": "2",
    "other_marks_information": "ZZ",
    "species_mentioned": "15150",
    "species_concluded": "15150",
    "manipulated": "N",
    "moved_before_recovery": "0",
    "catching_method": "M",
    "catching_lures": "U",
    "sex_mentioned": "U",
    "sex_concluded": "F",
    "age_mentioned": "4",
    "age_concluded": "4",
    "status": "N",
    "brood_size": "--",
    "pullus_age": "--",
    "accuracy_of_pullus_age": "-",
    "date": "04062004",
    "accuracy_of_date": "0",
    "time": "10--",
    "place_code": "DESD",
    "geographical_coordinates": "+541530-0005500",
    "accuracy_of_coordinates": "1",
    "condition": "8",
    "circumstances": "20",
    "circumstances_presumed": "0",
    "euring_code_identifier": "4",
    "derived_data_distance": "00000",
    "derived_data_direction": "000",
    "derived_data_elapsed_time": "00000",
}
"""A sound record: the fields of EURING 2000."""


def source(**settings: object) -> Source:
    """A source of EURING records with some settings."""
    return Source.model_validate({"id": "rings", "path": "rings.txt", "licence": "CC0-1.0", **settings})


def fixed(**changes: str) -> str:
    """A record of EURING 2000: fixed width."""
    return "".join((RECORD | changes).values())


def piped(n_fields: int = 60, **changes: str) -> str:
    """A record of EURING 2000+ or, with 64 fields, 2020."""
    values = dict.fromkeys(load_euring_fields(), "") | RECORD | changes
    return "|".join(list(values.values())[:n_fields])


def decimal(latitude: str = "54.2583", longitude: str = "-0.9167", **changes: str) -> str:
    """A record of EURING 2020 with decimal coordinates."""
    place = {"geographical_coordinates": "." * 15, "latitude": latitude, "longitude": longitude}
    return piped(64, **(place | changes))


def write(folder: Path, lines: Iterable[str], *, name: str = "rings.txt", end: str = "\r\n") -> Path:
    """A file of records."""
    file = folder / name
    file.write_bytes("".join(line + end for line in lines).encode("latin-1"))
    return file


def read(file: Path, settings: Source | None = None) -> tuple[list[dict[str, Any]], Account, dict[str, Any]]:
    """Encounters, account and the other tables of a file, as rows."""
    options = ReadingOptions(name=file.name, now=NOW)
    with Euring().read(file, settings or source(), options) as reading:
        assert reading.fixes().read_all().num_rows == 0
        tables = {name: table.to_pylist() for name, table in reading.tables().items()}
        return tables.pop("encounter"), reading.account, tables


def by_code(account: Account) -> dict[str, Finding]:
    """The findings by their code."""
    return {finding.code: finding for finding in account.findings}
