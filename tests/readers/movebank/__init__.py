"""Tests of the readers in `movebank`."""
