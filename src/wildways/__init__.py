"""Wildways: from evidence of animal movement to a published Atlas on Animal Migration."""

__version__ = "0.1.0"
