"""EURING exchange code: ringing encounters in the forms 2000, 2000+ and 2020."""

from wildways.readers.euring.reader import Euring

__all__ = ["Euring"]
