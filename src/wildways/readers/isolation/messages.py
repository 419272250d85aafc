"""Sources, options, errors and accounts as JSON, and back. What comes from a reading process is checked."""

import errno
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from wildways.model import (
    BadInput,
    Conflict,
    Corrupt,
    Finding,
    LimitReached,
    NotAllowed,
    NotFound,
    Place,
    WildwaysError,
)
from wildways.readers.contract import Account, ReadAgain, ReadingOptions
from wildways.readers.isolation.frames import BrokenFrame, Message

_AGAIN = "ReadAgain"
_ERRORS: Mapping[str, type[WildwaysError]] = MappingProxyType(
    {kind.__name__: kind for kind in (BadInput, Conflict, Corrupt, LimitReached, NotAllowed, NotFound, WildwaysError)}
)
_NOTE_CHARACTERS = 8000

Value = TypeVar("Value")


def options_as_json(options: ReadingOptions) -> dict[str, Any]:
    """Options of a reading as JSON."""
    folder = None if options.scratch_folder is None else str(options.scratch_folder)
    return {**asdict(options), "now": options.now.isoformat(), "scratch_folder": folder}


def options_from_json(message: Message) -> ReadingOptions:
    """Options of a reading, from what `options_as_json` made of them."""
    folder = None if message["scratch_folder"] is None else Path(message["scratch_folder"])
    return ReadingOptions(**{**message, "now": datetime.fromisoformat(message["now"]), "scratch_folder": folder})


def error_as_json(error: Exception, reader: str, place: Place) -> dict[str, Any]:
    """Any exception of a reader; those that no reader should raise say that it failed, with their traceback."""
    if isinstance(error, ReadAgain):
        return {"error": _AGAIN}
    known = error if isinstance(error, WildwaysError) else _failure(error, reader, place)
    kind = next(base.__name__ for base in type(known).__mro__ if base.__name__ in _ERRORS)
    about = {"code": known.code, "message": known.message, "hint": known.hint, "place": _place_as_json(known.place)}
    notes = list(getattr(known, "__notes__", ()))
    return {"error": kind, **about, "notes": notes}


def error_from_json(message: Message) -> WildwaysError | ReadAgain:
    """The exception, from what `error_as_json` made of it.

    Raises
    ------
    BrokenFrame : it is something else
    """
    return _checked(_error, message)


def account_as_json(account: Account) -> dict[str, Any]:
    """An account as JSON."""
    findings = [{**asdict(finding), "place": _place_as_json(finding.place)} for finding in account.findings]
    return {"n_rows": int(account.n_rows), "n_kept": int(account.n_kept), "findings": findings}


def account_from_json(message: Message) -> Account:
    """The account, from what `account_as_json` made of it.

    Raises
    ------
    BrokenFrame : it is something else
    """
    return _checked(_account, message)


def texts_from_json(value: Any) -> tuple[str, ...]:
    """Texts, from a list of them.

    Raises
    ------
    BrokenFrame : it is something else
    """
    return _checked(lambda texts: tuple(_text(text) for text in texts), value)


def _failure(error: Exception, reader: str, place: Place) -> WildwaysError:
    is_short = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    if is_short or type(error).__name__ == "OutOfMemoryException":
        message = f"The reader {reader} needs more memory for this file than it may use."
        return LimitReached("reading-memory", message, hint="Split the file, or raise the memory limit.", place=place)
    reason = str(error).partition("\n")[0].rstrip(".")
    failure = BadInput(
        "reader-failed",
        f"The reader {reader} failed: {type(error).__name__}{': ' if reason else ''}{reason}.",
        hint="Is the file damaged? If it is sound, please report this as a defect of the reader.",
        place=place,
    )
    failure.add_note("".join(traceback.format_exception(error))[-_NOTE_CHARACTERS:])
    return failure


def _checked(make: Callable[[Any], Value], message: Message) -> Value:
    try:
        return make(message)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenFrame(f"a message does not hold what it should: {error!r}") from error


def _error(message: Message) -> WildwaysError | ReadAgain:
    if message["error"] == _AGAIN:
        return ReadAgain()
    kind = _ERRORS[_text(message["error"])]
    code, text, hint = (_text(message[field]) for field in ("code", "message", "hint"))
    error = kind(code, text, hint=hint, place=_place(message["place"]))
    for note in message["notes"]:
        error.add_note(_text(note))
    return error


def _account(message: Message) -> Account:
    findings = tuple(_finding(finding) for finding in message["findings"])
    return Account(_count(message["n_rows"]), _count(message["n_kept"]), findings)


def _finding(message: Message) -> Finding:
    return Finding(
        _text(message["code"]),
        _text(message["message"]),
        _count(message["n_rows"]),
        message["refused"] is True,
        _place(message["place"]),
        _optional(_text, message["example"]),
        _optional(_text, message["hint"]),
    )


def _place_as_json(place: Place) -> dict[str, Any]:
    file = None if place.file is None else str(place.file)
    line = None if place.line is None else int(place.line)
    return {"file": file, "is_path": isinstance(place.file, Path), "line": line, "field": place.field}


def _place(message: Message) -> Place:
    file = _optional(_text, message["file"])
    is_path = file is not None and message["is_path"] is True
    return Place(
        Path(file or "") if is_path else file, _optional(_count, message["line"]), _optional(_text, message["field"])
    )


def _optional(make: Callable[[Any], Value], value: Any) -> Value | None:
    return None if value is None else make(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(value)
    return value
