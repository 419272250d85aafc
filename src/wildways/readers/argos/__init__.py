"""Argos: CSV of Wildlife Computers and of CLS, and the text formats DIAG and DS."""

from wildways.readers.argos.reader import Argos

__all__ = ["Argos"]
