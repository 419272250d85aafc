"""Tests of the readers in `dwca`."""
