"""What the benchmarks share: CPU time of this process, the reference data beside the project, one JSON object out."""

import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def median_s(work: Callable[[], object], *, repeats: int = 7) -> tuple[float, float]:
    """Medians of the seconds that pass and of the CPU seconds of all threads, after a run that does not count."""
    work()
    walls, cpus = zip(*(_seconds(work) for _ in range(repeats)), strict=True)
    return statistics.median(walls), statistics.median(cpus)


def cpu_median_s(work: Callable[[], object], *, repeats: int = 7, warm_ups: int = 1) -> float:
    """Median CPU seconds of `work`, all threads together, after `warm_ups` runs that do not count."""
    for _ in range(warm_ups):
        work()
    return statistics.median(_seconds(work)[1] for _ in range(repeats))


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


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that pass, and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu
