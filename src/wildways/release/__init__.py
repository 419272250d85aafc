"""Floor 4: the gate, and releases written, opened and verified."""

from wildways.release.checksums import verify_release
from wildways.release.gate import Decision, decide
from wildways.release.opening import Release, open_release
from wildways.release.texts import in_language
from wildways.release.writing import review_release, write_release

__all__ = [
    "Decision",
    "Release",
    "decide",
    "in_language",
    "open_release",
    "review_release",
    "verify_release",
    "write_release",
]
