"""Tracks in the formats of any GIS: rows or features with a time, a position and an animal."""

from wildways.readers.tracks.flatgeobuf import FlatGeobuf
from wildways.readers.tracks.geojson import GeoJson
from wildways.readers.tracks.geopackage import GeoPackage
from wildways.readers.tracks.geoparquet import GeoParquet
from wildways.readers.tracks.gpx import Gpx
from wildways.readers.tracks.kml import Kml
from wildways.readers.tracks.shapefile import Shapefile

__all__ = ["FlatGeobuf", "GeoJson", "GeoPackage", "GeoParquet", "Gpx", "Kml", "Shapefile"]
