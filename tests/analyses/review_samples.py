"""A small herd to review."""

from dataclasses import replace

import numpy as np
import pandas as pd

from wildways.analyses import PopulationEvidence
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population
from wildways.simulate import demo_herds, simulate_herd


def sample_evidence(decided: pd.DataFrame | None = None) -> PopulationEvidence:
    """Three migrants and a resident, each seen for a year."""
    herd = replace(demo_herds()[2], n_animals=4, resident_share=0.25, tracking_days=(330, 340), death_share=0.0)
    herd = replace(herd, n_start_years=1, marked_outlier_share=0.0, unmarked_outlier_share=0.0)
    simulated = simulate_herd(herd, rng=np.random.default_rng(5))
    return PopulationEvidence(
        module=ModuleDefinition(id="ungulates", title="Ungulates"),
        population=Population(id="deer", title="Deer </script> of the mountains", taxon=herd.taxon),
        fixes=simulated.fixes,
        decided_windows=read_windows(None) if decided is None else decided,
        inputs=Inputs(snapshot=1, sources=("herd",), source_files=("00",)),
        simulated=True,
    )
