"""``python -m wildways`` is the command ``wildways``."""

from wildways.cli import main

main()
