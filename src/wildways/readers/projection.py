"""From a source's CRS to WGS 84 degrees: x before y, whatever order the authority prescribes."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa

from wildways.model import BadInput, Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyproj import CRS, Transformer


def open_crs(name: str, file: str) -> "CRS":
    """The CRS of that name, code or definition.

    Raises
    ------
    BadInput : it is not known, or places nothing on the Earth; `file` is for the message
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise _unknown(name, file) from error
    if not (crs.is_geographic or crs.is_projected):
        raise _unknown(name, file)
    return crs


def open_transformer(crs: "CRS", file: str) -> "Transformer":
    """What turns x and y of a CRS into longitude and latitude; infinite where a place lies outside the CRS.

    Raises
    ------
    BadInput : there is no way from it to WGS 84; `file` is for the message
    """
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise _unknown(crs.name, file) from error


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

    transformer = open_transformer(open_crs(crs, name), name)
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


def _unknown(name: str, file: str) -> BadInput:
    shown = name if len(name) <= 60 else f"{name[:57]}…"
    return BadInput(
        "crs-unknown",
        f"The CRS “{shown}” is not known, or does not lead to WGS 84.",
        hint="Set crs in the module to a code like EPSG:32612.",
        place=Place(file, None, "crs"),
    )
