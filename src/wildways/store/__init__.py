"""Floor 1: the private workspace with all evidence, and the ingest that fills it."""

from wildways.store.evidence import COUNTED_BY, Evidence, open_evidence
from wildways.store.evidence_sql import EVIDENCE
from wildways.store.extensions import load_extension
from wildways.store.history import Change, Snapshot
from wildways.store.ingest import find_files, ingest_atlas, ingest_source, undeclared_sources
from wildways.store.purging import Purged
from wildways.store.removing import Removal, remove_evidence, restore_evidence
from wildways.store.sandbox import SqlAnswer, query_sql
from wildways.store.selection import Filters
from wildways.store.workspace import Workspace

__all__ = [
    "COUNTED_BY",
    "EVIDENCE",
    "Change",
    "Evidence",
    "Filters",
    "Purged",
    "Removal",
    "Snapshot",
    "SqlAnswer",
    "Workspace",
    "find_files",
    "ingest_atlas",
    "ingest_source",
    "load_extension",
    "open_evidence",
    "query_sql",
    "remove_evidence",
    "restore_evidence",
    "undeclared_sources",
]
