"""The unit of work: space use, representativeness and sites of one population, written to a file, read back."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from wildways.analyses.cache import code_version, content_key
from wildways.analyses.contract import Unit
from wildways.areas import Sites, estimate_space_use, find_sites
from wildways.movement import Grid, Remark, assess_representativeness

_SETTINGS = ("level", "cell_km", "n_orders", "seed", "threshold", "population_size", "compat")


@dataclass(frozen=True, eq=False)
class SitesFound:
    """What the unit found; ``curve`` has a column each of animals, mean inclusion and its standard deviation."""

    sites: Sites
    curve: NDArray[np.float64]
    asymptote: float | None
    half: float | None
    is_asymptotic: bool
    n_left_out: int


def sites_unit(trips: pd.DataFrame, scale_m: float, population: str, parameters: dict[str, Any]) -> Unit:
    """The population as one unit; its key changes with anything its result depends on."""
    fixes = trips[["animal_id", "time_utc", "longitude", "latitude"]].reset_index(drop=True)
    settings = {name: parameters[name] for name in _SETTINGS} | {"scale_m": scale_m, "population": population}
    digest = pd.util.hash_pandas_object(fixes, index=False).to_numpy()
    key = content_key(code_version(), digest, json.dumps(settings, sort_keys=True))
    return Unit(key, population, write_sites, (fixes, settings))


def write_sites(fixes: pd.DataFrame, settings: dict[str, Any], path: Path) -> None:
    """Find the sites of one population and write them to `path`."""
    cell_m = None if settings["cell_km"] is None else settings["cell_km"] * 1000
    use = estimate_space_use(fixes, settings["scale_m"], cell_m=cell_m, compat=settings["compat"])
    seed = [settings["seed"], zlib.crc32(b"important-sites"), zlib.crc32(settings["population"].encode())]
    found = assess_representativeness(
        use.uds,
        seen=use.seen,
        grid=use.grid,
        rng=np.random.default_rng(np.random.SeedSequence(seed)),
        level=settings["level"],
        n_orders=settings["n_orders"],
        compat=settings["compat"],
    )
    sites = find_sites(
        use,
        found.share,
        population=settings["population_size"],
        level=settings["level"],
        threshold=settings["threshold"],
    )
    about = {
        "grid": [use.grid.cell_m, use.grid.west_m, use.grid.north_m, use.grid.n_columns, use.grid.n_rows],
        "crs": use.grid.crs.to_wkt(),
        "n_animals": sites.n_animals,
        "representativeness": found.share,
        "threshold": sites.threshold,
        "level": sites.level,
        "population": sites.population,
        "remarks": [*found.remarks, *sites.remarks],
        "asymptote": found.curve.asymptote,
        "half": found.curve.half,
        "is_asymptotic": found.is_asymptotic,
        "n_left_out": len(use.left_out),
    }
    curve = np.column_stack([found.curve.sizes, found.curve.means, found.curve.deviations])
    with path.open("wb") as stream:
        np.savez(stream, counts=sites.counts, mask=sites.mask, curve=curve, about=np.array(json.dumps(about)))


def read_sites(path: Path) -> SitesFound:
    """What `write_sites` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        counts, mask, curve, about = stored["counts"], stored["mask"], stored["curve"], json.loads(str(stored["about"]))
    grid = Grid(CRS.from_wkt(about.pop("crs")), *about.pop("grid"))
    own = {name: about.pop(name) for name in ("asymptote", "half", "is_asymptotic", "n_left_out")}
    remarks = tuple(Remark(*remark) for remark in about.pop("remarks"))
    return SitesFound(Sites(grid, counts, mask, remarks=remarks, **about), curve, **own)
