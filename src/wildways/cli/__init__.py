"""Floor 5: the commands. Thin: parse, call, present."""

from wildways.cli.main import main

__all__ = ["main"]
