"""The quality analysis: what is known against the fixes of a population, animal by animal, by which rules."""

from wildways.analyses.quality.analysis import Quality, QualityParameters
from wildways.analyses.quality.listing import LISTING_COLUMNS, list_flagged
from wildways.analyses.quality.rules import cleaning_record, cleaning_rules

__all__ = [
    "LISTING_COLUMNS",
    "Quality",
    "QualityParameters",
    "cleaning_record",
    "cleaning_rules",
    "list_flagged",
]
