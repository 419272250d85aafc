"""Whatever happens to the bytes of a file: evidence that adds up or one of our errors, soon, in little memory."""

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.readers.corpus import Seed, movebank_events
from tests.readers.mutation_run import LIMITS, read, run
from wildways.model import BadInput, LimitReached, WildwaysError
from wildways.readers import list_readers
from wildways.readers.isolation import ReadingProcess, open_worker

MIN_FILES = 20_000


@pytest.fixture(scope="module")
def worker() -> Iterator[ReadingProcess]:
    """One process for all files."""
    with open_worker(LIMITS) as worker:
        yield worker


def test_the_run_is_long_and_of_every_format(seeds: tuple[Seed, ...]) -> None:
    assert sum(seed.n for seed in seeds) >= MIN_FILES
    assert len({seed.name for seed in seeds}) == len(seeds)
    assert {seed.reader for seed in seeds} == {reader.name for reader in list_readers()}


@pytest.mark.parametrize("name", [reader.name for reader in list_readers()])
def test_a_damaged_file_gives_evidence_that_adds_up_or_one_of_our_errors(
    name: str, seeds: tuple[Seed, ...], worker: ReadingProcess, tmp_path: Path
) -> None:
    for seed in seeds:
        if seed.reader == name:
            tally = run(seed, worker, tmp_path)
            assert any(outcome.startswith("read") for outcome in tally.outcomes)


def _refusal(worker: ReadingProcess, reader: str, file: Path) -> WildwaysError:
    with pytest.raises((BadInput, LimitReached)) as caught:
        read(worker.reader(reader), file, {})
    return caught.value


def _zip(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


_DOCTYPES = (
    '<!DOCTYPE {root} [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    '<!DOCTYPE {root} SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE {root} [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
)
_DOCUMENTS = {
    "gpx": ("gpx", "a.gpx"),
    "kml": ("kml", "a.kml"),
    "drawn": ("kml", "a.kml"),
    "darwin-core-archive": ("archive", "meta.xml"),
}


@pytest.mark.parametrize("doctype", _DOCTYPES)
@pytest.mark.parametrize("reader", _DOCUMENTS)
def test_xml_with_a_document_type_is_refused_before_it_is_parsed(
    reader: str, doctype: str, worker: ReadingProcess, tmp_path: Path
) -> None:
    root, name = _DOCUMENTS[reader]
    document = f'<?xml version="1.0"?>{doctype.format(root=root)}<{root}>&b;</{root}>'.encode()
    (tmp_path / name).write_bytes(document)
    assert _refusal(worker, reader, tmp_path / name).code == "xml-doctype"
    if reader in ("kml", "darwin-core-archive"):
        (tmp_path / "a.zip").write_bytes(_zip({"doc.kml" if reader == "kml" else name: document}))
        assert _refusal(worker, reader, tmp_path / "a.zip").code == "xml-doctype"


_BOMBS = {
    "movebank-csv": lambda: gzip.compress(movebank_events() + b"\n" * 60_000_000),
    "euring": lambda: gzip.compress(b"|" * 70 + b"\n" * 60_000_000),
    "kml": lambda: _zip({"doc.kml": b"<kml>" + b" " * 50_000_000 + b"</kml>"}),
    "darwin-core-archive": lambda: _zip({"meta.xml": b"<archive/>", "occurrence.csv": b"\n" * 30_000_000}),
    "shapefile": lambda: _zip(
        {f"a.{part}": bytes(30_000_000 if part == "shp" else 100) for part in ("shp", "shx", "dbf")}
    ),
    "geolocator-dp": lambda: _zip({"datapackage.json": b"{}", "paths.csv": b"\n" * 30_000_000}),
}


@pytest.mark.parametrize("reader", _BOMBS)
def test_what_grows_without_measure_is_refused(reader: str, worker: ReadingProcess, tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(_BOMBS[reader]())
    assert _refusal(worker, reader, tmp_path / "bomb").code == "expansion"


@pytest.mark.parametrize("reader", ["kml", "darwin-core-archive", "shapefile", "geolocator-dp"])
@pytest.mark.parametrize("path", ["../../outside", "/outside", "C:\\outside"])
def test_paths_in_an_archive_lead_nowhere(
    reader: str, path: str, seeds: tuple[Seed, ...], worker: ReadingProcess, tmp_path: Path
) -> None:
    seed = next(seed for seed in seeds if seed.reader == reader and next(iter(seed.files)).endswith(("zip", "kmz")))
    (content,) = seed.files.values()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {f"{path}/{Path(name).name}": archive.read(name) for name in archive.namelist()}
    folder = tmp_path / "deep" / "inside"
    folder.mkdir(parents=True)
    (folder / "archive.zip").write_bytes(_zip(members))
    sound, _ = read(worker.reader(reader), seed.write(folder), seed.settings)
    account, _ = read(worker.reader(reader), folder / "archive.zip", seed.settings)
    assert account.n_kept == sound.n_kept
    assert not Path("/outside").exists()
    assert {found.name for found in tmp_path.rglob("*") if found.is_file()} == {"archive.zip", *seed.files}


@pytest.mark.parametrize("reader", ["kml", "darwin-core-archive", "shapefile", "geolocator-dp"])
def test_a_zip_of_something_else_is_no_archive_of_ours(reader: str, worker: ReadingProcess, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zip({"readme.txt": b"nothing"}))
    assert not worker.reader(reader).claims(tmp_path / "a.zip")
    assert _refusal(worker, reader, tmp_path / "a.zip").hint
