"""Tests of the readers in `atn`."""
