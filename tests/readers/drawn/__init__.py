"""Tests of the readers in `drawn`."""
