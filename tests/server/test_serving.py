"""Serving until interrupted."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from wildways.model import BadInput, Conflict, Corrupt, NotFound
from wildways.release import open_release
from wildways.server import serve
from wildways.server.serving import check_release, listen

PROGRAM = "import sys; from pathlib import Path; from wildways.server import serve; serve(Path(sys.argv[1]), port=0)"


@contextmanager
def running(release: Path) -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", PROGRAM, release], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line.split(" at ")[1].split()[0]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def test_a_release_is_served_at_the_address_that_is_printed(release: Path) -> None:
    with running(release) as address:
        assert httpx.get(f"{address}health").json()["release"] == "2026-11-23"
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        for path in (
            "/release/../../atlas.toml",
            "/../../../etc/passwd",
            "/release/..\\..\\x",
            "/%2e%2e/%2e%2e/etc/passwd",
        ):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: atlas\r\nConnection: close\r\n\r\n".encode())
                assert b" 404 " in connection.recv(200), path


def test_a_port_that_is_taken_is_said_so(release: Path) -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Conflict) as error:
        serve(release, port=taken.getsockname()[1])
    assert error.value.code == "port-taken"


def test_a_host_that_is_not_ours_is_said_so(release: Path) -> None:
    with pytest.raises(BadInput) as error:
        serve(release, host="203.0.113.7", port=0)
    assert error.value.code == "host-unknown"


def test_a_damaged_release_is_not_served(release: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    file = next(copy.glob("data/*.gpkg"))
    content = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Corrupt) as error:
        serve(copy, port=0)
    assert error.value.place.file == file


def test_a_large_release_is_checked_by_sizes_and_small_files(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wildways.server.serving.QUICK_BYTES", 1)
    monkeypatch.setattr("wildways.server.serving.HASHED_BYTES", 2**17)
    copy = Path(shutil.copytree(release, tmp_path / "copy"))
    file = next(copy.glob("data/*.tif"))
    file.chmod(0o644)
    file.write_bytes(b"x" * file.stat().st_size)
    check_release(open_release(copy))
    file.write_bytes(b"x")
    with pytest.raises(Corrupt):
        check_release(open_release(copy))


def test_a_folder_that_is_no_release_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        serve(tmp_path, port=0)
