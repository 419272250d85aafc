"""What the analyses of a population share: tracks and windows, distributions as units, merging, products."""

from wildways.analyses.population.drafts import (
    DraftMaker,
    feature_property,
    legend_class,
    number,
    ramp,
    sample_of,
    sequence_table,
    with_text,
)
from wildways.analyses.population.grids import population_grid
from wildways.analyses.population.parameters import DistributionParameters, MonthDay, UdMethod
from wildways.analyses.population.settling import SettledSequences, settle_sequences
from wildways.analyses.population.statements import bridging_caveats, bridging_record, ud_statement, wide_caveats
from wildways.analyses.population.strength import DrawnUse, Strength, measure_strength
from wildways.analyses.population.tracks import PopulationTracks, TrackRecord, prepare_population, track_remarks
from wildways.analyses.population.units import location_errors, read_use, use_unit
from wildways.analyses.population.variances import Bridging, Pooled

__all__ = [
    "Bridging",
    "DistributionParameters",
    "DraftMaker",
    "DrawnUse",
    "MonthDay",
    "Pooled",
    "PopulationTracks",
    "SettledSequences",
    "Strength",
    "TrackRecord",
    "UdMethod",
    "bridging_caveats",
    "bridging_record",
    "feature_property",
    "legend_class",
    "location_errors",
    "measure_strength",
    "number",
    "population_grid",
    "prepare_population",
    "ramp",
    "read_use",
    "sample_of",
    "sequence_table",
    "settle_sequences",
    "track_remarks",
    "ud_statement",
    "use_unit",
    "wide_caveats",
    "with_text",
]
