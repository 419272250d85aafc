"""Tests of the readers in `marine`."""
