"""Floor 1: one connector a service. A connector fetches into the atlas folder, as plain files that a reader reads.

Ingest stays offline: what a build depends on lies in files that can be kept, looked at and checked.
"""

from wildways.connectors.clock import Clock, SystemClock
from wildways.connectors.fetching import fetch_source, find_fetched
from wildways.connectors.licence import LicenceNotAccepted, Terms
from wildways.connectors.report import FetchReport

__all__ = ["Clock", "FetchReport", "LicenceNotAccepted", "SystemClock", "Terms", "fetch_source", "find_fetched"]
