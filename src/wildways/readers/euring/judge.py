"""Refuses records and remarks on them while a EURING file goes by; what each code means, and what to do about it."""

from dataclasses import dataclass, replace

import numpy as np

from wildways.model import Finding, Place
from wildways.readers.euring.fields import Mask
from wildways.readers.euring.layout import Records
from wildways.readers.findings import Message, load_messages

FINDINGS = "euring/findings.csv"


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

    def append(self, others: "Notes") -> None:
        """Add what was found in later records."""
        for code, note in others._notes.items():
            known = self._notes.get(code, replace(note, n_rows=0))
            self._notes[code] = replace(known, n_rows=known.n_rows + note.n_rows)

    def findings(self, name: str) -> tuple[Finding, ...]:
        """The findings, those that refuse first, each in order of code."""
        messages = load_messages(FINDINGS)
        order = sorted(self._notes, key=lambda code: (not messages[code].is_refusal, code))
        return tuple(self._finding(messages[code], code, name) for code in order)

    def _finding(self, message: Message, code: str, name: str) -> Finding:
        note = self._notes[code]
        return message.finding(code, note.n_rows, Place(name, note.line, note.field), note.example)


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
