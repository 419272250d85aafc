"""What the codes of the findings on Argos, acoustic and ATN data mean, and the findings of a tally."""

from collections.abc import Callable
from types import MappingProxyType

from wildways.model import BadInput, Finding, Place, Source
from wildways.readers.findings import load_messages
from wildways.readers.movebank import events as movebank
from wildways.readers.tally import Tally

FINDINGS = (movebank.FINDINGS, "marine/findings.csv")

AXIS_OF = MappingProxyType(
    {
        "latitude-range": "latitude",
        "latitude-unreadable": "latitude",
        "longitude-range": "longitude",
        "longitude-unreadable": "longitude",
        "longitude-wrapped": "longitude",
        "position-zero": "longitude",
    }
)
"""Code → the coordinate it is about."""

_DEGREES = frozenset({"EPSG:4326", "OGC:CRS84", "CRS84", "WGS84"})


def make_findings(tally: Tally, place_of: Callable[[str, int], Place]) -> tuple[Finding, ...]:
    """The findings of a tally, by code.

    Parameters
    ----------
    place_of : code and index of the row in the stream → where it is in the file
    """
    messages = load_messages(*FINDINGS)
    return tuple(
        messages[code].finding(code, count.n_rows, place_of(code, count.index), count.example)
        for code, count in sorted(tally.counts.items())
    )


def demand_degrees(source: Source, name: str) -> None:
    """Make sure that a source does not claim another CRS than the format has.

    Raises
    ------
    BadInput : it does; `name` is the file, for the message
    """
    if source.crs is not None and source.crs.upper().replace(" ", "") not in _DEGREES:
        raise BadInput(
            "crs-fixed",
            f"Source “{source.id}” sets the CRS {source.crs}, but this format is always in degrees, WGS 84.",
            hint="Remove crs from the source.",
            place=Place(name, None, "crs"),
        )
