"""Comparisons with the outputs of other tools."""
