"""Whatever happens to the bytes of a file of tracks: only our errors, and rows in = rows kept + rows refused."""

import random
import zipfile
from pathlib import Path

import pytest

from tests.readers.dwca.test_reader import COLUMNS, FIX, archive, meta, occurrence, pack, table, text
from tests.readers.files import NOW, source
from tests.readers.mutations import MUTATIONS
from tests.readers.tracks.files import MAPPED
from tests.readers.tracks.test_geojson import collection, feature
from tests.readers.tracks.test_gpx import gpx, track
from tests.readers.tracks.test_kml import gx_track, kml, kmz, placemark
from tests.readers.tracks.test_layers import READERS, points, write_layer
from wildways.model import WildwaysError
from wildways.readers import Account, Reader, ReadingOptions
from wildways.readers.dwca import DarwinCoreArchive
from wildways.readers.tracks import Gpx, Kml

N_MUTATIONS = 40
"""Of each sample."""


def read(reader: Reader, file: Path, *, is_mapped: bool) -> tuple[list[int], Account, int]:
    """Rows of the fixes, account, and rows kept as other evidence."""
    settings = source(columns=MAPPED) if is_mapped else source(time_zone="UTC")
    with reader.read(file, settings, ReadingOptions(now=NOW, threads=1)) as reading:
        rows = reading.fixes().read_all()["source_row"].to_pylist()
        tables = reading.tables()
        for each in tables.values():
            each.validate(full=True)
        return rows, reading.account, tables["encounter"].num_rows if "encounter" in tables else 0


def check(reader: Reader, file: Path, *, is_mapped: bool) -> None:
    """Read a file, and hold the reader to its contract."""
    reader.claims(file)
    try:
        rows, account, _ = read(reader, file, is_mapped=is_mapped)
    except WildwaysError as error:
        assert error.code
        assert error.message
        assert error.place.file
        return
    assert account.n_rows == account.n_kept + sum(each.n_rows for each in account.findings if each.refused)
    assert rows == sorted(set(rows))
    assert len(rows) <= account.n_kept
    assert all(1 <= row <= account.n_rows for row in rows)
    assert all(each.message and each.n_rows > 0 for each in account.findings)


def mutate(content: bytes, rng: random.Random) -> bytes:
    """The content with one to three things wrong."""
    for _ in range(rng.randrange(1, 4)):
        content = rng.choice(MUTATIONS)(content, rng) or b" "
    return content


@pytest.mark.parametrize("seed", range(3))
def test_mutated_gpx(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    places = '<wpt lat="1" lon="2"/><rte><rtept lat="1" lon="2"/></rte>'
    sample = gpx(tmp_path, places, track(), track()).read_bytes()
    for _ in range(N_MUTATIONS):
        (tmp_path / "mutated.gpx").write_bytes(mutate(sample, rng))
        check(Gpx(), tmp_path / "mutated.gpx", is_mapped=False)


@pytest.mark.parametrize("is_packed", [False, True])
def test_mutated_kml(tmp_path: Path, is_packed: bool) -> None:
    rng = random.Random(1)
    line = "<LineString><coordinates>1,2,3 4,5,6</coordinates></LineString>"
    sample = kml(tmp_path, placemark(gx_track()), placemark(line), placemark(gx_track())).read_bytes()
    if is_packed:
        sample = kmz(tmp_path, {"doc.kml": sample}).read_bytes()
    for _ in range(N_MUTATIONS):
        (tmp_path / "mutated").write_bytes(mutate(sample, rng))
        check(Kml(), tmp_path / "mutated", is_mapped=False)


def test_mutated_geojson(tmp_path: Path) -> None:
    rng = random.Random(2)
    sample = collection(tmp_path, *[feature(animal=index) for index in range(8)]).read_bytes()
    for _ in range(2 * N_MUTATIONS):
        (tmp_path / "mutated").write_bytes(mutate(sample, rng))
        check(READERS[".geojson"], tmp_path / "mutated", is_mapped=True)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".fgb", ".shp", ".zip"])
def test_mutated_layers(tmp_path: Path, suffix: str) -> None:
    rng = random.Random(3)
    file = write_layer(points(40), tmp_path, suffix)
    content = file.read_bytes()
    for _ in range(N_MUTATIONS):
        file.write_bytes(mutate(content, rng))
        check(READERS[suffix], file, is_mapped=True)


def test_shapefiles_with_mutated_tables(tmp_path: Path) -> None:
    rng = random.Random(4)
    file = write_layer(points(40), tmp_path, ".shp")
    parts = {part: part.read_bytes() for part in tmp_path.glob("deer.*")}
    for _ in range(N_MUTATIONS):
        for part, content in parts.items():
            part.write_bytes(mutate(content, rng) if rng.random() < 0.5 else content)
        check(READERS[".shp"], file, is_mapped=True)


@pytest.mark.parametrize("name", ["meta.xml", "occurrence.csv", "emof.csv", "archive.zip"])
def test_mutated_archives(tmp_path: Path, name: str) -> None:
    rng = random.Random(5)
    columns = ("occurrenceID", "measurementType", "measurementValue")
    declared = meta(
        table("Occurrence", "occurrence.csv", COLUMNS),
        table("ExtendedMeasurementOrFact", "emof.csv", columns, tag="extension"),
    )
    people = [occurrence(basisOfRecord="HumanObservation", eventType=kind) for kind in ("capture", "recapture", "end")]
    file = archive(tmp_path, [FIX, *people, FIX], declared, emof_csv=text([("f1", "sex", "f")], columns))
    packed = pack(file, tmp_path / "archive.zip")
    content = (tmp_path / name).read_bytes()
    for _ in range(N_MUTATIONS // 2):
        (tmp_path / name).write_bytes(mutate(content, rng))
        check(DarwinCoreArchive(), packed if name == "archive.zip" else file, is_mapped=False)


def test_a_zip_of_something_else_is_no_archive_of_ours(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as other:
        other.writestr("readme.txt", "nothing")
    for reader in (Kml(), DarwinCoreArchive(), READERS[".zip"]):
        assert not reader.claims(tmp_path / "a.zip")
        check(reader, tmp_path / "a.zip", is_mapped=False)
