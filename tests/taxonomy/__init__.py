"""Tests of the names of animals and their listings."""
