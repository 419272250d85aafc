"""What a file is: the reader that fits, what a bounded sample of it holds, and what the source must still say."""

from wildways.readers.inspection.description import FileDescription, name_module
from wildways.readers.inspection.file import describe_file
from wildways.readers.inspection.module import starting_module

__all__ = ["FileDescription", "describe_file", "name_module", "starting_module"]
