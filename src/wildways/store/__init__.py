"""Floor 1: the private workspace with all evidence, and the ingest that fills it."""

from wildways.store.extensions import load_extension
from wildways.store.ingest import find_files, ingest_atlas, ingest_source
from wildways.store.workspace import Workspace

__all__ = ["Workspace", "find_files", "ingest_atlas", "ingest_source", "load_extension"]
