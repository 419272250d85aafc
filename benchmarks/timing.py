"""What the benchmarks share: CPU time of this process, the reference data beside the project, one JSON object out."""

import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def cpu_median_s(work: Callable[[], object], *, repeats: int = 7, warm_ups: int = 1) -> float:
    """Median CPU seconds of `work`, all threads together, after `warm_ups` runs that do not count."""
    for _ in range(warm_ups):
        work()
    return statistics.median(_cpu_s(work) for _ in range(repeats))


def reference_folder() -> Path | None:
    """Inputs and outputs of other tools, if they lie beside the project."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "reference"
    return folder if folder.is_dir() else None


def peer_cpu_s(folder: Path, name: str) -> float:
    """CPU seconds that another tool took, as recorded when it ran."""
    seconds: float = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["timing"]["cpu_median_s"]
    return seconds


def print_result(name: str, **figures: Any) -> None:
    """Print the benchmark's one JSON object."""
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    print(json.dumps({"name": name, **figures, **machine}, ensure_ascii=False))


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
