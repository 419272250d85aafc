"""SDA filter of Argos fixes against the R package argosfilter: one ringed and three bearded seals, label by label."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from wildways.movement import sda_filter

NAMES = np.array(["not", "removed", "end_location"])


def main() -> None:
    """Time the filter on both data sets, or on a simulated track where they are not at hand."""
    folder = reference_folder()
    if folder is None:
        seal = simulated_seal(27_547)
        print_result("sda", input="simulated", sizes={"n_fixes": len(seal)}, cpu_s=cpu_s(seal, 3.0), peer=None)
        return
    results = {
        "ringed seal": against_argosfilter(folder, "ringedseal", ringed_seal(folder), 2.0),
        "bearded seals": against_argosfilter(folder, "beardedseal", bearded_seals(folder), 3.0),
    }
    print_result("sda", **results, ratio=results["bearded seals"]["ratio"])


def against_argosfilter(folder: Path, name: str, seals: pd.DataFrame, vmax_mps: float) -> dict[str, Any]:
    """Our time and labels beside those recorded."""
    ours, peer = cpu_s(seals, vmax_mps), peer_cpu_s(folder, f"argosfilter_sda_{name}")
    labels = np.concatenate([filtered(seal, vmax_mps) for _, seal in seals.groupby("id", sort=False)])
    return {
        "sizes": {"n_fixes": len(seals), "n_animals": seals["id"].nunique()},
        "cpu_s": ours,
        "fixes_per_s": len(seals) / ours,
        "removed": int((NAMES[labels] == "removed").sum()),
        "labels_that_differ": int((NAMES[labels] != seals["filter"].to_numpy()).sum()),
        "peer": {"argosfilter 0.70": peer},
        "ratio": peer / ours,
    }


def cpu_s(seals: pd.DataFrame, vmax_mps: float) -> float:
    """Median CPU seconds for all animals."""
    tracks = [seal for _, seal in seals.groupby("id", sort=False)]
    return cpu_median_s(lambda: [filtered(track, vmax_mps) for track in tracks], repeats=21)


def filtered(seal: pd.DataFrame, vmax_mps: float) -> Any:
    """Labels of one animal's fixes."""
    return sda_filter(seal["time_s"], seal["lon"], seal["lat"], seal["lc"], vmax_mps=vmax_mps)


def ringed_seal(folder: Path) -> pd.DataFrame:
    """The seal that comes with argosfilter."""
    return with_seconds(pd.read_csv(folder / "argosfilter_ringedseal.csv").assign(id="ringed seal"))


def bearded_seals(folder: Path) -> pd.DataFrame:
    """Rows with a label: those with a location class, one a time."""
    positions = pd.read_csv(folder.parent / "data/beardedseal_alaska/beardedseal_alaska.csv", index_col="event-id")
    positions = positions[["location-long", "location-lat"]].set_axis(["lon", "lat"], axis=1)
    labels = pd.read_csv(folder / "argosfilter_beardedseal.csv").dropna(subset="filter")
    return with_seconds(labels.join(positions, on="event"))


def with_seconds(table: pd.DataFrame) -> pd.DataFrame:
    """Times as seconds since 1970."""
    times = pd.to_datetime(table["time"], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return table.assign(time_s=times.astype("int64") / 1e6)


def simulated_seal(n: int) -> pd.DataFrame:
    """A random walk with errors of the size of Argos's."""
    rng = np.random.default_rng(1)
    lon, lat = np.cumsum(rng.normal(scale=0.01, size=(2, n)), axis=1) + rng.standard_t(2, size=(2, n)) * 0.02
    time = np.cumsum(rng.exponential(900, n))
    return pd.DataFrame(
        {"id": "seal", "time_s": time, "lon": lon, "lat": 60 + lat % 10, "lc": rng.choice(list("10AB"), n)}
    )


if __name__ == "__main__":
    main()
