"""The web atlas of the demonstration release in headless Chromium with software rendering: bytes and seconds."""

import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

N_VISITS = 5
SOFTWARE_RENDERING = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def main() -> None:
    """Visit the page anew several times, each with an empty cache, and print one JSON object."""
    with tempfile.TemporaryDirectory() as folder, _served(_release(Path(folder) / "demo")) as (address, sent):
        visits = [_visit(address, sent) for _ in range(N_VISITS)]
    medians = {name: statistics.median(visit[name] for visit in visits) for name in visits[0]}
    figures = {
        "name": "web",
        "n_visits": N_VISITS,
        "text_kb": round(medians["text_bytes"] / 1000, 1),
        "before_tiles_kb": round(medians["before_tiles_bytes"] / 1000, 1),
        "readable_s": round(medians["readable_s"], 2),
        "map_drawn_s": round(medians["map_drawn_s"], 2),
        "limits": {"text_kb": 100, "before_tiles_kb": 650, "map_drawn_s": 5},
        "ratio": round(5 / medians["map_drawn_s"], 2),
    }
    print(json.dumps(figures))


def _release(folder: Path) -> Path:
    from wildways.cli.main import run
    from wildways.cli.serve import find_release

    with redirect_stdout(sys.stderr):
        if run(["demo", str(folder), "--no-serve"]) != 0:
            raise SystemExit("the demonstration could not be built")
    return find_release(folder)


@contextmanager
def _served(release: Path) -> Iterator[tuple[str, Counter[str]]]:
    """Address of the server, and the bytes of every body it has sent, by path: worker scripts too."""
    import uvicorn

    from wildways.server import create_app

    app, sent = create_app(release), Counter[str]()

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        async def count(message: Any) -> None:
            sent[scope.get("path", "")] += len(message.get("body", b""))
            await send(message)

        await app(scope, receive, count)

    server = uvicorn.Server(uvicorn.Config(counted, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/", sent
    server.should_exit = True
    thread.join(20)


def _visit(address: str, sent: Counter[str]) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*SOFTWARE_RENDERING, *QUIET])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        sent.clear()
        start = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("h1")
        readable_s = time.perf_counter() - start
        page.wait_for_selector("[data-map-state=idle]")
        map_drawn_s = time.perf_counter() - start
        browser.close()
    before_tiles = {path: size for path, size in sent.items() if not path.endswith(".pmtiles")}
    text = [size for path, size in before_tiles.items() if path == "/" or path.startswith("/assets/index-")]
    return {
        "text_bytes": sum(text),
        "before_tiles_bytes": sum(before_tiles.values()),
        "readable_s": readable_s,
        "map_drawn_s": map_drawn_s,
    }


if __name__ == "__main__":
    main()
