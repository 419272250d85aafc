"""Acoustic telemetry: detections of the Ocean Tracking Network and the European Tracking Network."""

from wildways.readers.acoustic.etn import EtnPackage
from wildways.readers.acoustic.otn import OtnDetections

__all__ = ["EtnPackage", "OtnDetections"]
