"""The demonstration atlas: a folder that the commands take, with simulated herds as its evidence."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from wildways.model import Conflict
from wildways.simulate.herd import simulate_herd
from wildways.simulate.movebank import write_movebank_csv
from wildways.simulate.specs import HerdSpec, read_herds

DEMO_SEED = 20_000


def demo_herds() -> list[HerdSpec]:
    """The herds of the demonstration atlas."""
    with as_file(files("wildways.simulate").joinpath("data/herds.toml")) as path:
        return read_herds(path)


def write_demo_atlas(folder: Path, *, seed: int = DEMO_SEED) -> Path:
    """Write the demonstration atlas: its definition and one Movebank file a herd.

    The same seed writes the same bytes. Each herd has a generator of its own, so that changing one leaves the others.

    Parameters
    ----------
    folder : made where missing; must not hold an atlas yet
    seed : of the simulation

    Returns
    -------
    The folder.

    Raises
    ------
    Conflict : the folder holds an atlas already
    """
    folder = Path(folder)
    if (folder / "atlas.toml").exists():
        raise Conflict("atlas-exists", f"{folder} holds an atlas already.", hint="Choose another folder.")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "modules").mkdir(exist_ok=True)
    herds = demo_herds()
    for herd, sequence in zip(herds, np.random.SeedSequence(seed).spawn(len(herds)), strict=True):
        simulated = simulate_herd(herd, rng=np.random.default_rng(sequence))
        path = folder / "data" / f"{herd.name}.csv"
        write_movebank_csv(simulated.fixes, path, study=herd.study, taxon=herd.taxon)
    for name in ("modules/ungulates.toml", "atlas.toml"):
        text = files("wildways.simulate").joinpath(f"data/atlas/{name}").read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    return folder
