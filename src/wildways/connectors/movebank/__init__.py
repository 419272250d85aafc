"""Takes studies from Movebank."""

from wildways.connectors.movebank.fetch import FILES, fetch_study

__all__ = ["FILES", "fetch_study"]
