"""From CSV to a served map, everything cold but the installed environment: seconds and peak memory of one command.

The 15 mule deer that ship with Migration Mapper where they are at hand, else a simulated herd of the same size. Kernels
are compiled anew (an empty Numba cache), and the clock stops when the server has answered with the page, the catalogue
and the first bytes of every tile file.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

DEER = Path(__file__).resolve().parents[2] / "shared/data/muledeer_mapp/muledeer_mapp.csv"


def main() -> None:
    """Run the command once and print one JSON object."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = DEER if DEER.is_file() else _simulated(folder)
        with file.open("rb") as stream:
            n_rows = sum(1 for _ in stream) - 1
        seconds = _seconds_to_served_map(file, folder)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures = {
        "name": "map",
        "data": file.name,
        "n_rows": n_rows,
        "cores": len(os.sched_getaffinity(0)),
        "seconds_to_served_map": round(seconds, 1),
        "peak_memory_mb": round(peak_mb),
        "limit_s": 60,
        "limit_mb": 1500,
        "ratio": round(60 / seconds, 1),
    }
    print(json.dumps(figures))


def _simulated(folder: Path) -> Path:
    import numpy as np

    from wildways.simulate import write_large_movebank_csv

    file = folder / "simulated.csv"
    write_large_movebank_csv(file, 37_554, rng=np.random.default_rng(15))
    return file


def _seconds_to_served_map(file: Path, folder: Path) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "wildways", "map", str(file), "--out", str(folder / "map"), "--port", str(port)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "numba")}
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/", server)
            catalogue = json.loads(_get(f"{base}/release/catalogue.json"))
            for product in catalogue["products"]:
                for published in product["files"]:
                    if published["role"] == "tiles":
                        _get(f"{base}/release/{published['path']}", {"Range": "bytes=0-16383"})
            return time.perf_counter() - start
        finally:
            server.terminate()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and server.poll() is None:
        try:
            _get(address)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the map was not served")


def _get(address: str, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(address, headers=headers or {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    main()
