"""Floor 5: the commands. Thin: parse, call, present."""
