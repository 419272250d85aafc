"""Installs the hostile reader for the tests of this folder: a distribution on the path, as third parties have."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from wildways.readers.isolation import Limits, ReadingProcess, open_worker

ENTRY_POINTS = "[wildways.readers]\nhostile = wildways_hostile:Hostile\n"


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(Path(__file__).with_name("hostile.py"), folder / "wildways_hostile.py")
    about = folder / "wildways_hostile-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wildways-hostile\nVersion: 1\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder


@pytest.fixture
def hostile(hostile_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the hostile reader, which is installed here and in processes that start from here."""
    monkeypatch.syspath_prepend(str(hostile_folder))
    monkeypatch.setenv("PYTHONPATH", str(hostile_folder))
    return "hostile"


@pytest.fixture
def worker(hostile: str) -> Iterator[ReadingProcess]:
    """A reading process that knows the hostile reader; silence is not borne for long."""
    with open_worker(Limits(memory_bytes=1 << 30, silent_seconds=4)) as worker:
        yield worker


@pytest.fixture
def quick_worker(hostile: str) -> Iterator[ReadingProcess]:
    """A reading process that knows the hostile reader and may not compute for long."""
    with open_worker(Limits(cpu_seconds=1)) as worker:
        yield worker
