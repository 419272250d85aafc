"""From the fixes of a population to its positions and migration windows, the slow part in units, one an animal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from wildways.analyses.cache import code_version, content_key
from wildways.analyses.contract import PopulationEvidence, Remark, Unit
from wildways.analyses.population.parameters import DistributionParameters
from wildways.analyses.quality.rules import cleaning_rules
from wildways.movement import (
    PreparedTracks,
    TaxonGroup,
    migrations,
    propose_windows,
    resolve_windows,
    unknown_group,
    usable,
)
from wildways.movement.fixes import FIX_COLUMNS, animal_bounds, epoch_microseconds

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrackRecord:
    """How a population's tracks were prepared; what its products say of it.

    Parameters
    ----------
    group : whose rules of quality were used
    windows : of migration: what was proposed, and what people decided instead
    n_smoothed, smoothed_steps_h : animals whose tracks were smoothed, and to positions how far apart
    """

    group: TaxonGroup
    windows: pd.DataFrame
    n_smoothed: int
    smoothed_steps_h: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class PopulationTracks:
    """A population's positions, and the record of how they were made.

    Parameters
    ----------
    living : the positions that may be used, the columns `FIX_COLUMNS`
    """

    record: TrackRecord
    prepared: PreparedTracks
    living: pd.DataFrame


def prepare_population(evidence: PopulationEvidence, parameters: DistributionParameters) -> PopulationTracks:
    """Flag and smooth the fixes, propose windows and let those decided by people win.

    Raises
    ------
    BadInput : a decided window is wrong; names its line and field
    """
    group = cleaning_rules(evidence.population.taxon, parameters.speed_limit_mps)
    prepared = evidence.prepared(group.rules, parameters.smoothing_step_h)
    living = prepared.positions.loc[usable(prepared.flags), list(FIX_COLUMNS)]
    proposed = _proposed(evidence, living, parameters.bio_year_date)
    windows = resolve_windows(proposed, evidence.decided_windows, file=evidence.population.windows)
    steps_h = tuple(sorted(set(prepared.account["step_h"].dropna())))
    return PopulationTracks(TrackRecord(group, windows, prepared.n_smoothed, steps_h), prepared, living)


def write_proposal(
    animal_id: str, time_us: Whole, longitude: Floats, latitude: Floats, bio_year_start: tuple[int, int], path: Path
) -> None:
    """Propose the windows of one animal and write them to `path`."""
    time_utc = pd.to_datetime(time_us, unit="us", utc=True)
    fixes = pd.DataFrame({"animal_id": animal_id, "time_utc": time_utc, "longitude": longitude, "latitude": latitude})
    propose_windows(fixes, bio_year_start=bio_year_start).to_feather(path)


def track_remarks(evidence: PopulationEvidence, tracks: PopulationTracks) -> Iterator[Remark]:
    """What a person should know of the tracks and windows."""
    group, prepared = tracks.record.group, tracks.prepared
    if evidence.fixes.empty:
        yield Remark(
            "population-empty",
            f"No fix of {evidence.population.taxon} is stored here. Is the taxon spelt as the source has it?",
            0,
        )
        return
    if group is unknown_group():
        yield Remark(
            "speed-limit",
            f"No speed limit is known for {evidence.population.taxon}; only fixes faster than "
            f"{group.rules.vmax_mps:g} m/s were taken as spikes. Set speed_limit_mps for the analysis.",
        )
    if prepared.n_smoothed:
        yield Remark(
            "tracks-smoothed",
            f"The tracks of {prepared.n_smoothed} animals from Argos or light were smoothed to regular positions.",
            prepared.n_smoothed,
        )
    for reason, animals in prepared.account[prepared.account["reason"] != ""].groupby("reason"):
        yield Remark("tracks-not-smoothed", f"{len(animals)} animals left out: {reason}", len(animals))
    found = migrations(tracks.record.windows)
    yield Remark(
        "migrations",
        f"{len(found)} migrations of {found['animal_id'].nunique()} animals among "
        f"{evidence.fixes['animal_id'].nunique()} tracked ones.",
        len(found),
    )


def _proposed(evidence: PopulationEvidence, living: pd.DataFrame, bio_year_start: tuple[int, int]) -> pd.DataFrame:
    if evidence.compute is None or living.empty:
        return propose_windows(living, bio_year_start=bio_year_start)
    columns = epoch_microseconds(living), *(living[name].to_numpy(np.float64) for name in ("longitude", "latitude"))
    units = [
        _proposal_unit(str(living["animal_id"].iloc[begin]), [part[begin:end] for part in columns], bio_year_start)
        for begin, end in pairwise(animal_bounds(living).tolist())
    ]
    found = [pa.ipc.open_file(path).read_all() for path in evidence.compute(units) if path is not None]
    if not found:
        return propose_windows(living.iloc[:0])
    proposed: pd.DataFrame = pa.concat_tables(found, promote_options="permissive").to_pandas()
    return proposed.astype({"animal_id": living["animal_id"].dtype})


def _proposal_unit(animal_id: str, columns: Sequence[Floats | Whole], bio_year_start: tuple[int, int]) -> Unit:
    key = content_key(code_version(), "windows", animal_id, bio_year_start, *columns)
    return Unit(key, f"{animal_id} (dates)", write_proposal, (animal_id, *columns, bio_year_start), ".arrow")
