"""Floor 1: where on Earth a record lies: its country, the countries that are possible, and its sea."""

from wildways.context.countries import Country
from wildways.context.jurisdictions import Jurisdictions
from wildways.context.located import Located

__all__ = ["Country", "Jurisdictions", "Located"]
