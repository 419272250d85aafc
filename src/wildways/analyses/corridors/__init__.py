"""The corridors analysis: from the fixes of a population to its corridors, stopovers, routes and use."""

from wildways.analyses.corridors.analysis import Corridors
from wildways.analyses.corridors.parameters import CorridorParameters

__all__ = ["CorridorParameters", "Corridors"]
