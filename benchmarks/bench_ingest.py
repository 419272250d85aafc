"""Ingest of a 5-million-row Movebank CSV against DuckDB's bare COPY of it to Parquet. Prints one JSON object.

By turns, each in a process of its own that has imported its code and loaded its map before its clock starts. The ratio
is the speed of the ingest as a share of the speed of the COPY; the ingest also hashes the file, reads it in a limited
process, checks every row, finds its country or sea, and commits. Its CPU time and memory are those of both processes.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import print_result

N_ROWS = 5_000_000
N_RUNS = 5

Figures = dict[str, float]


def main() -> None:
    """Make the CSV, time both by turns, print the figures."""
    n_rows = int(os.environ.get("WILDWAYS_BENCH_ROWS", N_ROWS))
    with TemporaryDirectory(prefix="bench-ingest-") as folder:
        csv = Path(folder) / "tracks.csv"
        write_csv(csv, n_rows)
        runs = [(_measured("copy", csv), _measured("ingest", csv)) for _ in range(N_RUNS)]
        n_bytes = csv.stat().st_size
    copies, ingests = zip(*runs, strict=True)
    copy_s, ingest_s = _median(copies, "wall_s"), _median(ingests, "wall_s")
    print_result(
        "ingest",
        n_rows=n_rows,
        csv_bytes=n_bytes,
        n_fixes=ingests[0]["n_fixes"],
        n_runs=N_RUNS,
        cores=len(os.sched_getaffinity(0)),
        copy_wall_s=round(copy_s, 2),
        copy_cpu_s=round(_median(copies, "cpu_s"), 2),
        ingest_wall_s=round(ingest_s, 2),
        ingest_cpu_s=round(_median(ingests, "cpu_s"), 2),
        ingest_rows_per_s=round(n_rows / ingest_s),
        ingest_peak_mb=round(max(figures["peak_mb"] for figures in ingests)),
        limit_mb=1500,
        ratio=round(copy_s / ingest_s, 3),
        limit_ratio=0.6,
    )


def write_csv(csv: Path, n_rows: int) -> None:
    """Write a large simulated export."""
    import numpy as np

    from wildways.simulate import write_large_movebank_csv

    write_large_movebank_csv(csv, n_rows, rng=np.random.default_rng(20261123))


def _median(runs: tuple[Figures, ...], figure: str) -> float:
    return statistics.median(run[figure] for run in runs)


def _measured(what: str, csv: Path) -> Figures:
    """Run one of the two in a fresh process."""
    command = [sys.executable, __file__, what, str(csv)]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=900)
    figures: Figures = json.loads(result.stdout)
    return figures


def _copy(csv: Path, folder: Path) -> Figures:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SELECT $warm", {"warm": "up"})
        start = time.perf_counter(), time.process_time()
        connection.execute("COPY (FROM read_csv($csv)) TO $out", {"csv": str(csv), "out": str(folder / "out.parquet")})
        return _figures(*start)


def ingest(csv: Path, folder: Path) -> Figures:
    """Ingest a CSV into a new workspace in the folder, and say what it took."""
    import numpy as np

    from wildways.context import Jurisdictions
    from wildways.model import Source
    from wildways.readers.isolation import open_worker
    from wildways.store import Workspace, ingest_source

    source = Source(id="tracks", path=csv.name, licence="CC0-1.0")
    Jurisdictions.load().locate(np.zeros(1), np.zeros(1))
    with Workspace.open(folder / "workspace") as workspace:
        workspace.counts()
        with open_worker(scratch_folder=workspace.scratch_folder.parent) as worker:
            worker.reader(source.reader).claims(csv)
            start = time.perf_counter(), time.process_time()
            report = ingest_source(workspace, "bench", source, [csv], folder=csv.parent, readers=worker.reader)[0]
            figures = _figures(*start)
        assert workspace.counts()["fix"] == report.n_kept
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures["cpu_s"] += child.ru_utime + child.ru_stime
    figures["peak_mb"] += child.ru_maxrss / 1024
    return figures | {"n_fixes": report.n_kept}


def _figures(start_wall: float, start_cpu: float) -> Figures:
    return {
        "wall_s": time.perf_counter() - start_wall,
        "cpu_s": time.process_time() - start_cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        with TemporaryDirectory(prefix="bench-ingest-") as scratch:
            run = {"copy": _copy, "ingest": ingest}[sys.argv[1]]
            print(json.dumps(run(Path(sys.argv[2]), Path(scratch))))
