"""Positions in a source's CRS to WGS 84 degrees, as a function the parser's SQL can call."""

from typing import TYPE_CHECKING

import pyarrow as pa

from wildways.model import BadInput, Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TO_DEGREES = "to_degrees"


def define_to_degrees(engine: "DuckDBPyConnection", crs: str, name: str) -> None:
    """Define ``to_degrees(x, y)``, a struct of longitude and latitude, for coordinates in `crs`.

    Axis order is x, y (easting, northing; longitude, latitude), whatever the authority says. What lies outside the
    CRS becomes NaN.

    Raises
    ------
    BadInput : the CRS is not known; `name` is the file, for the message
    """
    import duckdb
    import numpy as np
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    try:
        transformer = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise BadInput(
            "crs-unknown",
            f"The CRS “{crs}” is not known.",
            hint="Set crs to a code like EPSG:32612.",
            place=Place(name, None, "crs"),
        ) from error

    def to_degrees(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.StructArray:
        degrees = transformer.transform(x.to_numpy(zero_copy_only=False), y.to_numpy(zero_copy_only=False))
        longitude, latitude = (np.where(np.isfinite(values), values, np.nan) for values in degrees)
        return pa.StructArray.from_arrays([pa.array(longitude), pa.array(latitude)], ["longitude", "latitude"])

    degrees = duckdb.struct_type({"longitude": "DOUBLE", "latitude": "DOUBLE"})
    engine.create_function(
        TO_DEGREES, to_degrees, ["DOUBLE", "DOUBLE"], degrees, type="arrow", null_handling="special"
    )
