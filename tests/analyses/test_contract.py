"""The evidence of a population: its tracks are prepared once, for whoever asks, and never those of other fixes."""

from dataclasses import replace

import numpy as np

from wildways.analyses import PopulationEvidence
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population
from wildways.movement import CleaningRules
from wildways.simulate import demo_herds, simulate_herd

RULES = CleaningRules()


def _evidence() -> PopulationEvidence:
    spec = replace(demo_herds()[0], n_animals=2, tracking_days=(60.0, 61.0), death_share=0.0)
    return PopulationEvidence(
        ModuleDefinition(id="herds", title="Herds"),
        Population(id="herd", title="Herd", taxon=spec.taxon),
        simulate_herd(spec, rng=np.random.default_rng(5)).fixes,
        read_windows(None),
        Inputs(snapshot=1, sources=("simulated",), source_files=("0",)),
    )


def test_tracks_are_prepared_once_for_analyses_that_want_the_same_ones() -> None:
    evidence = _evidence()
    prepared = evidence.prepared(RULES, None)
    assert replace(evidence, compute=lambda units: [None for _ in units]).prepared(CleaningRules(), None) is prepared
    assert evidence.prepared(CleaningRules(vmax_mps=0.01), None) is not prepared
    assert evidence.prepared(RULES, 6.0) is not prepared


def test_tracks_of_other_fixes_are_other_tracks() -> None:
    evidence = _evidence()
    assert len(evidence.prepared(RULES, None).positions) == len(evidence.fixes)
    fewer = replace(evidence, fixes=evidence.fixes.iloc[:10])
    assert len(fewer.prepared(RULES, None).positions) == 10
    assert len(evidence.without_fixes().prepared(RULES, None).positions) == 0
