"""The important-sites analysis: from fixes of a colony's animals to candidate sites."""

from wildways.analyses.sites.analysis import ImportantSites
from wildways.analyses.sites.parameters import SiteParameters

__all__ = ["ImportantSites", "SiteParameters"]
