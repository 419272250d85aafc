"""How a source's coordinates become WGS 84 degrees and its wall times UTC, inside the parser's engine."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa

from wildways.model import BadInput, Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def define_to_degrees(engine: "DuckDBPyConnection", crs: str, name: str) -> None:
    """Define the SQL function ``to_degrees(x, y)``: a struct of longitude and latitude, from coordinates in `crs`.

    Axis order is x, y (easting, northing; longitude, latitude), whatever the authority says. What lies outside the
    CRS becomes NaN. Coordinates are transformed in one thread of Python's own: a transformer keeps its state by thread,
    and the state of a thread of the engine is gone after each call, under the transformer's feet.

    Raises
    ------
    BadInput : the CRS is not known; `name` is the file, for the message
    """
    import duckdb
    import numpy as np
    from duckdb.func import FunctionNullHandling, PythonUDFType
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        transformer = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise BadInput(
            "crs-unknown",
            f"The CRS “{crs}” is not known.",
            hint="Set crs in the module to a code like EPSG:32612.",
            place=Place(name, None, "crs"),
        ) from error

    worker = ThreadPoolExecutor(1, thread_name_prefix="projection")

    def to_degrees(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.StructArray:
        given = (x.to_numpy(zero_copy_only=False), y.to_numpy(zero_copy_only=False))
        degrees = worker.submit(transformer.transform, *given).result()
        longitude, latitude = (np.where(np.isfinite(values), values, np.nan) for values in degrees)
        return pa.StructArray.from_arrays([pa.array(longitude), pa.array(latitude)], ["longitude", "latitude"])

    double = duckdb.dtype("DOUBLE")
    degrees = duckdb.struct_type({"longitude": double, "latitude": double})
    engine.create_function(
        "to_degrees",
        to_degrees,
        [double, double],
        degrees,
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def set_time_zone(engine: "DuckDBPyConnection", time_zone: str, name: str) -> None:
    """Read stamps without an offset as wall time of this zone.

    Raises
    ------
    BadInput : the zone is not known; `name` is the file, for the message
    """
    import duckdb

    try:
        engine.execute("SET TimeZone = $zone", {"zone": time_zone})
    except duckdb.Error as error:
        raise BadInput(
            "time-zone-unknown",
            f"The time zone “{time_zone}” is not known.",
            hint="Set time_zone in the module to a name of the IANA list, for example America/Denver or UTC.",
            place=Place(name, None, "time_zone"),
        ) from error
