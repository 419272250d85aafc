"""From a source's CRS to WGS 84 degrees: x before y, whatever order the authority prescribes."""

from typing import TYPE_CHECKING

from wildways.model import BadInput, Place

if TYPE_CHECKING:
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


def _unknown(name: str, file: str) -> BadInput:
    shown = name if len(name) <= 60 else f"{name[:57]}…"
    return BadInput(
        "crs-unknown",
        f"The CRS “{shown}” is not known, or does not lead to WGS 84.",
        hint="Set crs in the module to a code like EPSG:32612.",
        place=Place(file, None, "crs"),
    )
