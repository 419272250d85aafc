"""The ranges analysis: where the animals of a population live in winter, in summer and in the whole year."""

from wildways.analyses.ranges.analysis import Ranges
from wildways.analyses.ranges.parameters import RangeParameters

__all__ = ["RangeParameters", "Ranges"]
