"""Tests of the readers in `geolocator`."""
