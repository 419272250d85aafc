"""Tests of the readers in `argos`."""
