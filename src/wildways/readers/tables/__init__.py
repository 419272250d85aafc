"""Tables to fill in: marked animals, nesting sites, and sites with the links between them."""

from wildways.readers.tables.flipper_tags import FlipperTags
from wildways.readers.tables.nesting_sites import NestingSites
from wildways.readers.tables.network import Network

__all__ = ["FlipperTags", "NestingSites", "Network"]
