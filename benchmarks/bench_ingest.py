"""Ingest of a 5-million-row Movebank CSV, against DuckDB's bare COPY of the same CSV to Parquet. Prints one JSON object."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

N_ROWS = 5_000_000
N_RUNS = 3


def main() -> None:
    """Make the CSV, time both by turns in processes of their own, print the figures."""
    n_rows = int(os.environ.get("WILDWAYS_BENCH_ROWS", N_ROWS))
    with TemporaryDirectory(prefix="bench-ingest-") as folder:
        csv = Path(folder) / "tracks.csv"
        _write_csv(csv, n_rows)
        runs = [(_measured("copy", csv), _measured("ingest", csv)) for _ in range(N_RUNS)]
        n_bytes = csv.stat().st_size
    copy_seconds = statistics.median(copy["wall_seconds"] for copy, _ in runs)
    ingest_seconds = statistics.median(ingest["wall_seconds"] for _, ingest in runs)
    print(
        json.dumps(
            {
                "name": "ingest",
                "n_rows": n_rows,
                "csv_bytes": n_bytes,
                "n_fixes": runs[0][1]["n_fixes"],
                "n_runs": N_RUNS,
                "cores": os.cpu_count(),
                "copy_wall_seconds": round(copy_seconds, 3),
                "copy_cpu_seconds": round(statistics.median(copy["cpu_seconds"] for copy, _ in runs), 3),
                "ingest_wall_seconds": round(ingest_seconds, 3),
                "ingest_cpu_seconds": round(statistics.median(ingest["cpu_seconds"] for _, ingest in runs), 3),
                "ingest_rows_per_second": round(n_rows / ingest_seconds),
                "ingest_peak_rss_bytes": max(ingest["peak_rss_bytes"] for _, ingest in runs),
                "ratio": round(copy_seconds / ingest_seconds, 3),
                "ratio_means": "speed of the ingest as a share of the speed of the bare COPY",
            }
        )
    )


def _write_csv(csv: Path, n_rows: int) -> None:
    import numpy as np

    from wildways.simulate import write_large_movebank_csv

    write_large_movebank_csv(csv, n_rows, rng=np.random.default_rng(20261123))


def _measured(what: str, csv: Path) -> dict[str, float]:
    """Run one of the two in a fresh process."""
    command = [sys.executable, __file__, what, str(csv)]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    measured: dict[str, float] = json.loads(result.stdout)
    return measured


def _copy(csv: Path, folder: Path) -> dict[str, float]:
    import duckdb

    with duckdb.connect() as connection:
        start_wall, start_cpu = time.perf_counter(), time.process_time()
        connection.execute("COPY (FROM read_csv($csv)) TO $out", {"csv": str(csv), "out": str(folder / "out.parquet")})
        return _figures(start_wall, start_cpu)


def _ingest(csv: Path, folder: Path) -> dict[str, float]:
    from wildways.model import Source
    from wildways.store import Workspace, ingest_source

    source = Source(id="tracks", path=csv.name, licence="CC0-1.0")
    with Workspace.open(folder / "workspace") as workspace:
        start_wall, start_cpu = time.perf_counter(), time.process_time()
        report = ingest_source(workspace, "bench", source, [csv], folder=csv.parent)[0]
        figures = _figures(start_wall, start_cpu)
        assert workspace.counts()["fix"] == report.n_kept
    return figures | {"n_fixes": report.n_kept}


def _figures(start_wall: float, start_cpu: float) -> dict[str, float]:
    return {
        "wall_seconds": time.perf_counter() - start_wall,
        "cpu_seconds": time.process_time() - start_cpu,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        with TemporaryDirectory(prefix="bench-ingest-") as scratch:
            run = {"copy": _copy, "ingest": _ingest}[sys.argv[1]]
            print(json.dumps(run(Path(sys.argv[2]), Path(scratch))))
