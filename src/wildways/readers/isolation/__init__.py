"""Reading in a process of its own, with limits, so that no file can crash, stall or harm the program."""

from wildways.readers.isolation.limits import Limits
from wildways.readers.isolation.process import ReadingProcess, open_worker

__all__ = ["Limits", "ReadingProcess", "open_worker"]
