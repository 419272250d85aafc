"""Tables of a network: sites that animals use, and links between them that movement makes (MiCO-like)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from wildways.model import Source
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import peek_head
from wildways.readers.fields import Field, has_fields, load_fields, normalise
from wildways.readers.tables.ends import End, Ends, read_end
from wildways.readers.tables.known_sites import find_sites_of, site_ids_beside
from wildways.readers.tables.reading import read_table
from wildways.readers.tables.rows import Ledger, Row
from wildways.readers.tables.sites import note_moved, note_repeated

SITE_FIELDS = "tables/network_sites_fields.csv"
LINK_FIELDS = "tables/network_links_fields.csv"

_SITES = frozenset({"from-site", "to-site"})
_POSITIONS = frozenset({"from-longitude", "from-latitude", "to-longitude", "to-latitude"})
_DIRECTED = MappingProxyType({"directed": True, "undirected": False, "one-way": True, "both-ways": False})
_OF_OTHERS = frozenset({"timestamp", "individual-local-identifier", "animal-id", "tag-id", "receiver-id", "beach"})
"""Columns that tracks, detections and nesting counts have and tables of a network's sites have not."""


class Network:
    """Reads tables of sites and tables of links, whichever the columns tell; `wildways.readers.templates` has both.

    Links name sites. They are checked against the table of sites that lies beside them and is called alike, with
    ``sites`` or ``nodes`` where theirs has ``links`` or ``edges``. Links may bring the positions of their ends along,
    with names or without: then they make the sites themselves.

    References
    ----------
    Bentley, L.K. et al. (2025), Nature Communications 16, doi 10.1038/s41467-025-59271-7: sites from the literature as
    nodes, statements of movement between them as edges.
    """

    name = "network"
    version = "1"
    description = "CSV tables of sites and of links between them (MiCO-like); templates come along"

    def claims(self, file: Path) -> bool:
        """Whether the columns are those of one of the templates, or spelled alike."""
        return bool(_link_fields(file)) or _are_sites(file)

    def siblings(self, file: Path) -> list[Path]:
        """The table of sites that links are checked against; see `ReadsSiblings`."""
        sites = find_sites_of(file)
        return [] if sites is None else [sites]

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a table of sites or of links; see `Reader.read`."""
        fields = _link_fields(file, source)
        if fields:
            return read_table(file, fields, source, options, _LinkJudge(site_ids_beside(file)))
        return read_table(file, load_fields(SITE_FIELDS), source, options, _SiteJudge())


def _link_fields(file: Path, source: Source | None = None) -> tuple[Field, ...]:
    """Fields of a table of links, whose ends are told by names or by positions; none where it is no such table."""
    head, fields = peek_head(file), load_fields(LINK_FIELDS)
    mapped = set() if source is None else {normalise(key) for key in source.columns}
    placed = tuple(replace(field, required=field.name in _POSITIONS) for field in fields)
    has_names, has_positions = (head is not None and has_fields(head, each) for each in (fields, placed))
    if has_names or (mapped & _SITES and not mapped & _POSITIONS):
        return fields
    return placed if has_positions or mapped & (_POSITIONS | _SITES) else ()


def _are_sites(file: Path) -> bool:
    head = peek_head(file)
    if head is None or not has_fields(head, load_fields(SITE_FIELDS)):
        return False
    return not _OF_OTHERS & {normalise(column) for column in head.columns}


class _SiteJudge:
    table = "site"

    def record(self, row: Row) -> dict[str, Any]:
        longitude, latitude = row.position("longitude", "latitude")
        start, end = row.period("start", "end")
        n_individuals = row.number_in("n-individuals")
        return {
            "study_id": row.study("study"),
            "site_id": row.demand("site-id"),
            "name": row.text("name"),
            "site_type": normalise(row.text("site-type") or "node"),
            "taxon": row.taxon("taxon"),
            "start_utc": start,
            "end_utc": end,
            "longitude": longitude,
            "latitude": latitude,
            "uncertainty_m": row.number_in("uncertainty-m"),
            "evidence_class": row.evidence_class("evidence-class"),
            "count_low": n_individuals,
            "count_high": n_individuals,
            "count_of": None if n_individuals is None else "individuals",
            "citation": _citation(row),
            "verbatim": row.verbatim("start", "end", "longitude", "latitude", "n-individuals", "notes"),
        }

    def finish(self, records: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        note_moved(records, ledger)
        note_repeated(records, ledger)
        return {"site": records}


class _LinkJudge:
    table = "link"

    def __init__(self, known_sites: frozenset[str] | None) -> None:
        self._known_sites = known_sites
        self._ends = Ends()
        self._ids: set[tuple[str, str]] = set()

    def record(self, row: Row) -> dict[str, Any]:
        ends = read_end(row, "from"), read_end(row, "to")
        start, end = row.period("start", "end")
        study = row.study("study")
        self._check_ends(row, *ends)
        self._ends.add(row.number, ends)
        return {
            "study_id": study,
            "link_id": self._id(row, study, f"{ends[0].label} → {ends[1].label}"),
            "from_site_id": ends[0].label,
            "to_site_id": ends[1].label,
            "is_directed": row.flag("directed", _DIRECTED),
            "taxon": row.taxon("taxon"),
            "start_utc": start,
            "end_utc": end,
            "evidence_class": row.evidence_class("evidence-class"),
            "n_animals": row.number_in("n-animals"),
            "citation": _citation(row),
            "verbatim": row.verbatim("start", "end", "directed", "n-animals", "notes"),
        }

    def finish(self, records: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        return self._ends.make_sites(records, ledger)

    def _check_ends(self, row: Row, start: End, end: End) -> None:
        if start.key == end.key:
            row.note("link-to-itself", "to-site", end.label)
        for field, site in (("from-site", start), ("to-site", end)):
            if site.is_placed:
                continue
            if self._known_sites is None:
                row.note("sites-not-checked", field, site.label)
            elif site.label not in self._known_sites:
                row.note("site-unknown", field, site.label)

    def _id(self, row: Row, study: str, made: str) -> str:
        given = row.text("link-id")
        if given is None:
            row.note("id-missing", "link-id")
        elif (study, given) in self._ids:
            row.note("id-repeated", "link-id", given)
        else:
            self._ids.add((study, given))
            return given
        return f"{given or made} #{row.number}"


def _citation(row: Row) -> str | None:
    citation = row.citation("citation")
    if citation is None:
        row.note("citation-missing", "citation")
    return citation
