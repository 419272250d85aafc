"""A fake Movebank, a clock that does not wait, and an atlas with one source."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.connectors.fake_movebank import PASSWORD, STUDY_ID, USERNAME, FakeMovebank, make_study, serve
from wildways.connectors import FetchReport, fetch_source, find_fetched
from wildways.model import open_atlas

ATLAS = '[atlas]\nid = "birds"\ntitle = "Birds"\n'
MODULE = """id = "seabirds"
title = "Seabirds"

[[sources]]
id = "albatrosses"
path = "data/movebank/{study_id}/*.csv"
licence = "CC0-1.0"

[sources.movebank]
study_id = {study_id}
{more}
"""


class FakeClock:
    """A clock that jumps where it should wait; `real_seconds` is what it waits in truth."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 12, tzinfo=UTC)
        self.waits: list[float] = []
        self.real_seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += timedelta(seconds=seconds)
        time.sleep(self.real_seconds)


class Bench:
    """An atlas, a fake Movebank and a clock."""

    def __init__(self, folder: Path, fake: FakeMovebank, address: str) -> None:
        self.atlas, self.fake, self.clock = folder / "atlas", fake, FakeClock()
        self.environment = {
            "MOVEBANK_SERVER": address,
            "MOVEBANK_USERNAME": USERNAME,
            "MOVEBANK_PASSWORD": PASSWORD,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "NETRC": str(folder / "netrc"),
        }
        (self.atlas / "modules").mkdir(parents=True)
        (self.atlas / "atlas.toml").write_text(ATLAS)
        self.write_module()

    @property
    def folder(self) -> Path:
        return self.atlas / f"data/movebank/{STUDY_ID}"

    @property
    def events(self) -> list[str]:
        """Lines of the stored events, without the header."""
        return (self.folder / "events.csv").read_text(encoding="utf-8").splitlines()[1:]

    def write_module(self, more: str = "", *, study_id: int = STUDY_ID) -> None:
        (self.atlas / "modules" / "seabirds.toml").write_text(MODULE.format(study_id=study_id, more=more))

    def fetch(self, *, environment: Mapping[str, str] | None = None, **options: bool) -> FetchReport:
        atlas = open_atlas(self.atlas)
        ((module, source),) = find_fetched(atlas)
        used = self.environment if environment is None else environment
        return fetch_source(atlas, module, source, clock=self.clock, environment=used, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[[FakeMovebank], Bench]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda fake: Bench(tmp_path, fake, stack.enter_context(serve(fake)))


@pytest.fixture
def bench(make_bench: Callable[[FakeMovebank], Bench]) -> Bench:
    """Two animals with six events each."""
    return make_bench(FakeMovebank(make_study()))
