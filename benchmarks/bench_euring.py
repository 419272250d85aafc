"""EURING records a second, ours in each form, beside the package ``euring`` on a sample. Prints one JSON object.

The records are real ones where they lie beside the project, else one record with running ring numbers. Ours end with
Arrow tables of encounters, studies and animals; by the clock on all cores, and by CPU seconds, which are of one core.
The package works on one; the ratio is of CPU seconds.
"""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import cpu_median_s, median_s, print_result, reference_folder
from wildways.model import Source
from wildways.readers import ReadingOptions
from wildways.readers.euring import Euring

N_RECORDS = 300_000
N_SAMPLE = 4_000
_WIDTHS = (3, 2, 10, 1, 1, 2, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 8, 1, 4, 4, 15, 1, 1, 2, 1, 1, 5, 3, 5)
_RECORD = "DEHA0{:.>10}02ZZ1515015150N0MUFF44N-----04062004010--DESD+541530-0005500182004000000000000000"


def main() -> None:
    """Write 300,000 records in each form, read them, and decode a sample with the package."""
    records = _records()
    forms: dict[str, Callable[[str], str]] = {"2000": str, "2000_plus": _as_plus, "2020": _as_2020}
    figures: dict[str, int | float] = {}
    with TemporaryDirectory(prefix="bench-euring-") as folder:
        for form, write in forms.items():
            file = Path(folder) / f"{form}.txt"
            file.write_text("".join(write(record) + "\r\n" for record in records), encoding="ascii")
            wall_s, cpu_s = median_s(lambda file=file: _read(file), repeats=5)  # type: ignore[misc]
            figures[f"records_per_second_{form}"] = round(N_RECORDS / wall_s)
            figures[f"records_per_cpu_second_{form}"] = round(N_RECORDS / cpu_s)
    package_seconds = cpu_median_s(lambda: _decode_with_package(records[:N_SAMPLE]), repeats=3)
    package = N_SAMPLE / package_seconds
    print_result(
        "euring",
        cores=len(os.sched_getaffinity(0)),
        n_records=N_RECORDS,
        is_real=_real_file() is not None,
        **figures,
        package_n_records=N_SAMPLE,
        package_records_per_second=round(package),
        limit_records_per_second=300_000,
        ratio=round(figures["records_per_cpu_second_2000"] / package, 1),
        ratio_means="records a CPU second of EURING 2000, ours over those of the package euring",
    )


def _real_file() -> Path | None:
    folder = reference_folder()
    file = folder.parent / "data/euring_shrike/RBShrike2000.TXT" if folder else None
    return file if file and file.is_file() else None


def _records() -> list[str]:
    file = _real_file()
    some = file.read_text(encoding="ascii").splitlines() if file else [_RECORD.format(n) for n in range(1, 5_000)]
    return (some * (N_RECORDS // len(some) + 1))[:N_RECORDS]


def _fields(record: str) -> list[str]:
    starts = [sum(_WIDTHS[:index]) for index in range(len(_WIDTHS))]
    return [record[start : start + width] for start, width in zip(starts, _WIDTHS, strict=True)]


def _as_plus(record: str) -> str:
    return "|".join([*_fields(record), *[""] * 27])


def _as_2020(record: str) -> str:
    fields = _fields(record)
    north, east = fields[24][:7], fields[24][7:]
    fields[24] = "." * 15
    return "|".join([*fields, *[""] * 27, _decimal(north), _decimal(east), "", ""])


def _decimal(text: str) -> str:
    degrees = int(text[1:-4]) + int(text[-4:-2]) / 60 + int(text[-2:]) / 3600
    return f"{-degrees if text[0] == '-' else degrees:.4f}"


def _read(file: Path) -> None:
    source = Source(id="rings", path=file.name, licence="CC0-1.0")
    with Euring().read(file, source, ReadingOptions(name=file.name)) as reading:
        assert reading.tables()["encounter"].num_rows == reading.account.n_kept == N_RECORDS


def _decode_with_package(records: list[str]) -> None:
    from euring import EuringRecord

    for record in records:
        EuringRecord.decode(record, format="euring2000").to_dict()


if __name__ == "__main__":
    main()
