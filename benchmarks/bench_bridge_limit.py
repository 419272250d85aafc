"""How near the bridge's kernel comes to what this machine can do at most: multiply-adds needed, peak, and their ratio.

Needed are, for each sample of a bridge, one multiply-add for each cell within four standard deviations, and four for
each edge of its rows and columns: one to find where it lies, three for the cubic that gives the integral up to it.
"""

import math
import time
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from timing import print_result, reference_folder
from tracks import UTM_12N, read_tracks, simulated_track
from wildways.movement import Grid, estimate_motion_variance
from wildways.movement import _bridge_kernels as kernels
from wildways.movement.bridge import CUT_SIGMAS, path_in_cells
from wildways.movement.track import checked_track

CELLS_M = (250.0, 100.0, 50.0, 20.0)
PER_EDGE = 4
MAX_LAG_S, STEP_S = 28_800.0, 300.0
N_REGISTERS = 64
N_LINE = 128


def main() -> None:
    """Count, time and compare at several cell sizes; the ratio is that of the finest, where arithmetic decides."""
    folder = reference_folder()
    track = (
        simulated_track(487, lag_s=3 * 3600, seed=1)
        if folder is None
        else read_tracks(folder / "input_MD344_spring.csv")
    )
    columns = tuple(track[name].to_numpy() for name in ("x", "y", "time_s"))
    in_registers, in_cache = peak_in_registers(), peak_in_cache()
    by_cell = {f"{cell_m:g} m": at_cell(columns, cell_m, in_registers, in_cache) for cell_m in CELLS_M}
    finest = by_cell[f"{CELLS_M[-1]:g} m"]
    print_result(
        "bridge-limit",
        input="simulated" if folder is None else "mule deer MD344, spring 2009",
        peak_in_registers_per_s=in_registers,
        peak_load_add_store_per_s=in_cache,
        cells=by_cell,
        ratio=finest["times_the_limit_of_load_add_store"],
        ratio_to_registers=finest["times_the_limit_of_registers"],
    )


def at_cell(
    columns: tuple[NDArray[np.float64], ...], cell_m: float, in_registers: float, in_cache: float
) -> dict[str, Any]:
    """Multiply-adds needed at a cell size, and how many times longer they take than at the peaks."""
    x, y, time_s = columns
    grid = Grid.covering(x, y, crs=UTM_12N, cell_m=cell_m, margin_m=10_000)
    variance = estimate_motion_variance(x, y, time_s, max_lag_s=MAX_LAG_S)
    path = path_in_cells(
        checked_track(x, y, time_s, 20.0), grid, np.where(np.diff(time_s) <= MAX_LAG_S, variance, np.nan)
    )
    counts = kernels.sample_counts(path, kernels.bridge_reaches(path, CUT_SIGMAS), STEP_S, False)
    mass = np.zeros(grid.shape)
    cpu_s = least_cpu_s(lambda: kernels.add_cell_integrals(mass, path, counts, CUT_SIGMAS))
    needed = multiply_adds(path, counts)
    return {
        "n_samples": int(counts.sum()),
        "multiply_adds": needed,
        "cpu_s": cpu_s,
        "multiply_adds_per_s": needed / cpu_s,
        "times_the_limit_of_load_add_store": cpu_s * in_cache / needed,
        "times_the_limit_of_registers": cpu_s * in_registers / needed,
    }


def multiply_adds(path: kernels.CellPath, counts: NDArray[np.int64]) -> int:
    """What the method needs for all samples."""
    needed = 0
    for i in np.flatnonzero(counts):
        lag = path.time[i + 1] - path.time[i]
        for a in (np.arange(counts[i]) + 0.5) / counts[i]:
            v = lag * a * (1 - a) * path.variance[i] + ((1 - a) * path.error[i]) ** 2 + (a * path.error[i + 1]) ** 2
            reach = CUT_SIGMAS * math.sqrt(v)
            n_rows, n_columns = (
                math.floor(mean + reach) + 1 - math.floor(mean - reach)
                for mean in (b[i] + a * (b[i + 1] - b[i]) for b in (path.row, path.column))
            )
            needed += n_rows * n_columns + PER_EDGE * (n_rows + n_columns + 2)
    return needed


def peak_in_registers() -> float:
    """Multiply-adds a second where nothing is read or written."""
    n = 3_000_000
    return N_REGISTERS * n / least_cpu_s(lambda: spin(n, 0.99, 0.5))


def peak_in_cache() -> float:
    """Multiply-adds a second onto a line of numbers that lies in the cache, which is what the kernel does."""
    n, line, part = 400_000, np.zeros(N_LINE), np.ones(N_LINE)
    return N_LINE * n / least_cpu_s(lambda: add_lines(n, line, part, 0.5))


@njit(fastmath=True)
def spin(n: int, factor: float, term: float) -> float:
    """A bare loop on 64 numbers."""
    values = np.zeros(N_REGISTERS)
    for _ in range(n):
        for j in range(N_REGISTERS):
            values[j] = values[j] * factor + term
    return float(values.sum())


@njit(fastmath={"contract"})
def add_lines(n: int, line: NDArray[np.float64], part: NDArray[np.float64], weight: float) -> None:
    """A bare loop that reads, multiplies, adds and writes."""
    for _ in range(n):
        for j in range(line.size):
            line[j] += weight * part[j]


def least_cpu_s(work: Any, repeats: int = 15) -> float:
    """Least CPU seconds of several runs: what the machine can do when nothing disturbs it."""
    work()
    return min(_cpu_s(work) for _ in range(repeats))


def _cpu_s(work: Any) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


if __name__ == "__main__":
    main()
