"""What the codes of the findings on Argos, acoustic and ATN data mean, and the findings of a tally."""

from collections.abc import Callable
from types import MappingProxyType

from wildways.model import BadInput, Finding, Place, Source
from wildways.readers import movebank_findings as movebank
from wildways.readers.tally import Tally

REFUSED = MappingProxyType(
    {
        **movebank.REFUSED,
        "deployment-point": (
            "These rows say where the tag was put on, by the word of its owner; they became deployments.",
            "They are no fixes; nothing to do.",
        ),
        "encoding": ("The row has bytes that are not UTF-8.", "Save the file as UTF-8."),
        "hemisphere-missing": (
            "The coordinate does not say its hemisphere.",
            "Write it like 76.651N or 20.930W.",
        ),
        "line-rejected": (
            "The line has more or fewer fields than the header.",
            "Look for stray quotes or commas, or a cut-off end.",
        ),
        "record-broken": (
            "The record lacks its first line or its line of positions, or they cannot be read.",
            "Look for a cut-off end or edited lines.",
        ),
        "time-spreadsheet": (
            "The time lies in 1900, which a spreadsheet makes of times with fractions of a second.",
            "Take the file as it was downloaded, without opening it in a spreadsheet.",
        ),
    }
)
"""Reasons for refusing rows: message and hint."""

REMARKED = MappingProxyType(
    {
        **movebank.REMARKED,
        "animals-missing": (
            "The package has no animals file beside the detections; sex, life stage and release are not known.",
            "Keep the files of the package together.",
        ),
        "class-unknown": (
            "The location class is none of G, 3, 2, 1, 0, A, B and Z and counts as not given.",
            "Check the column that holds it.",
        ),
        "ellipse-offset": (
            "The error ellipse is not centred on the position; its offset is not kept.",
            "",
        ),
        "organism-assumed": (
            "The rows name no animal; the tag stands for it.",
            "One animal may have worn several tags, and one tag several animals.",
        ),
        "receiver-missing": (
            "The rows name no receiver, so that it is not known whether they are releases.",
            "",
        ),
        "second-solution": (
            "The satellite pass has a second, mirror-image solution that differs; the first was taken.",
            "",
        ),
        "tags-missing": (
            "The package has no tags file beside the detections; every tag counts as having the default delay.",
            "Keep the files of the package together.",
        ),
        "uncertainty-unusable": (
            "The error radius or ellipse is not a number above 0 and counts as not given.",
            "",
        ),
    }
)
"""Remarks on rows that were kept: message and hint."""

_DEGREES = frozenset({"EPSG:4326", "OGC:CRS84", "CRS84", "WGS84"})


def make_findings(tally: Tally, place_of: Callable[[str, int], Place]) -> tuple[Finding, ...]:
    """The findings of a tally, by code.

    Parameters
    ----------
    place_of : code and index of the row in the stream → where it is in the file
    """
    return tuple(
        make_finding(code, count.n_rows, place_of(code, count.index), count.example)
        for code, count in sorted(tally.counts.items())
    )


def make_finding(code: str, n_rows: int, place: Place, example: str | None = None) -> Finding:
    """One finding with the message and hint of its code."""
    message, hint = REFUSED[code] if code in REFUSED else REMARKED[code]
    return Finding(code, message, n_rows, code in REFUSED, place, example, hint or None)


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
