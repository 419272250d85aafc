"""GeoLocator-DP: paths of light and pressure geolocators."""

from wildways.readers.geolocator.reader import GeoLocatorPackage

__all__ = ["GeoLocatorPackage"]
