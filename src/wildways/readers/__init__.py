"""Floor 1: one reader a format. A reader turns a file into evidence tables and accounts for every row."""

from wildways.readers.contract import (
    FIX_SCHEMA,
    PROVENANCE,
    Account,
    ReadAgain,
    Reader,
    Reading,
    ReadingOptions,
    no_fixes,
    reader_schema,
)
from wildways.readers.engine import open_engine, quote, quote_name
from wildways.readers.registry import find_reader, get_reader, list_readers
from wildways.readers.siblings import ReadsSiblings, list_siblings

__all__ = [
    "FIX_SCHEMA",
    "PROVENANCE",
    "Account",
    "ReadAgain",
    "Reader",
    "Reading",
    "ReadingOptions",
    "ReadsSiblings",
    "find_reader",
    "get_reader",
    "list_readers",
    "list_siblings",
    "no_fixes",
    "open_engine",
    "quote",
    "quote_name",
    "reader_schema",
]
