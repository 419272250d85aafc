"""The analysis itself: fixes → flags → windows → sequences → bridges → the population's products."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from wildways.analyses.contract import Draft, Plan, PopulationEvidence, Remark
from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import merge_sequences
from wildways.analyses.corridors.products import corridor_drafts
from wildways.analyses.corridors.units import bridge_unit
from wildways.analyses.quality.rules import cleaning_rules
from wildways.movement import (
    Grid,
    PreparedTracks,
    TaxonGroup,
    choose_crs,
    cut_sequences,
    max_lag_for,
    migrations,
    prepare_tracks,
    project,
    propose_windows,
    resolve_windows,
    unknown_group,
    usable,
)
from wildways.movement import Sequence as TrackSequence

CELL_SIZES_M = (100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 25_000.0)
MAX_AUTOMATIC_CELLS = 2_000_000


class Corridors:
    """Low, medium and high use corridors, stopovers, routes and use of a migratory population."""

    name = "corridors"
    description = "Low, medium and high use corridors, stopovers, routes and use of a migratory population."
    parameters = CorridorParameters

    def plan(self, evidence: PopulationEvidence, parameters: CorridorParameters) -> Plan:
        """Split the work into one unit a migration."""
        group = cleaning_rules(evidence.population.taxon, parameters.speed_limit_mps)
        prepared = prepare_tracks(evidence.fixes, group.rules, step_h=parameters.smoothing_step_h)
        positions, flags = prepared.positions, prepared.flags
        month, day = (int(part) for part in parameters.bio_year_start.split("-"))
        living = positions[usable(flags)]
        proposed = propose_windows(living, bio_year_start=(month, day))
        windows = resolve_windows(proposed, evidence.decided_windows, file=evidence.population.windows)
        used = windows[windows["season"].isin([season.value for season in parameters.seasons])]
        parameters = _with_max_lag(parameters, living)
        sequences, status = cut_sequences(positions, flags, used, max_lag_h=parameters.max_lag_h or 0.0)
        sequences = sorted(sequences, key=lambda sequence: (sequence.animal_id, sequence.sequence_id))
        remarks = tuple(_remarks(evidence, group, prepared, windows, status))
        side_files = {f"{evidence.module.id}.{evidence.population.id}.csv": windows}
        if not sequences:
            return Plan((), lambda _: (), remarks, side_files)
        grid = _population_grid(sequences, parameters)
        units = [bridge_unit(sequence, grid, parameters) for sequence in sequences]

        def merge(results: Sequence[Path | None]) -> Sequence[Draft]:
            population = merge_sequences(sequences, results, grid, parameters)
            return corridor_drafts(evidence, parameters, group, prepared, population, windows, status)

        return Plan(units, merge, remarks, side_files)


def _with_max_lag(parameters: CorridorParameters, fixes: pd.DataFrame) -> CorridorParameters:
    """The parameters with the longest lag settled, by the tags' schedule where it is not given."""
    return parameters.model_copy(update={"max_lag_h": parameters.max_lag_h or max_lag_for(fixes)})


def _population_grid(sequences: Sequence[TrackSequence], parameters: CorridorParameters) -> Grid:
    longitude = np.concatenate([sequence.longitude for sequence in sequences])
    latitude = np.concatenate([sequence.latitude for sequence in sequences])
    crs = choose_crs(longitude, latitude)
    x_m, y_m = project(longitude, latitude, crs)
    width_m, height_m = float(np.ptp(x_m)), float(np.ptp(y_m))
    cell_m = parameters.cell_m or _automatic_cell(width_m, height_m, parameters.margin_share)
    margin_m = max(parameters.margin_share * max(width_m, height_m), 10 * cell_m)
    return Grid.covering(x_m, y_m, crs=crs, cell_m=cell_m, margin_m=margin_m)


def _automatic_cell(width_m: float, height_m: float, margin_share: float) -> float:
    area_m2 = (width_m + 2 * margin_share * width_m) * (height_m + 2 * margin_share * height_m)
    fitting = (cell_m for cell_m in CELL_SIZES_M if area_m2 / cell_m**2 <= MAX_AUTOMATIC_CELLS)
    return next(fitting, CELL_SIZES_M[-1])


def _remarks(
    evidence: PopulationEvidence,
    group: TaxonGroup,
    prepared: PreparedTracks,
    windows: pd.DataFrame,
    status: pd.DataFrame,
) -> Iterator[Remark]:
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
    found = migrations(windows)
    yield Remark(
        "migrations",
        f"{len(found)} migrations of {found['animal_id'].nunique()} animals among "
        f"{evidence.fixes['animal_id'].nunique()} tracked ones.",
        len(found),
    )
    rejected = status[~status["is_used"]]
    for reason, left_out in rejected.groupby("reason"):
        yield Remark("sequences-left-out", f"{len(left_out)} migrations left out: {reason}", len(left_out))
