"""Important sites: from trips of a colony's animals to candidate sites. Pure: frames and arrays in, values out."""

from wildways.areas.criteria import RED_LIST, Criterion, Population, Screening, criteria, screen
from wildways.areas.fidelity import Fidelity, assess_fidelity
from wildways.areas.scales import Scales, find_scales, first_peak, search_radii
from wildways.areas.sites import CandidateSite, Sites, core_of, find_sites, outline_sites, threshold_for
from wildways.areas.space_use import SpaceUse, estimate_space_use
from wildways.areas.trips import TRIP_COLUMNS, Colony, TripRules, nearest_colonies, split_trips, summarise_trips

__all__ = [
    "RED_LIST",
    "TRIP_COLUMNS",
    "CandidateSite",
    "Colony",
    "Criterion",
    "Fidelity",
    "Population",
    "Scales",
    "Screening",
    "Sites",
    "SpaceUse",
    "TripRules",
    "assess_fidelity",
    "core_of",
    "criteria",
    "estimate_space_use",
    "find_scales",
    "find_sites",
    "first_peak",
    "nearest_colonies",
    "outline_sites",
    "screen",
    "search_radii",
    "split_trips",
    "summarise_trips",
    "threshold_for",
]
