"""Fixtures for the tests of the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.places import SmallWorld
from wildways.store import Workspace


@pytest.fixture
def small_world(monkeypatch: pytest.MonkeyPatch) -> SmallWorld:
    """Countries and seas that tests know by heart, in place of the real ones."""
    world = SmallWorld()
    monkeypatch.setattr("wildways.store.ingest.load_locator", lambda: world)
    return world


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A new workspace in an atlas folder."""
    with Workspace.open(tmp_path / ".wildways") as opened:
        yield opened
