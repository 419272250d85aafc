"""Time zones of wall times, by their names in the IANA list."""

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wildways.model import BadInput, Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_zone(name: str | None, file: str) -> tzinfo:
    """The time zone of that name; UTC for none.

    Raises
    ------
    BadInput : it is not known; `file` is for the message
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise unknown_zone(name, file) from error


def set_time_zone(engine: "DuckDBPyConnection", time_zone: str, name: str) -> None:
    """Have an engine read stamps without an offset as wall time of this zone.

    Raises
    ------
    BadInput : the zone is not known; `name` is the file, for the message
    """
    import duckdb

    try:
        engine.execute("SET TimeZone = $zone", {"zone": time_zone})
    except duckdb.Error as error:
        raise unknown_zone(time_zone, name) from error


def unknown_zone(name: str, file: str) -> BadInput:
    """The error for a time zone that is not known; `file` is where times would be read."""
    return BadInput(
        "time-zone-unknown",
        f"The time zone “{name}” is not known.",
        hint="Set time_zone in the module to a name of the IANA list, for example America/Denver or UTC.",
        place=Place(file, None, "time_zone"),
    )
