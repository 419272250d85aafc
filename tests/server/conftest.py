"""A release, a built web application, and a client that asks the server in process."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.release.samples import CREATED, make_full_atlas
from wildways.release import write_release
from wildways.server import create_app

INDEX = """<!doctype html>
<html lang="en">
  <head><title>Atlas</title><script type="module" src="./assets/index-a1b2c3d4.js"></script></head>
  <body><main id="text"><!--atlas-text--></main><div id="app"></div></body>
</html>
"""


class Client:
    """Asks an application without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def request(self, method: str, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://atlas") as client:
                given = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=given)

        return asyncio.run(ask())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, **headers)

    def head(self, path: str, **headers: str) -> httpx.Response:
        return self.request("HEAD", path, **headers)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with every kind of product."""
    atlas = make_full_atlas(tmp_path_factory.mktemp("served"), summary={"en": "Deer <b>go</b> & return."})
    return write_release(atlas, created_utc=CREATED)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built web application, as small as can be."""
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets").mkdir()
    (folder / "assets" / "index-a1b2c3d4.js").write_text("export {}\n" * 500)
    (folder / "assets" / "worker-a1b2c3d4.mjs").write_text("export {}\n")
    (folder / "assets" / "Noto-a1b2c3d4.woff2").write_bytes(b"wOF2" * 100)
    return folder


@pytest.fixture(scope="session")
def basemap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base map, as the server sees it."""
    folder = tmp_path_factory.mktemp("basemap")
    (folder / "basemap.pmtiles").write_bytes(bytes(range(256)) * 20_000)
    return folder


@pytest.fixture(scope="session")
def make_client(release: Path, application: Path, basemap: Path) -> Callable[..., Client]:
    """A client of the server; any folder can be another one."""

    def make(folder: Path = release, **folders: Any) -> Client:
        return Client(create_app(folder, **{"application": application, "basemap": basemap, **folders}))

    return make


@pytest.fixture(scope="session")
def client(make_client: Callable[..., Client]) -> Client:
    """A client of the server over the release."""
    return make_client()
