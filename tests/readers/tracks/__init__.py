"""Tests of the readers in `tracks`."""
