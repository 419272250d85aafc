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


class Season(StrEnum):
    """The seasonal movement a sequence belongs to."""

    SPRING = "spring"
    AUTUMN = "autumn"


class MovementClass(StrEnum):
    """What an animal did in one biological year."""

    MIGRANT = "migrant"
    DISPERSER = "disperser"
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
