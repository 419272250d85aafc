"""The chain from a colony's fixes to candidate sites, 178,006 fixes of masked boobies, against track2KBA and NumPy."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from wildways.areas import (
    SpaceUse,
    TripRules,
    estimate_space_use,
    find_scales,
    find_sites,
    split_trips,
    summarise_trips,
)
from wildways.movement import Representativeness, Seen, assess_representativeness

COLONY = (-5.72638, -16.00711)
RULES = TripRules(3000, 10_000, timedelta(hours=1))
SCALE_M, COARSE_M = 3130.0, 2000.0
N_ORDERS = 10
PEER_AT_500_CELLS_S = {"repAssess": 44.8, "findSite": 38.9, "findScale": 6.6}
"""CPU seconds of steps on the peer's own grid of 237,474 cells that are known but not recorded beside their outputs."""


def main() -> None:
    """Time the chain on the grid for which all of the peer's steps are recorded, its own grid, and ours."""
    folder = reference_folder()
    fixes = simulated() if folder is None else boobies(folder)
    coarse_s, own_s, ours_s = (
        cpu_median_s(lambda options=options: chain(fixes, **options), repeats=5)
        for options in ({"cell_m": COARSE_M, "compat": "track2KBA"}, {"compat": "track2KBA"}, {})
    )
    trips = split_trips(fixes, COLONY, RULES)
    use = estimate_space_use(trips[trips["returned"]], SCALE_M, cell_m=COARSE_M, compat="track2KBA")
    plain_s = cpu_median_s(lambda: plain_numpy(use), repeats=1, warm_ups=0)
    fast_s = cpu_median_s(lambda: represent(use), repeats=5)
    share, n_sites = chain(fixes, compat="track2KBA")
    print_result(
        "track2kba",
        input="simulated" if folder is None else "masked boobies of St Helena",
        sizes={"n_fixes": len(fixes), "n_animals": len(use.uds), "n_cells": use.grid.n_cells, "n_orders": N_ORDERS},
        cpu_s=coarse_s,
        own_grid_cpu_s=own_s,
        our_defaults_cpu_s=ours_s,
        representativeness_plain_numpy_cpu_s=plain_s,
        representativeness_ratio_to_plain_numpy=plain_s / fast_s,
        representativeness=share,
        site_cells=n_sites,
        **against_peer(folder, coarse_s, own_s, plain_s / fast_s),
    )


def chain(fixes: pd.DataFrame, **options: Any) -> tuple[float, int]:
    """Trips, scales, space use, representativeness and sites: the share represented and the cells of sites."""
    trips = split_trips(fixes, COLONY, RULES)
    trips = trips[trips["returned"]].reset_index(drop=True)
    find_scales(trips, summarise_trips(trips, COLONY))
    use = estimate_space_use(trips, SCALE_M, **options)
    found = represent(use)
    return found.share, int(find_sites(use, found.share, population=500).mask.sum())


def represent(use: SpaceUse) -> Representativeness:
    """Ten random orders, as many as the peer's iterations."""
    rng = np.random.default_rng(1)
    return assess_representativeness(
        use.uds, seen=use.seen, grid=use.grid, rng=rng, n_orders=N_ORDERS, compat=use.compat
    )


def against_peer(folder: Path | None, coarse_s: float, own_s: float, plain_ratio: float) -> dict[str, Any]:
    """Ratios to the recorded CPU times, on 2 km cells and on the peer's own grid; scales are not in the first."""
    if folder is None:
        return {"peer": None, "ratio": plain_ratio}
    trips_s = peer_cpu_s(folder, "track2kba_tripsplit")
    coarse = ("track2kba_kde_res2km", "track2kba_repassess", "track2kba_site")
    peer_s = trips_s + sum(peer_cpu_s(folder, name) for name in coarse)
    own_peer_s = trips_s + peer_cpu_s(folder, "track2kba_kde") + sum(PEER_AT_500_CELLS_S.values())
    peers = {"track2KBA 1.1.3, 2 km cells": peer_s, "track2KBA 1.1.3, its own grid": own_peer_s}
    return {"peer": peers, "ratio": peer_s / coarse_s, "own_grid_ratio": own_peer_s / own_s}


def plain_numpy(use: SpaceUse) -> np.ndarray:
    """Inclusion for each number of animals and draw, as one writes it first: sort all cells every time."""
    rng = np.random.default_rng(1)
    stack = np.zeros((len(use.uds), *use.grid.shape))
    for k, ud in enumerate(use.uds):
        stack[k][use.grid.slices_of(ud.grid)] = ud.mass
    stack = stack.reshape(len(use.uds), -1)
    shares = []
    for size in range(1, len(use.uds) - 2):
        for _ in range(N_ORDERS):
            drawn = rng.choice(len(use.uds), size, replace=False)
            pooled = stack[drawn].mean(axis=0)
            order = np.argsort(-pooled)
            core = np.zeros(pooled.size, dtype=bool)
            core[order[np.cumsum(pooled[order]) < 0.5]] = True
            left: list[Seen] = [use.seen[k] for k in range(len(use.uds)) if k not in drawn]
            cells = np.concatenate([seen.cell for seen in left])
            shares.append(core[cells].mean())
    return np.array(shares)


def boobies(folder: Path) -> pd.DataFrame:
    """All fixes, by animal and time."""
    table = pd.read_csv(
        folder.parent / "data/booby_sthelena/booby_sthelena.csv", dtype={"individual-local-identifier": str}
    )
    frame = pd.DataFrame(
        {
            "animal_id": table["individual-local-identifier"],
            "time_utc": pd.to_datetime(table["timestamp"], utc=True).astype("datetime64[us, UTC]"),
            "longitude": table["location-long"],
            "latitude": table["location-lat"],
        }
    )
    return frame.sort_values(["animal_id", "time_utc"], kind="stable", ignore_index=True)


def simulated() -> pd.DataFrame:
    """Forty birds that fly out to places around a colony, a fix every 2 minutes."""
    rng = np.random.default_rng(1)
    birds = []
    for k in range(40):
        hours = np.arange(4000) / 30
        away = np.maximum(0, np.sin(hours * 2 * np.pi / 8)) * rng.uniform(0.2, 0.6)
        bearing = rng.normal(1.5, 0.8) + 0.1 * np.sin(hours)
        birds.append(
            pd.DataFrame(
                {
                    "animal_id": f"b{k:02d}",
                    "time_utc": pd.date_range("2024-01-01", periods=4000, freq="2min", tz="UTC", unit="us"),
                    "longitude": COLONY[0] + away * np.sin(bearing),
                    "latitude": COLONY[1] + away * np.cos(bearing),
                }
            )
        )
    return pd.concat(birds, ignore_index=True)


if __name__ == "__main__":
    main()
