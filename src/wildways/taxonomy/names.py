"""Scientific names as people write them, taken apart. Pure; text in, parts out."""

import re
import unicodedata
from dataclasses import dataclass

MAX_NAME_LENGTH = 300
"""Longer texts are not names."""

_HYBRID = re.compile(r"[×✕]|(?<=\s)[xX](?=\s)")
_INDETERMINATE = re.compile(r"^(sp|spp|spec|species|indet)\.?$", re.IGNORECASE)
_RANKS = frozenset({"subsp.", "ssp.", "subsp", "ssp", "var.", "var", "f."})
_DOUBTS = frozenset({"cf.", "cf", "aff.", "aff", "?"})
_PARTICLES = frozenset({"auct", "d", "da", "de", "del", "den", "der", "des", "di", "du", "et", "ex"})
_MORE_PARTICLES = frozenset({"in", "la", "le", "nec", "non", "sensu", "ten", "van", "vom", "von", "zu", "zur"})
_GENUS = re.compile(r"^[^\W\d_]{2,}$")
_EPITHET = re.compile(r"^[^\W\d_]{2,}(-[^\W\d_]+)*$")


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart: genus capitalised, epithets in small letters, the author's name gone.

    ``species`` is None where the text names no single species; ``note`` then says why: ``hybrid``, ``indeterminate``,
    ``not a name``. ``is_doubtful`` tells that the writer was not sure (cf., aff., ?).
    """

    genus: str = ""
    epithet: str = ""
    infraspecific: str = ""
    is_doubtful: bool = False
    note: str = ""

    @property
    def species(self) -> str | None:
        """Genus and epithet."""
        return f"{self.genus} {self.epithet}" if self.epithet else None

    @property
    def subspecies(self) -> str | None:
        """Genus and both epithets."""
        return f"{self.species} {self.infraspecific}" if self.infraspecific else None


def parse_name(verbatim: str) -> NameParts:
    """Take a scientific name apart.

    Spaces, underscores and case do not matter. A subgenus in parentheses and the author with the year are dropped. A
    third word in small letters is a subspecies unless it is part of an author's name (``van``, ``de`` ...).
    """
    text = " ".join(unicodedata.normalize("NFC", verbatim[:MAX_NAME_LENGTH]).replace("_", " ").split())
    if not text or len(verbatim) > MAX_NAME_LENGTH:
        return NameParts(note="not a name")
    if _HYBRID.search(text):
        return NameParts(note="hybrid")
    words = re.sub(r"^(\S+) \([^()]*\)(?= [^\W\d_])", r"\1", text).split()
    doubtful = any(word.lower() in _DOUBTS for word in words)
    words = [word for word in words if word.lower() not in _DOUBTS]
    if not words or not _GENUS.match(words[0]):
        return NameParts(note="not a name")
    genus = words[0].capitalize()
    if len(words) == 1 or _INDETERMINATE.match(words[1]):
        return NameParts(genus, is_doubtful=doubtful, note="indeterminate")
    if not _EPITHET.match(words[1].rstrip(",")):
        return NameParts(genus, is_doubtful=doubtful, note="not a name")
    return NameParts(genus, words[1].rstrip(",").lower(), _infraspecific(words[2:], text.isupper()), doubtful)


def _infraspecific(words: list[str], is_shouted: bool) -> str:
    if words and words[0].lower() in _RANKS:
        words = words[1:]
    elif words and words[0].lower() in _PARTICLES | _MORE_PARTICLES:
        return ""
    if not words or not _EPITHET.match(words[0]) or not (words[0].islower() or is_shouted):
        return ""
    return words[0].lower()
