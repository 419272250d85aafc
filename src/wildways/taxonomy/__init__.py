"""Floor 1: names of animals resolved offline to one taxon, their vernacular names, and their CMS listings."""

from wildways.taxonomy.listing import ListedTaxa, Listing, cms_status, read_cms_listing
from wildways.taxonomy.resolve import NameStatus, Resolution, resolve_name, resolve_names
from wildways.taxonomy.suggest import Suggestion
from wildways.taxonomy.tables import LANGUAGES, Taxon, get_taxon, taxa, taxonomy_version, vernacular

__all__ = [
    "LANGUAGES",
    "ListedTaxa",
    "Listing",
    "NameStatus",
    "Resolution",
    "Suggestion",
    "Taxon",
    "cms_status",
    "get_taxon",
    "read_cms_listing",
    "resolve_name",
    "resolve_names",
    "taxa",
    "taxonomy_version",
    "vernacular",
]
