"""The tables of the evidence store: one Arrow schema each, documented column by column.

Times are UTC with microsecond precision, positions WGS 84 in degrees, ids strings that are unique only within
their study. Every fact names the file (SHA-256) and the row it came from.
"""

from dataclasses import dataclass

import pyarrow as pa

UTC_TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column of an evidence table."""

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One evidence table: its name, what a row is, its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The table's Arrow schema; required columns are not nullable."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the declared order."""
        return tuple(c.name for c in self.columns)


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, pa.string(), meaning, required)


def _number(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, pa.float64(), meaning, required)


def _instant(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, UTC_TIMESTAMP, meaning, required)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, pa.bool_(), meaning)


_MODULE = _text("module_id", "module that declares the source", required=True)
_SOURCE = _text("source_id", "source within the module", required=True)
_FILE = _text("source_file_id", "SHA-256 of the source file, hexadecimal", required=True)
_STUDY = _text("study_id", "study, as named by the source", required=True)

SOURCE_FILE = Table(
    "source_file",
    "a file that was ingested",
    (
        _FILE,
        _MODULE,
        _SOURCE,
        _text("path", "where the file was, relative to the atlas where it lies inside it", required=True),
        Column("bytes", pa.int64(), "size of the file", required=True),
        _text("reader", "reader that read it", required=True),
        _text("settings", "source settings the reading depended on, JSON", required=True),
        _instant("ingested_utc", "when the ingest was committed", required=True),
        Column("n_rows", pa.int64(), "rows in the file", required=True),
        Column("n_kept", pa.int64(), "rows kept as evidence", required=True),
    ),
)

FINDING = Table(
    "finding",
    "something noticed while reading a file: rows refused by one reason, or an assumption made",
    (
        _FILE,
        _MODULE,
        _SOURCE,
        _text("code", "stable code of the finding", required=True),
        Column("refused", pa.bool_(), "whether the rows were refused, not only remarked on", required=True),
        Column("n_rows", pa.int64(), "rows concerned", required=True),
        _text("field", "column of the file concerned"),
        Column("first_line", pa.int64(), "line of the first such row; the header is line 1"),
        _text("example", "value found there"),
        _text("message", "what was found, in a whole sentence", required=True),
        _text("hint", "what to do about it"),
    ),
)

STUDY = Table(
    "study",
    "a study: the scope in which ids are unique",
    (_MODULE, _SOURCE, _FILE, _STUDY, _text("name", "name as given by the source", required=True)),
)

ORGANISM = Table(
    "organism",
    "an individual animal",
    (
        _MODULE,
        _SOURCE,
        _FILE,
        _STUDY,
        _text("organism_id", "the animal, unique within its study", required=True),
        _text("taxon", "scientific name, verbatim"),
        _text("sex", "m, f or u; empty where the source does not say"),
        _text("life_stage", "verbatim"),
        _text("ring_id", "ring or band, verbatim"),
    ),
)

DEPLOYMENT = Table(
    "deployment",
    "a tag on an animal for a time",
    (
        _MODULE,
        _SOURCE,
        _FILE,
        _STUDY,
        _text("deployment_id", "the deployment, unique within its study", required=True),
        _text("organism_id", "the animal", required=True),
        _text("tag_id", "the tag"),
        _instant("deploy_on_utc", "start; empty where the source does not say"),
        _instant("deploy_off_utc", "end; empty where open or unknown"),
        _text("manipulation", "none, confined, relocated …, verbatim"),
    ),
)

FIX = Table(
    "fix",
    "a position of an animal from a GPS, Argos or geolocator tag",
    (
        _MODULE,
        _SOURCE,
        _FILE,
        Column("source_row", pa.int64(), "row in the source file; the first after the header is 1", required=True),
        _STUDY,
        _text("organism_id", "the animal", required=True),
        _text("tag_id", "the tag"),
        _text("taxon", "scientific name, verbatim"),
        _instant("time_utc", "when the animal was there", required=True),
        _number("longitude", "degrees, WGS 84", required=True),
        _number("latitude", "degrees, WGS 84", required=True),
        _number("uncertainty_m", "radius of the position's uncertainty, as given by the source"),
        _text("sensor_type", "gps, argos-doppler-shift …, verbatim"),
        _flag("visible", "Movebank's summary of the outlier marks; empty where not given"),
        _flag("manually_marked_outlier", "marked as outlier by the owner"),
        _flag("algorithm_marked_outlier", "marked as outlier by a filter"),
        _flag("import_marked_outlier", "marked as outlier at import"),
        _flag("manually_marked_valid", "marked as valid by the owner, whatever the other marks say"),
    ),
)

TABLES = {table.name: table for table in (SOURCE_FILE, FINDING, STUDY, ORGANISM, DEPLOYMENT, FIX)}
EVIDENCE_TABLES = ("study", "organism", "deployment", "fix")
