"""The analysis itself: fixes → flags → trips → scales → space use → representativeness → candidate sites."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pandas as pd

from wildways.analyses.contract import Draft, Plan, PopulationEvidence, Remark
from wildways.analyses.quality.rules import cleaning_rules
from wildways.analyses.sites.parameters import SiteParameters
from wildways.analyses.sites.products import site_drafts
from wildways.analyses.sites.units import read_sites, sites_unit
from wildways.areas import Scales, TripRules, find_scales, nearest_colonies, split_trips, summarise_trips
from wildways.areas.space_use import MIN_FIXES
from wildways.movement import usable
from wildways.movement.representativeness import MIN_ANIMALS


class ImportantSites:
    """Candidate sites of a population with colonies: where its animals' cores meet."""

    name = "important-sites"
    description = "Candidate sites of a population with colonies: where its animals' cores meet."
    parameters = SiteParameters

    def plan(self, evidence: PopulationEvidence, parameters: SiteParameters) -> Plan:
        """Split tracks into trips, choose the scale; the rest is one unit, as all animals are needed at once."""
        group = cleaning_rules(evidence.population.taxon, parameters.speed_limit_mps)
        if evidence.fixes.empty:
            message = f"No fix of {evidence.population.taxon} is stored here. Is the taxon spelt as the source has it?"
            return Plan((), lambda _: (), (Remark("population-empty", message, 0),))
        prepared = evidence.prepared(group.rules, parameters.smoothing_step_h)
        living = prepared.positions[usable(prepared.flags)].reset_index(drop=True)
        trips, summary = _trips(living, parameters)
        scales = None if summary.empty or not summary["returned"].any() else _scales(trips, summary)
        scale_m = None if scales is None else _chosen(scales, parameters)
        trips, n_fit = _returned(trips)
        remarks = tuple(_remarks(summary, scale_m, n_fit))
        if scales is None or scale_m is None or n_fit < MIN_ANIMALS:
            return Plan((), lambda _: (), remarks)
        unit = sites_unit(trips, scale_m, evidence.population.id, parameters.model_dump(mode="json"))

        source = evidence.without_fixes()

        def merge(results: Sequence[Path | None]) -> Sequence[Draft]:
            found = [read_sites(path) for path in results if path is not None]
            return site_drafts(source, parameters, group, trips, summary, scales, scale_m, found[0]) if found else ()

        return Plan((unit,), merge, remarks)


def _trips(fixes: pd.DataFrame, parameters: SiteParameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    nests = nearest_colonies(fixes, parameters.colonies)
    rules = TripRules(
        parameters.inner_km * 1000,
        parameters.return_km * 1000,
        timedelta(hours=parameters.min_duration_h),
        timedelta(days=parameters.max_gap_d),
    )
    trips = split_trips(fixes, nests, rules)
    return trips, summarise_trips(trips, nests)


def _scales(trips: pd.DataFrame, summary: pd.DataFrame) -> Scales:
    return find_scales(trips[trips["returned"]].reset_index(drop=True), summary[summary["returned"]])


def _chosen(scales: Scales, parameters: SiteParameters) -> float | None:
    if parameters.scale_km is not None:
        return parameters.scale_km * 1000
    by_name = {"magnitude": scales.magnitude_m, "reference": scales.reference_m, "search": scales.search_m}
    return by_name[parameters.scale]


def _returned(trips: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Fixes on trips that returned, and how many animals have enough of them."""
    kept = trips[trips["returned"]].reset_index(drop=True)
    return kept, int((kept.groupby("animal_id").size() >= MIN_FIXES).sum())


def _remarks(summary: pd.DataFrame, scale_m: float | None, n_fit: int) -> Iterator[Remark]:
    n_returned = int(summary["returned"].sum()) if len(summary) else 0
    yield Remark("trips", f"{len(summary)} trips, of which {n_returned} returned.", len(summary))
    if n_returned and scale_m is None:
        yield Remark("scale-none", "The data tell no such scale; set scale_km, or choose another scale.")
    if n_fit < MIN_ANIMALS:
        message = f"{n_fit} animals with {MIN_FIXES} fixes on trips that returned; {MIN_ANIMALS} are needed for sites."
        yield Remark("too-few-animals", message, n_fit)
