"""Tests of the readers in `acoustic`."""
