"""Tests of the science of movement."""
