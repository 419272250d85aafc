"""Every error a user can meet, in one tree.

::

    WildwaysError
    ├── BadInput       what was given cannot be read or does not make sense
    ├── NotAllowed     the gate, a licence or an access level forbids it
    ├── NotFound       what was named does not exist
    ├── Conflict       somebody else is at it, or it already exists
    ├── LimitReached   it would need more than is allowed
    └── Corrupt        what was stored is not what was written
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True)
class Place:
    """Where in the input something is wrong: file, line (the header of a CSV is line 1) and field or key."""

    file: Path | str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [str(self.file)] if self.file is not None else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.field is not None:
            parts.append(self.field)
        return ", ".join(parts)


NOWHERE = Place()


class WildwaysError(Exception):
    """An error with a stable code, the place it comes from, what happened, and what to do next."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, *, hint: str = "", place: Place = NOWHERE) -> None:
        super().__init__(code, message, hint, place)
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place

    def __str__(self) -> str:
        where = str(self.place)
        return " ".join(part for part in (f"{where}:" if where else "", self.message, self.hint) if part)

    def as_dict(self) -> dict[str, str | int | None]:
        """The error for machines: ``code, message, hint, file, line, field``."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint or None,
            "file": None if self.place.file is None else str(self.place.file),
            "line": self.place.line,
            "field": self.place.field,
        }


class BadInput(WildwaysError):
    """What was given cannot be read or does not make sense."""

    exit_code = 3
    http_status = 400


class NotAllowed(WildwaysError):
    """The gate, a licence or an access level forbids it."""

    exit_code = 4
    http_status = 403


class NotFound(WildwaysError):
    """What was named does not exist."""

    exit_code = 5
    http_status = 404


class Conflict(WildwaysError):
    """Somebody else is at it, or it already exists."""

    exit_code = 6
    http_status = 409


class LimitReached(WildwaysError):
    """It would need more time, memory or space than is allowed."""

    exit_code = 7
    http_status = 413


class Corrupt(WildwaysError):
    """What was stored is not what was written."""

    exit_code = 8
    http_status = 500
