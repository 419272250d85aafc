"""One record of an Argos file, of whatever layout, as texts."""

from typing import NamedTuple

import pyarrow as pa


class Record(NamedTuple):
    """What a record says, verbatim; None where it says nothing.

    Parameters
    ----------
    line : line it starts on
    fault : why it cannot be used, as the code of a finding
    latitude, longitude : decimal degrees with a sign
    second_latitude, second_longitude : the mirror-image solution
    """

    line: int
    fault: str | None = None
    animal: str | None = None
    platform: str | None = None
    type: str | None = None
    stamp: str | None = None
    location_class: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    radius: str | None = None
    semi_major: str | None = None
    semi_minor: str | None = None
    orientation: str | None = None
    offset: str | None = None
    second_latitude: str | None = None
    second_longitude: str | None = None


SCHEMA = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in Record._fields])


def to_table(records: list[Record]) -> pa.Table:
    """The records as columns."""
    columns = zip(*records, strict=True)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], SCHEMA)
