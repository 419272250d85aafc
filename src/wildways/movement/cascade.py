"""What an animal did in a year, and how sure that is: three engines that look at the same days. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from wildways.model import MovementClass
from wildways.movement.breakpoints import pelt, segment_means
from wildways.movement.legs import AnimalYear, Leg, SeasonRules, Stay
from wildways.movement.nsd_models import NsdFit, NsdModel, choose_nsd_model, fit_nsd_models
from wildways.movement.projection import geodesic_distances

Floats = NDArray[np.float64]

_RETURNED = 0.4
_FAR_FROM_BACK = 0.9
_MOST_SE_DAYS = 2.0


class Confidence(StrEnum):
    """How sure a proposal is."""

    A = "A"
    """Dates, models of net squared displacement and breakpoints tell the same, and the days needed were seen."""
    B = "B"
    """One of them disagrees, part was not seen, or a date is uncertain by more than two days."""
    C = "C"
    """Only one of them sees it, or several of these: look at it."""


@dataclass(frozen=True)
class Verdict:
    """What an animal did in a year."""

    movement_class: MovementClass
    confidence: Confidence
    reason: str


@dataclass(frozen=True)
class _Vote:
    moved: MovementClass
    words: str


def judge_year(year: AnimalYear, legs: list[Leg], se_days: list[tuple[float, float]], rules: SeasonRules) -> Verdict:
    """Judge a year by its legs, the models of net squared displacement and the breakpoints of displacement.

    The legs decide: out and back is a migrant's year, one way a disperser's, none a resident's or nomad's. The
    models call a year a migrant's where a model with a return is better by ``aic_gain`` than any without; the
    breakpoints where the mean displacement rises and falls again; both only if the way between the days away and
    the others is as long, and as long beside the scatter of both, as that of a leg must be. Each of the two that says
    otherwise takes a grade of confidence, and so do: a year seen for less than ``min_cover_days``, a leg with gaps or
    an unseen end, and a date uncertain by more than two days. Where no leg was found and both others see a migrant,
    the year is undetermined.

    Parameters
    ----------
    legs : of the year, at most two
    se_days : of each leg, the standard errors of its dates
    """
    cover_days = int(year.day[-1] - year.day[0]) + 1
    is_covered = cover_days >= rules.min_cover_days
    models, top = _models_vote(year, cover_days, rules)
    votes = [models, _breakpoints_vote(year, rules)]
    seen = (MovementClass.RESIDENT, MovementClass.DISPERSER, MovementClass.MIGRANT)[len(legs)]
    dissent = [vote for vote in votes if vote.moved is not seen]
    doubts = len(dissent) + (not is_covered) + any(leg.remark for leg in legs)
    is_vague = any(not se <= _MOST_SE_DAYS for pair in se_days for se in pair)
    doubts += is_vague
    movement_class, reason = _named(seen, models, top, cover_days, is_covered)
    if seen is MovementClass.RESIDENT and all(vote.moved is MovementClass.MIGRANT for vote in votes):
        movement_class = MovementClass.UNDETERMINED
    vague = ["a date is uncertain by more than 2 days"] if is_vague else []
    told = "; ".join([reason, *(vote.words for vote in votes), *vague])
    return Verdict(movement_class, (Confidence.A, Confidence.B, Confidence.C)[min(doubts, 2)], told)


def _named(
    seen: MovementClass, models: _Vote, top: NsdFit, cover_days: int, is_covered: bool
) -> tuple[MovementClass, str]:
    if seen is MovementClass.MIGRANT:
        came_back = top.model is not NsdModel.MIXED or top.parameters["zeta"] >= _FAR_FROM_BACK
        return (
            (seen, "Moved out and back") if came_back else (MovementClass.MIXED, "Moved out and part of the way back")
        )
    if not is_covered:
        what = "Moved once in" if seen is MovementClass.DISPERSER else "No move, in only"
        return MovementClass.UNDETERMINED, f"{what} {cover_days} days of tracking"
    if seen is MovementClass.DISPERSER:
        return seen, "Moved once and did not return"
    if models.moved is MovementClass.NOMAD:
        return MovementClass.NOMAD, "Went on and on, without a clear move"
    return seen, "No move was large and clear enough"


def _models_vote(year: AnimalYear, cover_days: int, rules: SeasonRules) -> tuple[_Vote, NsdFit]:
    day = year.day - year.day[0]
    fits = fit_nsd_models(day, (year.displacement_m / 1000) ** 2)
    top = choose_nsd_model(fits, cover_days=cover_days, min_cover_days=rules.min_cover_days, margin=rules.aic_gain)
    delta = top.parameters.get("delta", 0.0)
    curve = top.predict(day)
    if top.model is NsdModel.NOMAD and _is_clear(year, curve > curve[-1] / 2, rules):
        return _Vote(MovementClass.NOMAD, f"model {top.model}"), top
    if delta <= 0 or not _is_clear(year, curve > delta / 2, rules):
        return _Vote(MovementClass.RESIDENT, f"model {top.model}"), top
    if top.model is NsdModel.DISPERSER:
        return _Vote(MovementClass.DISPERSER, f"model {top.model}"), top
    gain = min(fit.aic for fit in fits if fit.model not in (NsdModel.MIGRANT, NsdModel.MIXED)) - top.aic
    moved = MovementClass.MIGRANT if gain >= rules.aic_gain else MovementClass.RESIDENT
    return _Vote(moved, f"model {top.model}, better by {gain:.0f} AIC"), top


def _breakpoints_vote(year: AnimalYear, rules: SeasonRules) -> _Vote:
    starts = pelt(year.displacement_m, min_length=min(7, len(year.day)))
    means = segment_means(year.displacement_m, starts)
    words = f"{len(starts) - 1} breakpoints"
    rise_m = means - means[0]
    is_away = np.repeat(rise_m > rise_m.max() / 2, np.diff(np.append(starts, len(year.day))))
    if not _is_clear(year, is_away, rules):
        return _Vote(MovementClass.RESIDENT, words)
    is_back = rise_m[-1] <= _RETURNED * rise_m.max()
    return _Vote(MovementClass.MIGRANT if is_back else MovementClass.DISPERSER, words)


def _is_clear(year: AnimalYear, is_away: NDArray[np.bool_], rules: SeasonRules) -> bool:
    """Whether the days away lie as far from the others as a move has to lead."""
    if is_away.all() or not is_away.any():
        return False
    here, there = (Stay.of(year.longitude[days], year.latitude[days]) for days in (~is_away, is_away))
    way_m = float(geodesic_distances(here.longitude, here.latitude, there.longitude, there.latitude))
    return way_m >= max(rules.min_displacement_m, rules.min_scatter_ratio * max(here.spread_m, there.spread_m))
