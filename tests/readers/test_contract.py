"""What every reader must keep, whatever bytes it is given: rows in = rows kept + rows refused, and only our errors."""

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.readers.acoustic import test_reading as acoustic
from tests.readers.argos import test_reader as argos
from tests.readers.atn import test_reader as atn
from tests.readers.drawn.test_reader import samples as drawn_samples
from tests.readers.dwca.test_reader import FIX, archive, pack
from tests.readers.euring.records import decimal, fixed, piped
from tests.readers.files import COLUMNS, NOW, row, source
from tests.readers.geolocator.test_reader import package as geolocator_package
from tests.readers.mutations import MUTATIONS
from tests.readers.tables.files import template
from tests.readers.tracks.test_geojson import collection, feature
from tests.readers.tracks.test_gpx import gpx, track
from tests.readers.tracks.test_kml import gx_track, kml, placemark
from tests.readers.tracks.test_layers import points, write_layer
from wildways.model import TABLES, WildwaysError
from wildways.readers import (
    FIX_SCHEMA,
    Account,
    ReadAgain,
    Reader,
    ReadingOptions,
    list_readers,
    no_fixes,
    reader_schema,
)

N_MUTATIONS = 320
N_MUTATIONS_OF = {"atn-trajectory": 24}
"""Fewer where every file is opened by a process of its own."""

REFERENCE = ("tag-id", "animal-id", "animal-taxon", "deploy-on-date", "animal-sex", "deployment-id")


def _events() -> bytes:
    stamps = [f"2020-05-{day:02d} {hour:02d}:00:00.000" for day in range(1, 9) for hour in range(0, 24, 6)]
    rows = [
        row(timestamp=stamp, location_long=f"{-110 + index / 50:.4f}", study_name='"Deer, of ""the"" west"')
        for index, stamp in enumerate(stamps)
    ]
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def _reference() -> bytes:
    rows = [f"{tag},animal {tag},Cervus elaphus,2020-01-{tag:02d} 00:00:00.000,f,d{tag}" for tag in range(1, 20)]
    return "\n".join([",".join(REFERENCE), *rows, ""]).encode()


def _etn_detections(folder: Path) -> bytes:
    acoustic.package(folder)
    return (folder / "detections.csv").read_bytes()


def _geolocator_archive(folder: Path) -> bytes:
    geolocator_package(folder)
    with zipfile.ZipFile(folder / "package.zip", "w") as packed:
        for part in ("datapackage.json", "tags.csv", "staps.csv", "paths.csv"):
            packed.write(folder / part, part)
    return (folder / "package.zip").read_bytes()


SAMPLES: dict[str, Callable[[Path], tuple[bytes, ...]]] = {
    "argos": lambda _: tuple(sample.encode() for sample in argos.SAMPLES.values()),
    "atn-trajectory": lambda folder: (atn.write(folder / "turtle.nc").read_bytes(),),
    "darwin-core-archive": lambda folder: (pack(archive(folder, [FIX] * 9), folder / "archive.zip").read_bytes(),),
    "drawn": drawn_samples,
    "etn-package": lambda folder: (_etn_detections(folder),),
    "euring": lambda _: tuple(("\r\n".join([form()] * 12) + "\r\n").encode() for form in (fixed, piped, decimal)),
    "flatgeobuf": lambda folder: (write_layer(points(40), folder, ".fgb").read_bytes(),),
    "geojson": lambda folder: (collection(folder, *[feature(animal=index) for index in range(8)]).read_bytes(),),
    "geolocator-dp": lambda folder: (_geolocator_archive(folder),),
    "geopackage": lambda folder: (write_layer(points(40), folder, ".gpkg").read_bytes(),),
    "geoparquet": lambda folder: (write_layer(points(40), folder, ".parquet").read_bytes(),),
    "gpx": lambda folder: (gpx(folder, track(), track()).read_bytes(),),
    "kml": lambda folder: (kml(folder, placemark(gx_track())).read_bytes(),),
    "shapefile": lambda folder: (write_layer(points(40), folder, ".zip").read_bytes(),),
    "flipper-tags": lambda _: (template("flipper_tags.csv"),),
    "movebank-csv": lambda _: (_events(), _reference()),
    "nesting-sites": lambda _: (template("nesting_sites.csv"),),
    "otn-detections": lambda _: (acoustic.RECENT.encode(), acoustic.earlier(acoustic.RECENT).encode()),
    "network": lambda _: (template("network_sites.csv"), template("network_links.csv")),
}
"""Sound files for each reader; a new reader adds its own."""


def _read(reader: Reader, file: Path, *, is_thorough: bool = False) -> tuple[list[int], Account]:
    options = ReadingOptions(now=NOW, is_thorough=is_thorough, threads=1)
    try:
        with reader.read(file, source(), options) as reading:
            fixes = reading.fixes()
            rows = fixes.read_all()["source_row"].to_pylist()
            for name, table in reading.tables().items():
                assert table.schema == reader_schema(TABLES[name])
                table.validate(full=True)
            assert fixes.schema.names == FIX_SCHEMA.names
            return rows, reading.account
    except ReadAgain:
        return _read(reader, file, is_thorough=True)


@pytest.fixture(params=list_readers(), ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each reader that is installed."""
    found: Reader = request.param
    assert found.name in SAMPLES, "a new reader needs a sample here"
    return found


def test_a_reader_says_what_it_is(reader: Reader) -> None:
    assert isinstance(reader, Reader)
    assert reader.name
    assert reader.version
    assert reader.description


def test_a_reader_claims_its_own_files_and_no_others(reader: Reader, tmp_path: Path) -> None:
    for index, sample in enumerate(SAMPLES[reader.name](tmp_path)):
        file = tmp_path / f"{index}.data"
        file.write_bytes(sample)
        assert reader.claims(file)
    (tmp_path / "other").write_bytes(b"\0\1\2")
    assert not reader.claims(tmp_path / "other")
    assert not reader.claims(tmp_path / "missing")


@pytest.mark.parametrize("seed", range(8))
def test_rows_in_are_rows_kept_and_rows_refused_whatever_happens_to_the_file(
    reader: Reader, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr("wildways.readers.parsing.SMALL_BYTES", 0 if seed % 2 else 8_000_000)
    file = tmp_path / "mutated"
    samples = SAMPLES[reader.name](tmp_path)
    for _ in range(N_MUTATIONS_OF.get(reader.name, N_MUTATIONS) // 8 + 1):
        content = rng.choice(samples)
        for _ in range(rng.randrange(1, 4)):
            content = rng.choice(MUTATIONS)(content, rng) or b" "
        file.write_bytes(content)
        try:
            rows, account = _read(reader, file)
        except WildwaysError as error:
            assert error.code
            assert error.message
            continue
        n_refused = sum(finding.n_rows for finding in account.findings if finding.refused)
        assert account.n_rows == account.n_kept + n_refused
        assert len(set(rows)) == len(rows)
        assert rows == sorted(rows)
        assert len(rows) <= account.n_kept
        assert all(1 <= number <= account.n_rows for number in rows)
        assert all(finding.message and finding.n_rows > 0 for finding in account.findings)


def test_a_stream_without_fixes_has_the_schema_of_fixes() -> None:
    assert no_fixes().read_all().schema == FIX_SCHEMA
