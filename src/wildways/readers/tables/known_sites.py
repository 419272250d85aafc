"""Which sites a table of links may name: those of the table of sites that lies beside it and is called alike."""

import re
from contextlib import ExitStack
from pathlib import Path

from wildways.model import Source, WildwaysError
from wildways.readers.contract import ReadingOptions
from wildways.readers.csvfile import read_head
from wildways.readers.fields import load_fields, map_fields
from wildways.readers.parsing import CsvParser

SITE_FIELDS = "tables/network_sites_fields.csv"
MAX_BYTES = 200_000_000
"""Larger tables of sites are not looked at when links are read."""

_WORDS = re.compile(r"(?i)(links?|edges?)")
_NAMES = {"link": "site", "links": "sites", "edge": "node", "edges": "nodes"}


def site_ids_beside(links: Path) -> frozenset[str] | None:
    """Ids of the sites in the table beside a table of links; nothing where there is none that can be read."""
    file = find_sites_of(links)
    if file is None:
        return None
    try:
        head = read_head(file)
        fields = map_fields(head, load_fields(SITE_FIELDS), Source(id="sites", path=file.name, licence="NOASSERTION"))
        with ExitStack() as stack:
            options = ReadingOptions(is_thorough=True, threads=1)
            parser = CsvParser(head, fields, {"site-id": "site_id"}, options, stack)
            batches = parser.stream(
                "SELECT DISTINCT trim(site_id) AS site_id FROM parsed WHERE site_id IS NOT NULL", {}
            )
            return frozenset(site for batch in batches for site in batch["site_id"].to_pylist())
    except WildwaysError:
        return None


def find_sites_of(links: Path) -> Path | None:
    """The table of sites beside a table of links; nothing where there is none."""
    for word in set(_WORDS.findall(links.name)):
        other = links.with_name(links.name.replace(word, _like(word)))
        if other.is_file() and other.stat().st_size <= MAX_BYTES:
            return other
    return None


def _like(word: str) -> str:
    """The word for sites where the other is for links, in the same case."""
    replaced = _NAMES[word.lower()]
    return replaced.upper() if word.isupper() else replaced.capitalize() if word[0].isupper() else replaced
