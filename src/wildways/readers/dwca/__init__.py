"""Darwin Core Archives of tracking data."""

from wildways.readers.dwca.reader import DarwinCoreArchive

__all__ = ["DarwinCoreArchive"]
