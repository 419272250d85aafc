"""Tests of the readers in `tables`."""
