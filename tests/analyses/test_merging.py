"""Merging: products put in place whole, by a worker that gets no fixes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cloudpickle
import numpy as np

from wildways.analyses import PopulationEvidence, UnitComputer, get_analysis
from wildways.analyses.merging import start_merge
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population, Product
from wildways.simulate import demo_herds, simulate_herd


def test_what_travels_for_the_merge_is_smaller_than_the_fixes_and_makes_the_products(tmp_path: Path) -> None:
    spec = replace(demo_herds()[0], n_animals=4, fix_interval_h=2.0, tracking_days=(365.0, 366.0), death_share=0.0)
    fixes = simulate_herd(spec, rng=np.random.default_rng(5)).fixes
    evidence = PopulationEvidence(
        ModuleDefinition(id="herds", title="Herds"),
        Population(id="herd", title="Herd", taxon=spec.taxon),
        fixes,
        read_windows(None),
        Inputs(snapshot=1, sources=("simulated",), source_files=("0",)),
        simulated=True,
    )
    analysis = get_analysis("corridors")
    with ThreadPoolExecutor(2) as executor:
        computer = UnitComputer(tmp_path / "cache", executor)
        plan = analysis.plan(replace(evidence, compute=computer), analysis.parameters())
        merge = cloudpickle.dumps(plan.merge)
        assert len(merge) < len(cloudpickle.dumps(fixes)) / 2
        products = start_merge(executor, cloudpickle.loads(merge), computer(plan.units), tmp_path / "products").result()
    assert products
    assert [Product.read(tmp_path / "products" / name).id for name in products] == list(products)
