"""Imports point down, and help is instant."""

import subprocess
import sys
import time

from wildways.cli.main import COMMANDS


def test_help_answers_in_under_400_ms() -> None:
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "wildways", "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.4


def test_help_loads_none_of_the_heavy_libraries() -> None:
    heavy = {"numpy", "pandas", "geopandas", "numba", "duckdb", "pyarrow", "fastapi", "rasterio", "pydantic"}
    code = f"import sys; from wildways.cli.main import run; run(['--help']); print({heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("set()\n")


def test_every_command_has_help_with_an_example() -> None:
    for name in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "wildways", name, "--help"], check=True, capture_output=True, text=True
        )
        assert f"Example: wildways {name}" in done.stdout
