"""What the server answers."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wildways.model import Corrupt
from wildways.release import open_release

TILES = "/release/tiles/ungulates.sagebrush.corridors.pmtiles"
MEDIA_TYPES = {
    "/": "text/html; charset=utf-8",
    "/icon.svg": "image/svg+xml",
    "/assets/index-a1b2c3d4.js": "text/javascript; charset=utf-8",
    "/assets/worker-a1b2c3d4.mjs": "text/javascript; charset=utf-8",
    "/assets/Noto-a1b2c3d4.woff2": "font/woff2",
    "/basemap/basemap.pmtiles": "application/vnd.pmtiles",
    "/release/catalogue.json": "application/json",
    "/release/README.md": "text/markdown; charset=utf-8",
    "/release/checksums.sha256": "text/plain; charset=utf-8",
    "/release/data/ungulates.sagebrush.use.tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    "/release/data/ungulates.sagebrush.windows.csv": "text/csv; charset=utf-8; header=present",
    "/release/data/ungulates.sagebrush.corridors.gpkg": "application/geopackage+sqlite3",
    "/release/data/ungulates.sagebrush.corridors.parquet": "application/vnd.apache.parquet",
    TILES: "application/vnd.pmtiles",
    "/health": "application/json",
}


@pytest.mark.parametrize(("path", "media_type"), MEDIA_TYPES.items())
def test_everything_has_its_media_type_and_headers(client: Any, path: str, media_type: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("path", MEDIA_TYPES)
def test_head_says_the_same_without_a_body(client: Any, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.content == b""
    assert head.status_code == got.status_code
    assert head.headers == got.headers


def test_every_file_of_the_release_is_served_byte_by_byte(client: Any, release: Path) -> None:
    for name in open_release(release).checksums:
        assert client.get(f"/release/{name}").content == (release / name).read_bytes()


def test_a_part_of_a_file_is_served(client: Any, release: Path) -> None:
    whole = (release / TILES.removeprefix("/release/")).read_bytes()
    answer = client.get(TILES, range="bytes=7-99")
    assert answer.status_code == 206
    assert answer.content == whole[7:100]
    assert answer.headers["content-range"] == f"bytes 7-99/{len(whole)}"
    assert answer.headers["content-length"] == "93"
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_large_part_is_served_in_pieces(client: Any, basemap: Path) -> None:
    whole = (basemap / "basemap.pmtiles").read_bytes()
    assert client.get("/basemap/basemap.pmtiles", range="bytes=5-").content == whole[5:]
    assert client.get("/basemap/basemap.pmtiles").content == whole


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=0-1,3-4", "bytes=" + "0-0," * 500 + "0-0"])
def test_ranges_that_cannot_be_or_are_too_many_are_refused(client: Any, asked: str) -> None:
    answer = client.get(TILES, range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")
    assert answer.json()["code"] == "range-not-satisfiable"


def test_a_range_of_another_version_gives_the_whole_file(client: Any) -> None:
    etag = client.head(TILES).headers["etag"]
    assert client.get(TILES, range="bytes=0-1", if_range=etag).status_code == 206
    assert client.get(TILES, range="bytes=0-1", if_range='"other"').status_code == 200


def test_entity_tags_are_the_checksums_and_save_a_download(client: Any, release: Path) -> None:
    digest = open_release(release).checksums[TILES.removeprefix("/release/")]
    answer = client.get(TILES)
    assert answer.headers["etag"] == f'"{digest}"'
    again = client.get(TILES, if_none_match=f'"{digest}"')
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", ["/", "/release/catalogue.json", "/assets/index-a1b2c3d4.js"])
def test_text_is_compressed_on_request_with_a_tag_of_its_own(client: Any, path: str) -> None:
    plain = client.get(path, accept_encoding="identity")
    packed = client.get(path, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    assert client.get(path, accept_encoding="gzip", if_none_match=packed.headers["etag"]).status_code == 304


@pytest.mark.parametrize("path", [TILES, "/assets/Noto-a1b2c3d4.woff2", "/release/data/ungulates.sagebrush.use.tif"])
def test_what_is_compressed_already_or_read_by_ranges_is_left_alone(client: Any, path: str) -> None:
    assert "content-encoding" not in client.get(path, accept_encoding="gzip, br").headers


def test_what_was_compressed_ahead_is_used(make_client: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("let a = 1\n")
    (tmp_path / "app.js.gz").write_bytes(gzip.compress(b"let a = 1\n", 1, mtime=9))
    client = make_client(application=tmp_path)
    answer = client.get("/app.js", accept_encoding="gzip")
    assert answer.headers["content-length"] == str((tmp_path / "app.js.gz").stat().st_size)
    assert answer.text == "let a = 1\n"


def test_addresses_that_can_never_mean_other_bytes_are_kept_for_ever(client: Any, release: Path) -> None:
    digest = open_release(release).checksums[TILES.removeprefix("/release/")]
    assert "immutable" in client.get("/assets/index-a1b2c3d4.js").headers["cache-control"]
    assert "immutable" in client.get(f"{TILES}?v={digest[:16]}").headers["cache-control"]
    for path in ("/", "/release/catalogue.json", "/icon.svg", TILES, f"{TILES}?v=0123456789abcdef", f"{TILES}?v="):
        assert client.get(path).headers["cache-control"] == "no-cache", path


@pytest.mark.parametrize(
    "path",
    [
        "/release/../../atlas.toml",
        "/release/%2e%2e/%2e%2e/atlas.toml",
        "/release/..%2f..%2fatlas.toml",
        "/release/data",
        "/release/",
        "/release//etc/passwd",
        "/release/.lock",
        "/release/catalogue.json/",
        "/release/catalogue.json%00",
        "/assets/../index.html",
        "/index.html",
        "/basemap/",
        "/nothing",
        "/a/b/c",
        "/docs",
        "/openapi.json",
        "//etc/passwd",
    ],
)
def test_what_is_not_listed_does_not_exist(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not-found",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", TILES, "/health"])
def test_nothing_can_be_written(client: Any, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-allowed"


def test_pages_of_other_sites_may_read_the_release_and_nothing_else(client: Any) -> None:
    answer = client.get(TILES, origin="https://example.org")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Content-Range" in answer.headers["access-control-expose-headers"]
    preflight = client.request("OPTIONS", TILES, origin="https://example.org", access_control_request_headers="range")
    assert preflight.status_code == 204
    assert "Range" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in client.get("/", origin="https://example.org").headers


@pytest.mark.parametrize("path", ["/", TILES, "/nothing"])
def test_no_page_may_run_inline_scripts_or_load_from_elsewhere(client: Any, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["worker-src"] == "'self' blob:"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_file_that_changed_after_the_start_is_not_served(make_client: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "basemap.pmtiles").write_bytes(b"one")
    client = make_client(basemap=tmp_path)
    (tmp_path / "basemap.pmtiles").write_bytes(b"two and more")
    answer = client.get("/basemap/basemap.pmtiles")
    assert answer.status_code == 500
    assert answer.json()["code"] == "file-changed"
    assert str(tmp_path) not in answer.text


def test_an_unexpected_error_tells_nothing(make_client: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "basemap.pmtiles").write_bytes(b"one")
    client = make_client(basemap=tmp_path)
    (tmp_path / "basemap.pmtiles").unlink()
    answer = client.get("/basemap/basemap.pmtiles")
    assert answer.status_code == 500
    assert answer.json()["code"] == "unexpected"
    assert str(tmp_path) not in answer.text
    assert "script-src" in answer.headers["content-security-policy"]


def test_a_release_with_a_missing_file_is_not_opened(
    make_client: Callable[..., Any], release: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    (copy / "README.md").unlink()
    with pytest.raises(Corrupt):
        make_client(copy)


def test_health_names_the_release(client: Any) -> None:
    assert client.get("/health").json() == {"status": "ok", "release": "2026-11-23"}


def test_the_server_never_loads_the_store() -> None:
    program = (
        "import json, sys, wildways.server;"
        "print(json.dumps([name for name in sys.modules if name.startswith(('wildways.', 'duckdb', 'geopandas'))]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(run.stdout))
    assert not loaded & {"wildways.store", "wildways.readers", "wildways.analyses", "wildways.movement", "duckdb"}
