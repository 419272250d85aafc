"""The sequences of a population that can be computed, how, and the account of those that cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from pyproj import CRS

from wildways.analyses.population.parameters import DistributionParameters
from wildways.analyses.population.variances import Bridging, Pooled, settle_bridging
from wildways.movement import Sequence as TrackSequence
from wildways.movement import choose_crs


@dataclass(frozen=True, eq=False)
class SettledSequences:
    """Sequences sorted by animal, how each is computed, and the account of all, with reasons for those left out."""

    sequences: tuple[TrackSequence, ...]
    bridging: tuple[Bridging, ...]
    pooled: Pooled
    status: pd.DataFrame


def settle_sequences(
    cut: Sequence[TrackSequence], status: pd.DataFrame, parameters: DistributionParameters
) -> SettledSequences:
    """Leave out the sequences that no motion variance can be found for, with that reason in their account.

    Parameters
    ----------
    cut, status : as `cut_sequences` gives them
    parameters : with ``max_lag_h`` settled
    """
    ordered = sorted(cut, key=lambda sequence: (sequence.animal_id, sequence.sequence_id))
    if not ordered:
        return SettledSequences((), (), Pooled(None, 0), status)

    @cache
    def plane() -> CRS:
        return choose_crs(
            *(np.concatenate([getattr(one, name) for one in ordered]) for name in ("longitude", "latitude"))
        )

    bridging, pooled = settle_bridging(ordered, plane, parameters)
    refusals = {
        sequence.sequence_id: how.refusal for sequence, how in zip(ordered, bridging, strict=True) if how.refusal
    }
    kept = [pair for pair in zip(ordered, bridging, strict=True) if not pair[1].refusal]
    is_refused = status["sequence_id"].isin(list(refusals))
    status = status.assign(
        is_used=status["is_used"] & ~is_refused,
        reason=status["reason"].where(~is_refused, status["sequence_id"].map(refusals)),
    )
    return SettledSequences(tuple(s for s, _ in kept), tuple(how for _, how in kept), pooled, status)
