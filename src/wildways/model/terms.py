"""The closed vocabularies: kinds of evidence, access levels, seasons, product kinds."""

from enum import StrEnum


class Access(StrEnum):
    """What of a source may leave the workspace through the gate."""

    OPEN = "open"
    """Raw records and products."""
    PRODUCTS = "products"
    """Products only; raw records stay in the workspace. The default."""
    PRIVATE = "private"
    """Nothing."""


class EvidenceKind(StrEnum):
    """What a record of evidence is; each kind is a table of the store."""

    FIX = "fix"
    """A position from a GPS, Argos or geolocator tag."""
    ENCOUNTER = "encounter"
    """An animal known by its mark (ring, band, flipper tag, natural mark), met once."""
    DETECTION = "detection"
    """A tag heard by a receiver."""
    SITE = "site"
    """A place animals use: nesting beach, colony, stopover, node of a network."""
    LINK = "link"
    """A statement that two sites are connected by movement."""
    DRAWN = "drawn"
    """A corridor, route or range as drawn or published by experts."""


class EvidenceClass(StrEnum):
    """How what is said came to be known."""

    TRACKING = "tracking"
    MARKING = "marking"
    DETECTION = "detection"
    COUNT = "count"
    LITERATURE = "literature"
    EXPERT = "expert"
    LOCAL_KNOWLEDGE = "local-knowledge"
    """Local and indigenous knowledge."""


class PositionOf(StrEnum):
    """What the position of a record is the position of."""

    ANIMAL = "animal"
    RECEIVER = "receiver"
    MARKING_PLACE = "marking-place"
    FINDING_PLACE = "finding-place"
    SITE = "site"


class Season(StrEnum):
    """The seasonal movement a sequence belongs to."""

    SPRING = "spring"
    AUTUMN = "autumn"


class MovementClass(StrEnum):
    """What an animal did in one biological year."""

    MIGRANT = "migrant"
    MIXED = "mixed"
    """Left and came back part of the way."""
    DISPERSER = "disperser"
    NOMAD = "nomad"
    """Went on and on, without two places to migrate between."""
    RESIDENT = "resident"
    UNDETERMINED = "undetermined"


class ProductKind(StrEnum):
    """The shape of a product's data."""

    FEATURES = "features"
    RASTER = "raster"
    TABLE = "table"


class Derivation(StrEnum):
    """How a layer came to be; classes of different derivations are never mixed."""

    TRACKING_UD = "tracking-ud"
    """From utilisation distributions of tracked animals."""
    TRACKING_LINE = "tracking-line"
    """From the lines between fixes."""
    RECORDS = "records"
    """The records themselves."""


class FileRole(StrEnum):
    """What a file of a release is for."""

    TILES = "tiles"
    GEOPARQUET = "geoparquet"
    GEOPACKAGE = "geopackage"
    COG = "cog"
    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {
    FileRole.TILES: "application/vnd.pmtiles",
    FileRole.GEOPARQUET: "application/vnd.apache.parquet",
    FileRole.GEOPACKAGE: "application/geopackage+sqlite3",
    FileRole.COG: "image/tiff; application=geotiff; profile=cloud-optimized",
    FileRole.CSV: "text/csv; charset=utf-8; header=present",
    FileRole.PARQUET: "application/vnd.apache.parquet",
}
