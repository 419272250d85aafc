"""Refuses records and remarks on them while a EURING file goes by; what each code means, and what to do about it."""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from wildways.model import Finding, Place
from wildways.readers.euring.fields import Mask
from wildways.readers.euring.layout import Records

REFUSED = MappingProxyType(
    {
        "record-width": (
            "These lines have no bars and are not 94 characters wide, so they are no EURING 2000 records.",
            "Check that blanks at the beginning or the end of lines were not cut off, or bars replaced.",
        ),
        "field-count": (
            "These lines do not have the 60 fields of EURING 2000+ or the 64 of EURING 2020.",
            "At least 30 fields are needed. Look for line breaks or bars inside a text.",
        ),
        "field-width": ("A field of fixed width is shorter or longer than it must be.", "Correct the field."),
        "characters": (
            "The coded fields hold characters that are not in the alphabet of EURING codes.",
            "Look for text that slipped into the codes, or a damaged file.",
        ),
        "scheme-unreadable": ("The ringing scheme is not three capital letters.", "Correct the scheme."),
        "ring-unreadable": (
            "The ring number is missing, or holds other characters than capitals and digits, which must end it.",
            "Write it with dots before its last run of digits, ten characters in all.",
        ),
        "date-unreadable": (
            "The date is not a day of the calendar written ddmmyyyy, or lies before 1890.",
            "Correct the date.",
        ),
        "date-future": ("The date lies in the future.", "Correct the date."),
        "position-unreadable": (
            "The coordinates are not degrees, minutes and seconds, or lie outside ±90° and ±180°.",
            "Write them like +521200-0004230, or as decimal latitude and longitude (EURING 2020).",
        ),
    }
)
"""Reasons for refusing records: message and hint."""

REMARKED = MappingProxyType(
    {
        "scheme-code": ("The scheme is not in the list of EURING schemes.", "Check the code."),
        "mark-code": ("The identification method is no EURING code; the kind of mark is left empty.", ""),
        "species-code": (
            "The species is not in the list of EURING species; the code stands for the name.",
            "Check the code, or set taxon in the module.",
        ),
        "taxon-missing": ("The record names no species.", "Set taxon in the module."),
        "date-missing": ("The record has no date.", ""),
        "date-padded": ("Days or months of one digit were written with a blank instead of a zero.", ""),
        "date-open": (
            "The accuracy of the date bounds nothing: right to some years, unknown, or not given.",
            "The time is left empty; the date as coded is in `verbatim`.",
        ),
        "time-unreadable": ("The time of day is not HHMM or HH; the whole day was taken.", ""),
        "time-zone-open": (
            "EURING times have no zone; the interval holds the date in every zone of the world.",
            "Set time_zone in the module where all records are from one zone.",
        ),
        "position-missing": ("The record has no coordinates.", ""),
        "position-region": (
            "The accuracy says that the animal was somewhere in the region of the place code; no point is given.",
            "",
        ),
        "position-sixty": ("60 minutes or seconds were read as one more degree or minute.", ""),
        "position-twice": (
            "The record has decimal and sexagesimal coordinates; the decimal ones were taken.",
            "EURING 2020 wants 15 dots in the older field.",
        ),
        "position-zero": (
            "The position is 0° N 0° E, which stands for an unknown one as a rule.",
            "Correct the coordinates, or set their accuracy to 9.",
        ),
        "accuracy-code": ("The accuracy of the coordinates is no EURING code; the uncertainty is left empty.", ""),
        "accuracy-missing": ("The accuracy of the coordinates is not given; the uncertainty is left empty.", ""),
        "condition-code": ("The condition is no EURING code; it is left empty.", ""),
        "circumstances-code": ("The circumstances are no EURING code; they are left empty.", ""),
        "sex-code": ("The sex is no EURING code; the other of mentioned and concluded was taken, or none.", ""),
        "age-code": ("The age is no EURING code; the other of mentioned and concluded was taken, or none.", ""),
        "text-latin-1": ("Names of places are not UTF-8 and were read as Latin-1.", "Save the file in UTF-8."),
    }
)
"""Remarks on records that were kept: message and hint."""


@dataclass(frozen=True)
class _Note:
    n_rows: int
    line: int
    field: str | None
    example: str | None


class Notes:
    """What was found in a file so far, by code."""

    def __init__(self) -> None:
        self._notes: dict[str, _Note] = {}

    def add(self, code: str, field: str | None, mask: Mask, records: Records) -> None:
        """Count the marked records, if any; the first ever is remembered with its line and value."""
        n_rows = int(np.count_nonzero(mask))
        if not n_rows:
            return
        if (known := self._notes.get(code)) is None:
            row = int(np.argmax(mask))
            known = _Note(0, int(records.lines[row]), field, records.value(row, field).strip() or None)
        self._notes[code] = replace(known, n_rows=known.n_rows + n_rows)

    def findings(self, name: str) -> tuple[Finding, ...]:
        """The findings, those that refuse first, each in order of code."""
        order = sorted(self._notes, key=lambda code: (code not in REFUSED, code))
        return tuple(self._finding(code, name) for code in order)

    def _finding(self, code: str, name: str) -> Finding:
        note = self._notes[code]
        message, hint = REFUSED[code] if code in REFUSED else REMARKED[code]
        place = Place(name, note.line, note.field)
        return Finding(code, message, note.n_rows, code in REFUSED, place, note.example, hint or None)


class Judge:
    """Judges the records of a block: refused once at most, for the first reason; remarked on only where kept."""

    def __init__(self, records: Records, notes: Notes) -> None:
        self._records, self._notes = records, notes
        self._remarks: list[tuple[str, str | None, Mask]] = []
        self.is_kept: Mask = np.ones(len(records), dtype=bool)
        for fault in records.faults:
            self.refuse(fault.code, fault.field, fault.is_faulty)

    def refuse(self, code: str, field: str | None, mask: Mask) -> None:
        """Refuse the marked records that were not refused yet."""
        self._notes.add(code, field, mask & self.is_kept, self._records)
        self.is_kept = self.is_kept & ~mask

    def remark(self, code: str, field: str | None, mask: Mask) -> None:
        """Remark on the marked records, those apart that are refused in the end."""
        self._remarks.append((code, field, mask))

    def close(self) -> None:
        """Count the remarks on the records that are kept."""
        for code, field, mask in self._remarks:
            self._notes.add(code, field, mask & self.is_kept, self._records)
