"""What became of a reading process that ended before its answer, for users."""

import signal
from types import MappingProxyType

from wildways.model import BadInput, Corrupt, LimitReached, Place, WildwaysError

SOUND = "Is the file damaged? Copy or export it again; if it is sound, please report this as a defect of the reader."

_LIMITS = MappingProxyType(
    {
        getattr(signal, "SIGXCPU", None): (
            "reading-time",
            "The reader {reader} took more computing time for this file than it may.",
            f"{SOUND} A larger file may take longer: is it in parts?",
        ),
        getattr(signal, "SIGKILL", None): (
            "reading-killed",
            "The system ended the reader {reader} at this file; most often memory is short then.",
            "Close other programs, or split the file.",
        ),
    }
)


def stalled(reader: str, file: str, seconds: float) -> LimitReached:
    """It was ended because it gave no answer for so many seconds."""
    message = f"The reader {reader} gave no answer for {seconds:.0f} seconds at this file."
    return LimitReached("reading-stalled", message, hint=SOUND, place=Place(file))


def crashed(reader: str, file: str, code: int) -> WildwaysError:
    """It ended by itself; `code` is its exit code, negative the number of the signal that ended it."""
    place = Place(file)
    if -code in _LIMITS:
        limit, message, hint = _LIMITS[-code]
        return LimitReached(limit, message.format(reader=reader), hint=hint, place=place)
    message = f"This file stopped the reader {reader} ({_name_ending(code)})."
    return BadInput("reading-crashed", message, hint=SOUND, place=place)


def unstarted(code: int) -> Corrupt:
    """It ended, or was ended, before the first question; `code` is its exit code."""
    message = f"The process that reads files cannot start ({_name_ending(code)})."
    return Corrupt("reading-process", message, hint="Is memory short? Else install Wildways anew.")


def _name_ending(code: int) -> str:
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"signal {-code}"
