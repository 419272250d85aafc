"""Tests of the readers in `inspection`."""
