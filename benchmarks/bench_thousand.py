"""Corridors, stopovers and ranges of simulated herds: time, memory and cost an animal, on one worker or more.

``python benchmarks/bench_thousand.py --animals 10 100 1000 --workers 2 --local`` for the whole curve.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timing import print_result
from wildways.analyses import Analysis, PopulationEvidence, UnitComputer, get_analysis, open_executor
from wildways.analyses.at_a_time import at_a_time
from wildways.analyses.build import MERGES_BEHIND, POPULATIONS_AT_ONCE
from wildways.analyses.merging import start_merge
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population, Progress, silent
from wildways.simulate import HerdSpec, demo_herds, simulate_herd

HERD = 100
"""Animals of a population at most; more animals are more herds, as they are in nature."""
DAYS = (730.0, 731.0)
FIX_INTERVAL_H = 2.0
METHODS = ("corridors", "ranges")
WARM_UP = 10_000
"""Number of a herd that does not count."""


def main() -> None:
    """Time each number of animals in a process of its own, so that peak memory is its own too."""
    asked = _arguments()
    if asked.one:
        print(json.dumps(_measured(asked.animals[0], asked.workers, asked.local, asked.herd)))
        return
    runs = [_in_its_own_process(n, asked) for n in asked.animals]
    print_result(
        "thousand",
        input="simulated",
        years=2,
        fix_interval_h=FIX_INTERVAL_H,
        workers=asked.workers,
        executor="Dask processes" if asked.local else "threads",
        runs=runs,
        peer=None,
        ratio=None,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--animals", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--local", action="store_true", help="Dask workers of this machine instead of threads")
    parser.add_argument("--herd", type=int, default=HERD, help="animals of a population at most")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_its_own_process(n_animals: int, asked: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", "--animals", str(n_animals), "--workers", str(asked.workers)]
    command += ["--herd", str(asked.herd), *(["--local"] if asked.local else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _measured(n_animals: int, workers: int, local: bool, herd_size: int) -> dict[str, Any]:
    """Figures of all herds, from files of their fixes to the products on disk, as a build makes them."""
    with tempfile.TemporaryDirectory() as name, open_executor("local" if local else None, workers=workers) as executor:
        folder = Path(name)
        _warm_up(executor, workers)
        sizes = _herd_sizes(n_animals, herd_size)
        n_fixes = sum(_write_fixes(number, size, folder) for number, size in enumerate(sizes))
        at_once, behind = (POPULATIONS_AT_ONCE, MERGES_BEHIND) if local else (1, 0)

        def herd(number: int, _: Progress) -> int:
            return _herd(_evidence(number, folder), folder, executor, behind)

        start, start_cpu = time.perf_counter(), time.process_time()
        n_units = sum(at_a_time(at_once, herd, range(len(sizes)), silent))
        seconds, main_cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
        n_products = sum(len(list((folder / method).glob("*/product.json"))) for method in METHODS)
    peak_mb = {
        name: resource.getrusage(who).ru_maxrss / 1024
        for name, who in (("main", resource.RUSAGE_SELF), ("largest_worker", resource.RUSAGE_CHILDREN))
    }
    return {
        "n_animals": n_animals,
        "n_fixes": n_fixes,
        "n_units": n_units,
        "n_products": n_products,
        "wall_s": round(seconds, 2),
        "wall_s_an_animal": round(seconds / n_animals, 4),
        "main_cpu_s": round(main_cpu_s, 2),
        "peak_memory_mb": {name: round(value) for name, value in peak_mb.items()},
    }


def _herd(evidence: PopulationEvidence, folder: Path, executor: Executor, behind: int) -> int:
    """All products of a herd; the number of units computed."""
    n_units, merging = 0, deque[Future[tuple[str, ...]]]()
    for method in METHODS:
        computer = UnitComputer(folder / "cache", executor)
        merging.append(_start(get_analysis(method), evidence, computer, folder / method))
        if len(merging) > behind:
            merging.popleft().result()
        n_units += computer.n_computed
        assert not computer.failures, computer.failures
    for future in merging:
        future.result()
    return n_units


def _start(
    analysis: Analysis, evidence: PopulationEvidence, computer: UnitComputer, products: Path
) -> Future[tuple[str, ...]]:
    plan = analysis.plan(replace(evidence, compute=computer), analysis.parameters())
    return start_merge(computer.executor, plan.merge, computer(plan.units), products)


def _warm_up(executor: Executor, workers: int) -> None:
    """Load the compiled kernels on every worker with a herd of two."""
    for _ in range(workers):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _write_fixes(WARM_UP, 2, folder)
            for method in METHODS:
                computer = UnitComputer(folder / "cache", executor)
                _start(get_analysis(method), _evidence(WARM_UP, folder), computer, folder / method).result()


def _herd_sizes(n_animals: int, largest: int) -> list[int]:
    whole, rest = divmod(n_animals, largest)
    return [largest] * whole + [rest] * bool(rest)


def _spec(number: int) -> HerdSpec:
    specs = demo_herds()
    return specs[number % len(specs)]


def _write_fixes(number: int, n_animals: int, folder: Path) -> int:
    """Simulate a herd and write its fixes; their number."""
    spec = replace(
        _spec(number), n_animals=n_animals, fix_interval_h=FIX_INTERVAL_H, tracking_days=DAYS, death_share=0.0
    )
    fixes = simulate_herd(spec, rng=np.random.default_rng(number)).fixes
    fixes.to_parquet(folder / f"{number}.parquet")
    return len(fixes)


def _evidence(number: int, folder: Path) -> PopulationEvidence:
    return PopulationEvidence(
        ModuleDefinition(id="herds", title="Herds"),
        Population(id=f"herd-{number}", title="Herd", taxon=_spec(number).taxon),
        pd.read_parquet(folder / f"{number}.parquet"),
        read_windows(None),
        Inputs(snapshot=1, sources=("simulated",), source_files=("0",)),
        simulated=True,
    )


if __name__ == "__main__":
    main()
