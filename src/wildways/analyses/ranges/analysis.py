"""The analysis itself: fixes → stays → distributions → mean over animals → core and range of each season."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wildways.analyses.contract import Draft, Plan, PopulationEvidence, Remark, Unit
from wildways.analyses.population import (
    Bridging,
    Pooled,
    PopulationTracks,
    SettledSequences,
    population_grid,
    prepare_population,
    settle_sequences,
    track_remarks,
    use_unit,
)
from wildways.analyses.ranges.parameters import RangeParameters
from wildways.analyses.ranges.products import range_drafts
from wildways.analyses.ranges.stays import days_with_fixes, is_northern, outside_migrations, season_dates, stays
from wildways.movement import Sequence as TrackSequence
from wildways.movement import cut_sequences, max_lag_for

KERNEL_LAG_H = 24.0 * 366
"""For kernels no time between fixes is too long."""


class Ranges:
    """Winter, summer and annual ranges of a population: core and range, every animal counting equally."""

    name = "ranges"
    description = "Winter, summer and annual ranges of a population: core and range, every animal counting equally."
    parameters = RangeParameters

    def plan(self, evidence: PopulationEvidence, parameters: RangeParameters) -> Plan:
        """Split the work into one unit an animal, season and year."""
        tracks = prepare_population(evidence, parameters)
        remarks = tuple(track_remarks(evidence, tracks))
        if tracks.living.empty:
            return Plan((), lambda _: (), remarks)
        parameters = parameters.model_copy(update={"max_lag_h": parameters.max_lag_h or max_lag_for(tracks.living)})
        dates = season_dates(parameters, is_north=is_northern(tracks.living))
        settled = _settled(tracks, dates, parameters)
        remarks = (*remarks, *_left_out(settled.status))
        if not settled.sequences:
            return Plan((), lambda _: (), remarks)
        grid = population_grid(settled.sequences, cell_m=parameters.cell_m, margin_share=parameters.margin_share)
        units: list[Unit] = [
            use_unit(sequence, grid, parameters, how.method, how.motion_variance_m2_per_s)
            for sequence, how in zip(settled.sequences, settled.bridging, strict=True)
        ]

        source, record = evidence.without_fixes(), tracks.record

        def merge(results: Sequence[Path | None]) -> Sequence[Draft]:
            return range_drafts(source, parameters, record, settled, dates, results, grid)

        return Plan(units, merge, remarks)


def _settled(
    tracks: PopulationTracks, dates: dict[str, tuple[str, str]], parameters: RangeParameters
) -> SettledSequences:
    """The stays that are long enough, seasons without the days of migration, and how each is computed."""
    prepared, windows = tracks.prepared, stays(tracks.living, dates, parameters)
    is_kernel = parameters.range_method == "kernel"
    max_lag_h = KERNEL_LAG_H if is_kernel else parameters.max_lag_h or 0.0
    still = outside_migrations(prepared.positions, tracks.record.windows)
    is_annual = windows["season"] == "annual"
    how: dict[str, Any] = {"max_lag_h": max_lag_h, "n_around": 0 if is_kernel else parameters.n_around}
    cuts = (
        cut_sequences(prepared.positions, prepared.flags, windows[is_annual], **how),
        cut_sequences(
            prepared.positions[still].reset_index(drop=True),
            prepared.flags[still],
            windows[~is_annual],
            **how,
        ),
    )
    status = pd.concat([status for _, status in cuts], ignore_index=True)
    long, status = _long_enough([sequence for found, _ in cuts for sequence in found], status, parameters)
    if is_kernel:
        ordered = tuple(sorted(long, key=lambda sequence: (sequence.animal_id, sequence.sequence_id)))
        return SettledSequences(ordered, (Bridging("kernel"),) * len(ordered), Pooled(None, 0), status)
    return settle_sequences(long, status, parameters)


def _long_enough(
    sequences: list[TrackSequence], status: pd.DataFrame, parameters: RangeParameters
) -> tuple[list[TrackSequence], pd.DataFrame]:
    kept, reasons = [], {}
    for sequence in sequences:
        needed = parameters.min_annual_days if sequence.season == "annual" else parameters.min_days
        n_days = days_with_fixes(sequence.time_s)
        if n_days >= needed:
            kept.append(sequence)
        else:
            reasons[sequence.sequence_id] = f"It has fixes on fewer than {needed} days."
    is_short = status["sequence_id"].isin(list(reasons))
    reason = np.where(is_short, status["sequence_id"].map(reasons), status["reason"])
    return kept, status.assign(is_used=status["is_used"] & ~is_short, reason=reason)


def _left_out(status: pd.DataFrame) -> Iterator[Remark]:
    for reason, left_out in status[~status["is_used"]].groupby("reason"):
        yield Remark("stays-left-out", f"{len(left_out)} seasons of animals left out: {reason}", len(left_out))
