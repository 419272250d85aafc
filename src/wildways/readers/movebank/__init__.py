"""Movebank CSV: event data and reference data."""

from wildways.readers.movebank.reader import MovebankCsv

__all__ = ["MovebankCsv"]
