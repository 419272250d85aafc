"""How the cost of an ingest grows: 1 and 10 million rows of Movebank CSV, or more. Prints one JSON object a size.

Each size in a process of its own; memory is that of the ingesting process and of the one that reads, at their highest.
More rows: ``python bench_scale.py 1 10 50`` (millions; a million take 150 MB of disk while it runs).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench_ingest import ingest, write_csv
from timing import print_result

SIZES = (1, 10)
"""Millions of rows."""


def main(sizes: tuple[int, ...]) -> None:
    """Ingest files of each size."""
    for millions in sizes:
        with TemporaryDirectory(prefix="bench-scale-") as folder:
            csv = Path(folder) / "tracks.csv"
            write_csv(csv, millions * 1_000_000)
            command = [sys.executable, __file__, "ingest", str(csv)]
            result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=3_600)
        figures = json.loads(result.stdout)
        print_result(
            "scale",
            n_rows=millions * 1_000_000,
            n_fixes=figures["n_fixes"],
            cores=len(os.sched_getaffinity(0)),
            wall_s=round(figures["wall_s"], 2),
            cpu_s=round(figures["cpu_s"], 2),
            rows_per_s=round(millions * 1_000_000 / figures["wall_s"]),
            peak_mb=round(figures["peak_mb"]),
            limit_mb=3_000,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["ingest"]:
        with TemporaryDirectory(prefix="bench-scale-") as scratch:
            print(json.dumps(ingest(Path(sys.argv[2]), Path(scratch))))
    else:
        main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
