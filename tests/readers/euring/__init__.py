"""Tests of the readers in `euring`."""
