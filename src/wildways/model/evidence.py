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


_UNCERTAINTY = (
    _number("uncertainty_m", "radius around the position that holds the animal, as the source gives or implies it"),
    _number("semi_major_m", "semi-major axis of the position's error ellipse, as given by the source"),
    _number("semi_minor_m", "semi-minor axis of the position's error ellipse, as given by the source"),
    _number("ellipse_orientation_deg", "direction of the semi-major axis, degrees clockwise from north"),
)
_MODULE = _text("module_id", "module that declares the source", required=True)
_SOURCE = _text("source_id", "source within the module", required=True)
_FILE = _text("source_file_id", "SHA-256 of the source file, hexadecimal", required=True)
_STUDY = _text("study_id", "study, as named by the source", required=True)
_ACCEPTED = _text("accepted_taxon", "accepted scientific name that the verbatim one stands for; empty where uncertain")
_DERIVED = (
    _ACCEPTED,
    _text("country", "ISO 3166-1 alpha-3 code of the country on whose land the position lies; empty at sea"),
    _text("countries", "where there may be several, given the uncertainty or shape: their codes, parted by spaces"),
    _text("sea_area", "sea that the position lies in; empty on land"),
)
DERIVED_COLUMNS = tuple(column.name for column in _DERIVED)
"""Columns that the store works out when it takes a record in; no reader fills them."""

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
        _ACCEPTED,
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
        *_UNCERTAINTY,
        _text("location_class", "Argos location class G, 3, 2, 1, 0, A, B or Z, where the tag has one"),
        _text("sensor_type", "gps, argos-doppler-shift …, verbatim"),
        _flag("visible", "Movebank's summary of the outlier marks; empty where not given"),
        _flag("manually_marked_outlier", "marked as outlier by the owner"),
        _flag("algorithm_marked_outlier", "marked as outlier by a filter"),
        _flag("import_marked_outlier", "marked as outlier at import"),
        _flag("manually_marked_valid", "marked as valid by the owner, whatever the other marks say"),
        *_DERIVED,
    ),
)

_RECORD = (
    _MODULE,
    _SOURCE,
    _FILE,
    Column("source_row", pa.int64(), "row in the source file; the first after a header is 1", required=True),
    _STUDY,
)
_WHEN = (
    _instant("start_utc", "earliest moment the record may be of; empty where unknown"),
    _instant("end_utc", "latest moment the record may be of; equal to the start where the moment is known"),
)
_WHERE = (
    _number("longitude", "degrees, WGS 84; empty where no point is known"),
    _number("latitude", "degrees, WGS 84; empty where no point is known"),
    *_UNCERTAINTY,
)
_VERBATIM = _text("verbatim", "the source's own values of fields that were interpreted, JSON")

ENCOUNTER = Table(
    "encounter",
    "an animal known by its mark, met once",
    (
        *_RECORD,
        _text("organism_id", "the animal: marking scheme and mark", required=True),
        _text("taxon", "scientific name, or the source's code where it has none"),
        *_WHEN,
        *_WHERE,
        _text("position_of", "marking-place, finding-place or animal", required=True),
        _text("place", "name of the place, or what its code stands for where the source has only that"),
        _text("mark_type", "metal ring, flipper tag, colour mark …"),
        _text("event", "marking, recapture, resighting, recovery", required=True),
        _text("condition", "state of the animal when found, in words; `unknown` where the source says so"),
        _text("circumstances", "how it was found, in words; `unknown` where the source says so"),
        _text("sex", "m, f or u; empty where the source does not say"),
        _text("age", "age as the source gives it, in words"),
        _VERBATIM,
        *_DERIVED,
    ),
)

DETECTION = Table(
    "detection",
    "a tag heard by a receiver; the position is the receiver's",
    (
        *_RECORD,
        _text("organism_id", "the animal; the tag's own id where nobody knows the animal", required=True),
        _text("tag_id", "the transmitter"),
        _text("taxon", "scientific name, verbatim"),
        _instant("time_utc", "when it was heard", required=True),
        _number("longitude", "degrees, WGS 84, of the receiver", required=True),
        _number("latitude", "degrees, WGS 84, of the receiver", required=True),
        *_UNCERTAINTY,
        _text("receiver_id", "the receiver"),
        _text("station", "the station, verbatim"),
        _flag("is_release", "whether this is the release of the animal instead of a detection"),
        _flag("suspected_false", "whether no other detection of the tag lies near in time at this receiver"),
        _text("quality_mark", "quality mark of the source, verbatim"),
        *_DERIVED,
    ),
)

SITE = Table(
    "site",
    "a place animals use, or a count of them there",
    (
        *_RECORD,
        _text("site_id", "the site, unique within its study", required=True),
        _text("name", "verbatim"),
        _text("site_type", "nesting-beach, colony, stopover, wintering, foraging, node …", required=True),
        _text("taxon", "scientific name, verbatim"),
        *_WHEN,
        *_WHERE,
        _text("evidence_class", "count, literature, expert, local-knowledge …", required=True),
        _number("count_low", "least number counted or estimated"),
        _number("count_high", "greatest number counted or estimated"),
        _text("count_of", "nests, crawls, females, individuals …"),
        _text("monitoring_effort", "how the count was made, verbatim"),
        _text("citation", "where the statement is from"),
        _VERBATIM,
        *_DERIVED,
    ),
)

LINK = Table(
    "link",
    "a statement that two sites are connected by movement",
    (
        *_RECORD,
        _text("link_id", "the link, unique within its study", required=True),
        _text("from_site_id", "site where movement starts", required=True),
        _text("to_site_id", "site where it ends", required=True),
        _flag("is_directed", "whether the direction is known"),
        _text("taxon", "scientific name, verbatim"),
        *_WHEN,
        _text("evidence_class", "tracking, marking, literature, expert, local-knowledge …", required=True),
        _number("n_animals", "animals known to have moved"),
        _text("citation", "where the statement is from"),
        _VERBATIM,
        *_DERIVED,
    ),
)

DRAWN = Table(
    "drawn",
    "a corridor, route or range as drawn or published by experts",
    (
        *_RECORD,
        _text("drawn_id", "the shape, unique within its study", required=True),
        _text("name", "verbatim"),
        _text("drawn_type", "corridor, route, range, stopover …", required=True),
        _text("taxon", "scientific name, verbatim"),
        *_WHEN,
        _text("evidence_class", "tracking, literature, expert, local-knowledge …", required=True),
        _text("use_class", "class of use as the source has it; empty where it has none"),
        _text("class_scheme", "the scheme that class belongs to: low, medium and high are not one scale"),
        Column("geometry_wkb", pa.binary(), "the shape, WKB, degrees, WGS 84", required=True),
        _number("uncertainty_m", "how exact the outline is"),
        _text("citation", "where the shape is from"),
        _VERBATIM,
        *_DERIVED,
    ),
)

REMOVAL = Table(
    "removal",
    "evidence that was removed on request and stays out until it is restored, however often its file is ingested",
    (
        _MODULE,
        _SOURCE,
        _text("study_id", "the study; empty where the whole source was removed"),
        _text("organism_id", "the animal; empty where the whole study or source was removed"),
        _text("reason", "why, in words", required=True),
        _instant("removed_utc", "when", required=True),
        _text("removed_by", "who did it", required=True),
    ),
)

RECORD_TABLES = ("fix", "encounter", "detection", "site", "link", "drawn")
EVIDENCE_TABLES = ("study", "organism", "deployment", *RECORD_TABLES)
TABLES = {
    table.name: table
    for table in (
        *(SOURCE_FILE, FINDING, STUDY, ORGANISM, DEPLOYMENT),
        *(FIX, ENCOUNTER, DETECTION, SITE, LINK, DRAWN, REMOVAL),
    )
}
