"""Which motion variance each sequence is bridged with: its own, the population's, or the one given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from wildways.analyses.population.parameters import DistributionParameters
from wildways.analyses.population.units import location_errors
from wildways.model import BadInput
from wildways.movement import Sequence as TrackSequence
from wildways.movement import estimate_motion_variance, project

MIN_OTHERS = 3
"""Sequences with a variance of their own that a population's median is taken of, at least."""
_SURELY_ENOUGH = 6
"""Fixes between two bridged steps of which at least three can be left out one by one."""

Plane = Callable[[], CRS]

OWN, POPULATION, GIVEN = "own", "population", "given"


@dataclass(frozen=True)
class Bridging:
    """How one sequence is computed.

    Parameters
    ----------
    method : as `DistributionParameters.ud_method`, or ``"bridge"`` where the track is too short for the dynamic one
    motion_variance_m2_per_s : None: its own, found with the bridge
    variance_from : ``own``, ``population``, ``given``, empty where there is none
    refusal : why it cannot be computed, empty where it can
    """

    method: str
    motion_variance_m2_per_s: float | None = None
    variance_from: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Pooled:
    """The variance that stands in for those that cannot be told: m²/s, and of how many sequences it is the median."""

    motion_variance_m2_per_s: float | None
    n_others: int


def settle_bridging(
    sequences: Sequence[TrackSequence], plane: Plane, parameters: DistributionParameters
) -> tuple[list[Bridging], Pooled]:
    """Settle how each sequence is computed.

    A sequence with too few fixes for a motion variance of its own gets the one given in the parameters, else the median
    of the others', where `MIN_OTHERS` have one; else it is refused with that reason. One too short for the dynamic
    bridge is bridged with one variance.

    Parameters
    ----------
    sequences : of one population
    plane : gives the CRS to compute in, metres; asked only where a variance must be estimated to settle it
    parameters : with ``max_lag_h`` settled
    """
    method, given = parameters.ud_method, parameters.motion_variance_m2_per_s
    none = Pooled(None, 0)
    if method == "line-buffer":
        return [Bridging(method)] * len(sequences), none
    if method == "fixed-variance":
        return [Bridging(method, given, GIVEN)] * len(sequences), none
    settled = [_alone(sequence, plane, parameters) for sequence in sequences]
    lacking = [number for number, bridging in enumerate(settled) if not bridging.variance_from]
    if not lacking:
        return settled, none
    pooled = none if given is not None else _pooled(sequences, settled, plane, parameters)
    for number in lacking:
        settled[number] = _stand_in(settled[number], given, pooled)
    return settled, pooled


def _alone(sequence: TrackSequence, plane: Plane, parameters: DistributionParameters) -> Bridging:
    """With its own variance where it can be told, else with none yet."""
    if parameters.ud_method == "dynamic-bridge" and _is_told_dynamically(sequence, parameters):
        return Bridging("dynamic-bridge", variance_from=OWN)
    near = _near(sequence, parameters)
    n_between = int((near[1:] & near[:-1]).sum())
    is_enough = parameters.compat is None and n_between >= _SURELY_ENOUGH
    is_own = is_enough or _own_variance(sequence, plane, parameters) is not None
    return Bridging("bridge", variance_from=OWN if is_own else "")


def _own_variance(sequence: TrackSequence, plane: Plane, parameters: DistributionParameters) -> float | None:
    try:
        return estimate_motion_variance(
            *project(sequence.longitude, sequence.latitude, plane()),
            sequence.time_s,
            location_error_m=location_errors(sequence, parameters.location_error_m),
            max_lag_s=(parameters.max_lag_h or 0.0) * 3600,
            compat=parameters.compat,
        )
    except BadInput as refused:
        if refused.code == "motion-variance":
            return None
        raise


def _pooled(
    sequences: Sequence[TrackSequence], settled: Sequence[Bridging], plane: Plane, parameters: DistributionParameters
) -> Pooled:
    own = [
        variance
        for sequence, bridging in zip(sequences, settled, strict=True)
        if bridging.variance_from and (variance := _own_variance(sequence, plane, parameters)) is not None
    ]
    return Pooled(float(np.median(own)) if len(own) >= MIN_OTHERS else None, len(own))


def _stand_in(bridging: Bridging, given: float | None, pooled: Pooled) -> Bridging:
    if given is not None:
        return replace(bridging, motion_variance_m2_per_s=given, variance_from=GIVEN)
    if pooled.motion_variance_m2_per_s is not None:
        variance = pooled.motion_variance_m2_per_s
        return replace(bridging, motion_variance_m2_per_s=variance, variance_from=POPULATION)
    reason = (
        "It has too few fixes to tell its motion variance, and so have the others: "
        f"{pooled.n_others} have one, {MIN_OTHERS} are needed. Give motion_variance_m2_per_s."
    )
    return replace(bridging, refusal=reason)


def _near(sequence: TrackSequence, parameters: DistributionParameters) -> NDArray[np.bool_]:
    """Which steps are short enough to be bridged."""
    return np.diff(sequence.time_s) <= (parameters.max_lag_h or 0.0) * 3600


def _is_told_dynamically(sequence: TrackSequence, parameters: DistributionParameters) -> bool:
    """Whether any step of the sequence lies in a run long enough for a window, not in the margins at its ends."""
    whole, margin = sequence.around or sequence, parameters.dynamic_margin
    near = _near(whole, parameters)
    first, last = np.searchsorted(whole.time_s, sequence.time_s[[0, -1]])
    ends = np.flatnonzero(~np.concatenate(([False], near, [False])))
    return any(
        end - begin >= parameters.dynamic_window and max(first, begin + margin - 1) < min(last, end - margin)
        for begin, end in pairwise(ends.tolist())
    )
