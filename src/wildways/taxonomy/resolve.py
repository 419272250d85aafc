"""Names as sources write them, resolved to one taxon or to none: never guessed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from wildways.taxonomy.names import NameParts, parse_name
from wildways.taxonomy.suggest import MAX_SUGGESTIONS, Suggestion, suggest, suggest_same_epithet
from wildways.taxonomy.tables import accepted_names, get_taxon, synonyms


class NameStatus(StrEnum):
    """How a name led to a taxon, or why it did not."""

    EXACT = "exact"
    """It is an accepted name, letter for letter."""
    NORMALISED = "normalised"
    """It is an accepted name once case, spaces, author or subspecies are set aside."""
    SYNONYM = "synonym"
    """It is another name of the taxon."""
    MISSPELT = "misspelt"
    """No name is written so; similar ones are suggested and none is taken."""
    UNKNOWN = "unknown"
    """The table has no such name, or the text names no single species."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a verbatim name stands for. ``taxon_id`` and ``scientific_name`` are None where it is not certain."""

    verbatim: str
    status: NameStatus
    taxon_id: str | None = None
    scientific_name: str | None = None
    note: str = ""
    suggestions: tuple[Suggestion, ...] = ()


def resolve_name(verbatim: str | None) -> Resolution:
    """Resolve one verbatim name.

    Parameters
    ----------
    verbatim : a scientific name as written, with or without author; None: no name

    Returns
    -------
    The taxon where the name is certain. A subspecies leads to its species, which ``note`` says, unless the table knows
    the three words as a synonym. A misspelt name, a hybrid, ``sp.`` and a name marked as doubtful (cf., aff., ?) lead
    to no taxon; names that may be meant are in ``suggestions``.
    """
    return _resolve(verbatim) if isinstance(verbatim, str) else Resolution("", NameStatus.UNKNOWN, note="no name")


def resolve_names(verbatims: Iterable[str | None]) -> list[Resolution]:
    """Resolve many names in order, each distinct one once; cost grows with the number of distinct names."""
    names = list(verbatims)
    known = {name: resolve_name(name) for name in set(names)}
    return [known[name] for name in names]


@lru_cache(maxsize=65_536)
def _resolve(verbatim: str) -> Resolution:
    taxon_id = accepted_names().get(verbatim)
    if taxon_id is not None:
        return Resolution(verbatim, NameStatus.EXACT, taxon_id, verbatim)
    parts = parse_name(verbatim)
    if parts.species is None:
        return Resolution(verbatim, NameStatus.UNKNOWN, note=_why_no_species(parts))
    if parts.is_doubtful:
        note = "The identification is marked as doubtful."
        return Resolution(verbatim, NameStatus.UNKNOWN, note=note, suggestions=suggest(parts.species))
    return _known(verbatim, parts) or _suggested(verbatim, parts.species)


def _known(verbatim: str, parts: NameParts) -> Resolution | None:
    taxon_id = synonyms().get(parts.subspecies or "")
    if taxon_id is not None:
        return _resolution(verbatim, NameStatus.SYNONYM, taxon_id)
    note = f"Subspecies {parts.infraspecific} of {parts.species}." if parts.subspecies else ""
    for status, names in ((NameStatus.NORMALISED, accepted_names()), (NameStatus.SYNONYM, synonyms())):
        taxon_id = names.get(parts.species or "")
        if taxon_id is not None:
            return _resolution(verbatim, status, taxon_id, note)
    return None


def _suggested(verbatim: str, species: str) -> Resolution:
    near, moved = suggest(species), suggest_same_epithet(species)
    if near:
        both = tuple(dict.fromkeys(near + moved))[:MAX_SUGGESTIONS]
        return Resolution(verbatim, NameStatus.MISSPELT, note="No name is written so.", suggestions=both)
    return Resolution(verbatim, NameStatus.UNKNOWN, note="The table has no such name.", suggestions=moved)


def _resolution(verbatim: str, status: NameStatus, taxon_id: str, note: str = "") -> Resolution:
    return Resolution(verbatim, status, taxon_id, get_taxon(taxon_id).scientific_name, note)


def _why_no_species(parts: NameParts) -> str:
    if parts.note == "hybrid":
        return "A hybrid is no single taxon."
    if parts.note == "indeterminate":
        return f"Only the genus {parts.genus} is named."
    return "This is not a scientific name."
