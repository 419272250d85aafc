"""Whatever happens to the bytes of Argos, acoustic and ATN files: rows in = kept + refused, and only our errors."""

import json
import random
from pathlib import Path

import pytest

from tests.readers.acoustic import test_reading as acoustic
from tests.readers.argos import test_reader as argos
from tests.readers.atn import test_reader as atn
from tests.readers.files import NOW, source
from tests.readers.mutations import MUTATIONS
from wildways.model import TABLES, WildwaysError
from wildways.readers import Account, Reader, ReadingOptions, reader_schema
from wildways.readers.acoustic import EtnPackage, OtnDetections
from wildways.readers.argos import Argos
from wildways.readers.atn import AtnTrajectory

N_MUTATIONS = 24


def _read(reader: Reader, file: Path) -> tuple[list[int], list[int], Account]:
    """Rows of the fixes, rows of the detections, and the account; every table valid by its schema."""
    with reader.read(file, source(), ReadingOptions(now=NOW, threads=1)) as reading:
        fixes = reading.fixes().read_all()
        fixes.validate(full=True)
        tables = reading.tables()
        for name, table in tables.items():
            assert table.schema == reader_schema(TABLES[name])
            table.validate(full=True)
        detections = tables["detection"]["source_row"].to_pylist() if "detection" in tables else []
        return fixes["source_row"].to_pylist(), detections, reading.account


def _check(reader: Reader, file: Path) -> None:
    reader.claims(file)
    try:
        fixes, detections, account = _read(reader, file)
    except WildwaysError as error:
        assert error.code
        assert error.message
        assert error.place.file
        return
    rows = fixes or detections
    assert account.n_rows == account.n_kept + sum(found.n_rows for found in account.findings if found.refused)
    assert len(rows) == account.n_kept
    assert rows == sorted(set(rows))
    assert all(1 <= row <= account.n_rows for row in rows)
    assert all(found.message and found.n_rows > 0 for found in account.findings)


def _mutated(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randrange(1, 4)):
        data = rng.choice(MUTATIONS)(data, rng) or b" "
    return data


@pytest.mark.parametrize("sample", argos.SAMPLES)
def test_argos_files(sample: str, tmp_path: Path) -> None:
    rng = random.Random(sample)
    for _ in range(N_MUTATIONS):
        (tmp_path / "mutated").write_bytes(_mutated(argos.SAMPLES[sample].encode(), rng))
        _check(Argos(), tmp_path / "mutated")


@pytest.mark.parametrize("sample", [acoustic.RECENT, acoustic.earlier(acoustic.RECENT)], ids=["recent", "earlier"])
def test_otn_extracts(sample: str, tmp_path: Path) -> None:
    rng = random.Random(sample)
    for _ in range(N_MUTATIONS):
        (tmp_path / "mutated").write_bytes(_mutated(sample.encode(), rng))
        _check(OtnDetections(), tmp_path / "mutated")


@pytest.mark.parametrize("name", ["detections.csv", "animals.csv", "tags.csv", "datapackage.json"])
def test_etn_packages(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    for _ in range(N_MUTATIONS):
        acoustic.package(tmp_path)
        sound = json.dumps(acoustic.PACKAGE).encode() if name.endswith("json") else (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(_mutated(sound, rng))
        _check(EtnPackage(), tmp_path / ("datapackage.json" if name.endswith("json") else "detections.csv"))


def test_atn_trajectories(tmp_path: Path) -> None:
    rng = random.Random(1)
    sound = atn.write(tmp_path / "turtle.nc").read_bytes()
    for _ in range(N_MUTATIONS):
        (tmp_path / "mutated").write_bytes(_mutated(sound, rng))
        _check(AtnTrajectory(), tmp_path / "mutated")
