"""What every analysis of distributions says about them: the method in words, stand-in variances, wide maps."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from wildways.analyses.population.drafts import number, with_text
from wildways.analyses.population.parameters import DistributionParameters
from wildways.analyses.population.units import location_errors
from wildways.analyses.population.variances import GIVEN, POPULATION, Bridging, Pooled
from wildways.analyses.texts import text
from wildways.model import Text
from wildways.movement import Grid
from wildways.movement import Sequence as TrackSequence

WIDE_M = 2_000_000.0
_EARTH_RADIUS_M = 6_371_000.0


def ud_statement(
    parameters: DistributionParameters, method: str, sequences: Sequence[TrackSequence], grid: Grid
) -> Text:
    """The method and its numbers in a sentence."""
    return with_text(
        "population",
        method,
        "integration",
        text("population", f"integration_{parameters.compat or 'exact'}"),
        error_m=_errors(sequences, parameters.location_error_m),
        max_lag_h=number(parameters.max_lag_h or 0.0),
        cell_m=number(grid.cell_m),
        variance=number(parameters.motion_variance_m2_per_s or 0.0),
        buffer_m=number(parameters.buffer_m),
        window=parameters.dynamic_window,
        margin=parameters.dynamic_margin,
    )


def bridging_caveats(
    bridging: Sequence[Bridging], pooled: Pooled, parameters: DistributionParameters
) -> tuple[Text, ...]:
    """How many tracks did not have a motion variance of their own, and what they got."""
    if parameters.ud_method in ("fixed-variance", "line-buffer"):
        return ()
    counts = Counter(one.variance_from for one in bridging)
    said = []
    if n := counts[POPULATION]:
        variance = number(pooled.motion_variance_m2_per_s or 0.0)
        said.append(text("population", "variance_population", n=n, variance=variance, n_others=pooled.n_others))
    if n := counts[GIVEN]:
        variance = number(parameters.motion_variance_m2_per_s or 0.0)
        said.append(text("population", "variance_given", n=n, variance=variance))
    return tuple(said)


def bridging_record(bridging: Sequence[Bridging], pooled: Pooled) -> dict[str, Any]:
    """The same for the method record: sequences by method and by where their variance is from."""
    return {
        "sequences_by_method": dict(sorted(Counter(one.method for one in bridging).items())),
        "sequences_by_variance_from": dict(sorted(Counter(one.variance_from or "none" for one in bridging).items())),
        "population_motion_variance_m2_per_s": pooled.motion_variance_m2_per_s,
    }


def wide_caveats(grid: Grid) -> tuple[Text, ...]:
    """How much the map projection distorts distances, where the population is wide."""
    west, south, east, north = grid.bounds
    span_m = float(np.hypot(east - west, north - south))
    if span_m < WIDE_M:
        return ()
    at_edge = 1 / np.cos(span_m / 2 / _EARTH_RADIUS_M / 2) - 1
    return (text("population", "wide", span_km=f"{span_m / 1000:.0f}", percent=number(100 * at_edge)),)


def _errors(sequences: Sequence[TrackSequence], given_m: float) -> str:
    """The errors of the positions, metres: one, or the span that holds nine in ten."""
    errors = np.concatenate([location_errors(sequence, given_m) for sequence in sequences])
    low, high = (number(float(value)) for value in np.quantile(errors, (0.05, 0.95)))
    return low if low == high else f"{low}–{high}"
