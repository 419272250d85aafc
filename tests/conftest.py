"""Fixtures every test may use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from wildways.readers.isolation import ReadingProcess, open_worker

settings.register_profile("wildways", deadline=None)
settings.load_profile("wildways")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data and outputs of other tools beside the project; tests that need them skip where they are missing."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "reference").is_dir():
        pytest.skip("real data and reference outputs are not at hand")
    return folder


@pytest.fixture(scope="session")
def demo_atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration atlas, ingested, built and released once for all tests. Do not change it."""
    from wildways.cli.main import run

    folder = tmp_path_factory.mktemp("demonstration") / "demo"
    assert run(["demo", str(folder), "--no-serve"]) == 0
    return folder


@pytest.fixture(scope="session")
def demo_release(demo_atlas: Path) -> Path:
    """The demonstration release. Do not change it."""
    from wildways.cli.serve import find_release

    return find_release(demo_atlas)


@pytest.fixture(scope="session")
def reading_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadingProcess]:
    """One limited process that does the reading of all tests."""
    with open_worker(scratch_folder=tmp_path_factory.getbasetemp()) as worker:
        yield worker


@pytest.fixture(autouse=True)
def _reuse_of_the_reading_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spares the tests a new process each; `tests/readers/isolation` starts its own."""

    @contextmanager
    def reuse(*, scratch_folder: Path) -> Iterator[ReadingProcess]:
        yield request.getfixturevalue("reading_process")

    monkeypatch.setattr("wildways.store.ingest.open_worker", reuse)
