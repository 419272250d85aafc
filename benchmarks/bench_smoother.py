"""Correlated random walk of a northern fur seal (795 Argos fixes, hourly positions) against the R package crawl."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from wildways.movement import fit_ctcrw, project, smooth, standardized_innovations

ALBERS = CRS.from_proj4("+proj=aea +lat_1=30 +lat_2=70 +lat_0=52 +lon_0=-170 +datum=WGS84 +units=m +type=crs")
N_LARGE = 1_000_000


def main() -> None:
    """Time the fit, the smoothing, and one pass of the filter over a million fixes."""
    folder = reference_folder()
    track, predicted = fur_seal(folder) if folder else (simulated(795), None)
    at = np.arange(track[0][0], track[0][-1], 3600.0)
    fit = fit_ctcrw(*track, compat="crawl")
    fit_s = cpu_median_s(lambda: fit_ctcrw(*track, compat="crawl"))
    smooth_s = cpu_median_s(lambda: smooth(fit, *track, at_s=at))
    print_result(
        "smoother",
        input="northern fur seal" if folder else "simulated",
        sizes={"n_fixes": track[0].size, "n_predicted": at.size},
        fit_cpu_s=fit_s,
        smooth_cpu_s=smooth_s,
        cpu_s=fit_s + smooth_s,
        log_likelihood=fit.log_likelihood,
        filter_fixes_per_s=filter_fixes_per_s(),
        **against_crawl(folder, predicted, smooth(fit, *track, at_s=at), fit_s + smooth_s),
    )


def against_crawl(folder: Path | None, predicted: pd.DataFrame | None, smoothed: Any, cpu_s: float) -> dict[str, Any]:
    """Distance to crawl's positions and ratio to its time, in which it estimates two errors of classes as well."""
    if folder is None or predicted is None:
        return {"peer": None}
    apart = np.hypot(smoothed.x_m - predicted["mu.x"], smoothed.y_m - predicted["mu.y"])
    peer = peer_cpu_s(folder, "crawl_nfs")
    return {
        "rms_distance_m": float(np.sqrt(np.mean(apart**2))),
        "median_standard_error_m": float(predicted["se.mu.x"].median()),
        "peer": {"crawl 2.3.1": peer},
        "ratio": peer / cpu_s,
    }


def fur_seal(folder: Path) -> tuple[Any, pd.DataFrame]:
    """The track with the errors crawl found, and what crawl made of it."""
    fixes = pd.read_csv(folder.parent / "data/northernfurseal/northernfurseal.csv", dtype={"argos:lc": str})
    time = pd.to_datetime(fixes["timestamp"], utc=True).astype("datetime64[us, UTC]").astype("int64") / 1e6
    x, y = project(fixes["location-long"], fixes["location-lat"], ALBERS)
    par = json.loads((folder / "crawl_nfs.json").read_text(encoding="utf-8"))["result"]["par"]
    log_sd = fixes["argos:lc"].map(dict(zip("3210A", par, strict=False)))
    track = ((time - time[0]).to_numpy(), x, y, np.exp(2 * log_sd.to_numpy()))
    return track, pd.read_csv(folder / "crawl_nfs_predicted.csv")


def filter_fixes_per_s() -> float:
    """One pass of the Kalman filter, checks of the track included."""
    track = simulated(N_LARGE)
    fit = fit_ctcrw(*(column[:1000] for column in track))
    return N_LARGE / cpu_median_s(lambda: standardized_innovations(fit, *track), repeats=3)


def simulated(n: int) -> tuple[NDArray[np.float64], ...]:
    """A random walk at random times, seen with 1 km error."""
    rng = np.random.default_rng(1)
    time = np.cumsum(rng.exponential(7200, n))
    x, y = np.cumsum(rng.normal(scale=3000, size=(2, n)), axis=1) + rng.normal(scale=1000, size=(2, n))
    return time, x, y, np.full(n, 1e6)


if __name__ == "__main__":
    main()
