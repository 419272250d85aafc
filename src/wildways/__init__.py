"""Wildways: from evidence of animal movement to a published Atlas on Animal Migration."""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load ``Atlas`` (`wildways.api`) when it is first asked for: the layers below need no more than the version."""
    if name != "Atlas":
        raise AttributeError(f"module 'wildways' has no attribute {name!r}")
    import importlib

    return importlib.import_module("wildways.api").Atlas
