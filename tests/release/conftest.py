"""An atlas with hand-made products of every kind, and a release of it."""

import shutil
from pathlib import Path

import pytest

from tests.release.samples import CREATED, make_atlas, make_full_atlas
from wildways.model import Atlas
from wildways.release import write_release


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    """An atlas folder with one module and no products."""
    return make_atlas(tmp_path / "atlas")


@pytest.fixture
def full_atlas(tmp_path: Path) -> Atlas:
    """An atlas with corridors, routes, a raster and a table."""
    return make_full_atlas(tmp_path / "atlas")


@pytest.fixture(scope="session")
def written_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the full atlas, to look at and leave alone."""
    return write_release(make_full_atlas(tmp_path_factory.mktemp("released")), created_utc=CREATED)


@pytest.fixture
def release(written_release: Path, tmp_path: Path) -> Path:
    """A copy of that release, to damage."""
    return Path(shutil.copytree(written_release, tmp_path / written_release.name))
