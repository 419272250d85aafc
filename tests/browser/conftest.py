"""A headless Chromium in front of the demonstration release, served as users get it."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from .reader import Reader

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
START_S = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def catalogue(demo_release: Path) -> dict[str, Any]:
    """The release's catalogue."""
    content: dict[str, Any] = json.loads((demo_release / "catalogue.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="package")
def corridors(catalogue: dict[str, Any]) -> dict[str, Any]:
    """The first product of corridors that has tiles."""
    roles = (
        {**product, "tiles": [f for f in product["files"] if f["role"] == "tiles"]} for product in catalogue["products"]
    )
    return next(product for product in roles if product["role"] == "corridors" and product["tiles"])


@pytest.fixture(scope="package")
def place(corridors: dict[str, Any]) -> str:
    """The population those corridors are of, as addresses name it."""
    return f"{corridors['module']}.{corridors['population']}"


@pytest.fixture(scope="package")
def atlas_url(demo_release: Path) -> Iterator[str]:
    """Address of the demonstration release on a free port."""
    from wildways.server import create_app

    server = uvicorn.Server(uvicorn.Config(create_app(demo_release), port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(START_S)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as drivers:
        browser = drivers.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


Opener = Callable[..., Any]


@pytest.fixture
def new_reader(chromium: Any, atlas_url: str) -> Iterator[Opener]:
    """Makes readers; whatever they do, nothing is asked of another server and no script fails."""
    readers: list[Reader] = []
    contexts: list[Any] = []

    def make(width: int = 1280, height: int = 800, **options: Any) -> Reader:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB", **options)
        contexts.append(context)
        readers.append(Reader(context.new_page(), atlas_url))
        return readers[-1]

    yield make
    for context in contexts:
        context.close()
    for reader in readers:
        own = (atlas_url, "about:", f"blob:{atlas_url}", "data:")
        assert [request for request in reader.requests if not request.startswith(own)] == []
        assert reader.errors == []


@pytest.fixture
def reader(new_reader: Opener) -> Reader:
    """A reader at a desk."""
    desk: Reader = new_reader()
    return desk
