"""The analysis itself: fixes → flags → windows → sequences → distributions → the population's products."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from wildways.analyses.contract import Draft, Plan, PopulationEvidence, Remark
from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import merge_sequences
from wildways.analyses.corridors.products import corridor_drafts
from wildways.analyses.population import (
    population_grid,
    prepare_population,
    settle_sequences,
    track_remarks,
    use_unit,
)
from wildways.movement import cut_sequences, max_lag_for


class Corridors:
    """Low, medium and high use corridors, stopovers, routes and use of a migratory population."""

    name = "corridors"
    description = "Low, medium and high use corridors, stopovers, routes and use of a migratory population."
    parameters = CorridorParameters

    def plan(self, evidence: PopulationEvidence, parameters: CorridorParameters) -> Plan:
        """Split the work into one unit a migration."""
        tracks = prepare_population(evidence, parameters)
        windows = tracks.record.windows
        used = windows[windows["season"].isin([season.value for season in parameters.seasons])]
        max_lag_h = parameters.max_lag_h or max_lag_for(tracks.living)
        parameters = parameters.model_copy(update={"max_lag_h": max_lag_h})
        prepared = tracks.prepared
        cut, status = cut_sequences(
            prepared.positions, prepared.flags, used, max_lag_h=max_lag_h, n_around=parameters.n_around
        )
        settled = settle_sequences(cut, status, parameters)
        remarks = (*track_remarks(evidence, tracks), *_left_out(settled.status))
        side_files = {f"{evidence.module.id}.{evidence.population.id}.csv": windows}
        if not settled.sequences:
            return Plan((), lambda _: (), remarks, side_files)
        grid = population_grid(settled.sequences, cell_m=parameters.cell_m, margin_share=parameters.margin_share)
        units = [
            use_unit(sequence, grid, parameters, how.method, how.motion_variance_m2_per_s)
            for sequence, how in zip(settled.sequences, settled.bridging, strict=True)
        ]

        source, record = evidence.without_fixes(), tracks.record

        def merge(results: Sequence[Path | None]) -> Sequence[Draft]:
            population = merge_sequences(settled.sequences, results, grid, parameters)
            return corridor_drafts(source, parameters, record, settled, population)

        return Plan(units, merge, remarks, side_files)


def _left_out(status: pd.DataFrame) -> Iterator[Remark]:
    for reason, left_out in status[~status["is_used"]].groupby("reason"):
        yield Remark("sequences-left-out", f"{len(left_out)} migrations left out: {reason}", len(left_out))
