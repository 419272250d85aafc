"""The common row of all kinds of evidence: its columns, and the SQL that makes it from the tables of the lake."""
# ruff: noqa: S608 - what is put together are names and numbers of ours; values are bound

from collections.abc import Collection, Iterable
from types import MappingProxyType

import pyarrow as pa

from wildways.model import RECORD_TABLES, TABLES, Column, Table
from wildways.readers import quote_name

KINDS = RECORD_TABLES
UTC = pa.timestamp("us", tz="UTC")
CODED = pa.dictionary(pa.int32(), pa.string())
"""Texts that stand once a source or file."""

EVIDENCE = Table(
    "evidence",
    "a record of any kind of evidence",
    (
        Column("kind", pa.string(), "fix, encounter, detection, site, link or drawn: the table it is from", True),
        Column("evidence_class", pa.string(), "how it came to be known: tracking, marking, detection, count …", True),
        Column("module_id", CODED, "module that declares the source", True),
        Column("source_id", CODED, "source within the module", True),
        Column("study_id", pa.string(), "study, as named by the source", True),
        Column("organism_id", pa.string(), "the animal, unique within its study; empty for site, link and drawn"),
        Column("record_id", pa.string(), "the site, link or shape, unique within its study; empty for the others"),
        Column("taxon", pa.string(), "scientific name, verbatim: the record's own or else that of its animal"),
        Column("accepted_taxon", pa.string(), "accepted scientific name; empty where uncertain"),
        Column("start_utc", UTC, "earliest moment the record may be of; empty where unknown"),
        Column("end_utc", UTC, "latest moment the record may be of; equal to the start where the moment is known"),
        Column("longitude", pa.float64(), "degrees, WGS 84; empty where there is no one point"),
        Column("latitude", pa.float64(), "degrees, WGS 84; empty where there is no one point"),
        Column("uncertainty_m", pa.float64(), "radius around the position that holds the animal; empty where unknown"),
        Column(
            "position_of", pa.string(), "animal, receiver, marking-place, finding-place or site; empty for link, drawn"
        ),
        Column("country", pa.string(), "ISO 3166-1 alpha-3 code of the land it lies on; empty at sea"),
        Column("countries", pa.string(), "where there may be several: their codes, parted by spaces"),
        Column("sea_area", pa.string(), "sea it lies in; empty on land"),
        Column("in_country", pa.string(), "certain or possible, where a country was asked for; else empty"),
        Column("geometry", pa.binary(), "point, line between a link's two sites, or drawn shape: WKB, degrees, WGS 84"),
        Column("source_file", CODED, "path of the source file", True),
        Column("source_row", pa.int64(), "row in the source file", True),
        Column("licence", CODED, "licence of the data, SPDX; empty where the atlas no longer declares the source"),
        Column("access", CODED, "open, products or private: what may leave the workspace through the gate"),
        Column("embargo_until", CODED, "day before which nothing leaves; empty where there is none"),
        Column("owner", CODED, "who owns the data"),
        Column("citation", CODED, "where the record is from, or else how to cite its source"),
    ),
)
"""The common row; `wildways sql` has it as the view ``evidence``."""

FILE_COLUMNS = ("module_id", "source_id", "source_file", "licence", "access", "embargo_until", "owner", "citation")
"""Columns that follow from the file alone."""
CORE = (
    "file_no",
    *(name for name in EVIDENCE.column_names if name not in {*FILE_COLUMNS, "in_country", "geometry"}),
    "shape",
    "record_citation",
)
"""Columns of `rows_of`: ``shape`` is WKB and empty for points; the file is a number."""

_AT_ONCE = MappingProxyType({"start_utc": "record.time_utc", "end_utc": "record.time_utc"})
_BY_ANIMAL = ("fix", "encounter", "detection")
_SPECIAL = MappingProxyType(
    {
        "fix": {"evidence_class": "'tracking'", "position_of": "'animal'", **_AT_ONCE},
        "encounter": {"evidence_class": "'marking'"},
        "detection": {"evidence_class": "'detection'", "position_of": "'receiver'", **_AT_ONCE},
        "site": {"record_id": "record.site_id", "position_of": "'site'"},
        "link": {"record_id": "record.link_id", "position_of": "'site'"},
        "drawn": {"record_id": "record.drawn_id", "shape": "record.geometry_wkb"},
    }
)
"""Kind → column of the common row → expression, where it is not a column of the table by the same name."""
_TYPES = MappingProxyType(
    {
        **dict.fromkeys(CORE, "VARCHAR"),
        **dict.fromkeys(("start_utc", "end_utc"), "TIMESTAMPTZ"),
        **dict.fromkeys(("longitude", "latitude", "uncertainty_m"), "DOUBLE"),
        "shape": "BLOB",
    }
)
"""Types of columns that a kind may lack."""


def rows_of(kind: str, at: str, filled: Collection[str]) -> str:
    """A query for the common rows of one kind, with the columns `CORE`.

    A record that names no taxon has that of its animal. Such records are a branch of their own, so that of the others
    nothing is joined and the engine passes over files and row groups by their statistics.

    Parameters
    ----------
    at : ``AT (VERSION => …)``, or nothing for the current snapshot
    filled : tables that have rows; the others are not joined, since the engine is slow to plan for empty ones
    """
    table = f"FROM lake.{quote_name(kind)} AS record {at}"
    if kind == "link" and "site" in filled:
        return f"SELECT {_columns(kind, shape='line.shape')} {table} {_lines_joined(at)}"
    if kind not in _BY_ANIMAL or "organism" not in filled:
        return f"SELECT {_columns(kind)} {table}"
    of_animal = _columns(kind, taxon="animal.taxon", accepted_taxon="animal.accepted_taxon")
    return (
        f"SELECT {_columns(kind)} {table} WHERE record.taxon IS NOT NULL "
        f"UNION ALL SELECT {of_animal} {table} JOIN lake.source_file AS file {at} ON file.file_no = record.file_no "
        f"LEFT JOIN ({_animals(at)}) AS animal ON animal.module_id = file.module_id "
        "AND animal.source_id = file.source_id AND animal.study_id = record.study_id "
        "AND animal.organism_id = record.organism_id WHERE record.taxon IS NULL"
    )


def union(queries: Iterable[str]) -> str:
    """Several queries as one."""
    return " UNION ALL ".join(f"({query})" for query in queries)


def view(at: str, filled: Collection[str], files: str) -> str:
    """A query for all common rows with the columns `EVIDENCE`, given a table of the `FILE_COLUMNS` by number."""
    special = {
        "in_country": "CAST(NULL AS VARCHAR)",
        "geometry": f"coalesce(record.shape, {_POINT})",
        "citation": "coalesce(record.record_citation, file.citation)",
    }
    columns = ", ".join(
        f"{special.get(name) or ('file.' if name in FILE_COLUMNS else 'record.') + quote_name(name)} "
        f"AS {quote_name(name)}"
        for name in EVIDENCE.column_names
    )
    rows = union(rows_of(kind, at, filled) for kind in KINDS if kind in filled or not {*KINDS}.intersection(filled))
    return f"SELECT {columns} FROM ({rows}) AS record JOIN {files} AS file ON file.file_no = record.file_no"


def _columns(kind: str, **special: str) -> str:
    own = TABLES[kind].column_names
    given = {name: f"record.{quote_name(name)}" for name in own if name in CORE}
    given |= {**_SPECIAL[kind], **special, "kind": f"'{kind}'", "file_no": "record.file_no"}
    if "citation" in own:
        given["record_citation"] = "record.citation"
    return ", ".join(f"{given.get(name) or f'CAST(NULL AS {_TYPES[name]})'} AS {quote_name(name)}" for name in CORE)


def _animals(at: str) -> str:
    """Taxon of each animal of a source, however many files name it."""
    return (
        "SELECT module_id, source_id, study_id, organism_id, min(taxon) AS taxon, "
        f"min(accepted_taxon) AS accepted_taxon FROM lake.organism AS organism {at} "
        f"JOIN lake.source_file AS source_file {at} ON source_file.file_no = organism.file_no "
        "WHERE taxon IS NOT NULL GROUP BY module_id, source_id, study_id, organism_id"
    )


def _lines_joined(at: str) -> str:
    """The lines of links, joined: between two sites of the module and study, where both are known points."""
    site = (
        "SELECT module_id, study_id, site_id, min({'file_no': site.file_no, 'source_row': source_row, "
        f"'longitude': longitude, 'latitude': latitude}}) AS place FROM lake.site AS site {at} "
        f"JOIN lake.source_file AS source_file {at} ON source_file.file_no = site.file_no "
        "WHERE longitude IS NOT NULL AND latitude IS NOT NULL GROUP BY module_id, study_id, site_id"
    )
    same = "{0}.module_id = file.module_id AND {0}.study_id = link.study_id AND {0}.site_id = link.{1}"
    return (
        f"LEFT JOIN (SELECT link.file_no, link.source_row, {_LINE} AS shape FROM lake.link AS link {at} "
        f"JOIN lake.source_file AS file {at} ON file.file_no = link.file_no "
        f"JOIN ({site}) AS a ON {same.format('a', 'from_site_id')} "
        f"JOIN ({site}) AS b ON {same.format('b', 'to_site_id')}) AS line "
        "ON line.file_no = record.file_no AND line.source_row = record.source_row"
    )


def _pair(longitude: str, latitude: str) -> str:
    return f"CAST({longitude} AS VARCHAR) || ' ' || CAST({latitude} AS VARCHAR)"


_POINT = f"ST_AsWKB(CAST('POINT(' || {_pair('record.longitude', 'record.latitude')} || ')' AS GEOMETRY))"
_FROM, _TO = _pair("a.place.longitude", "a.place.latitude"), _pair("b.place.longitude", "b.place.latitude")
_EDGE = "180 * sign(a.place.longitude)"
_CROSSING = (
    f"a.place.latitude + (b.place.latitude - a.place.latitude) * ({_EDGE} - a.place.longitude) "
    "/ nullif(b.place.longitude + 360 * sign(a.place.longitude) - a.place.longitude, 0)"
)
"""Latitude where the shorter way from a to b crosses the antimeridian."""
_LINE = f"""ST_AsWKB(CAST(CASE WHEN abs(a.place.longitude - b.place.longitude) <= 180
    THEN 'LINESTRING(' || {_FROM} || ', ' || {_TO} || ')'
    ELSE 'MULTILINESTRING((' || {_FROM} || ', ' || {_pair(_EDGE, _CROSSING)} || '), ('
        || {_pair(f"-({_EDGE})", _CROSSING)} || ', ' || {_TO} || '))'
    END AS GEOMETRY))"""
