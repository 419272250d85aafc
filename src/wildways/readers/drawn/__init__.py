"""Corridors, routes and ranges as experts drew or papers published them."""

from wildways.readers.drawn.reader import Drawn

__all__ = ["Drawn"]
