"""Names near a misspelt one, with their distance. Suggestions for a person to choose from, never an answer."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from wildways.taxonomy.tables import accepted_names, get_taxon, synonyms

MAX_DISTANCE = 3
"""Most edits between a misspelt name and a suggestion."""
MAX_SUGGESTIONS = 5
"""Most names suggested for one."""

_N_LETTERS = 32


@dataclass(frozen=True, slots=True, order=True)
class Suggestion:
    """A name that may have been meant: ``distance`` edits away, accepted as ``scientific_name``."""

    distance: int
    name: str
    scientific_name: str
    taxon_id: str


def suggest(species: str) -> tuple[Suggestion, ...]:
    """Suggest known names within `MAX_DISTANCE` edits of genus and epithet, nearest first.

    An edit inserts, deletes or changes a letter or swaps two neighbours. Short names allow fewer edits: one for every
    four letters.

    References
    ----------
    Damerau (1964), Communications of the ACM 7, doi:10.1145/363958.363994: the four edits.
    """
    limit = min(MAX_DISTANCE, len(species) // 4)
    names, letters = _known_names()
    bags = np.abs(letters - _letter_counts(species)).sum(axis=1)
    near = (names[at] for at in np.flatnonzero(bags <= 2 * limit))
    found = [(edit_distance(species.lower(), name.lower(), limit=limit), name) for name in near]
    return _suggestions([pair for pair in found if pair[0] <= limit])


def suggest_same_epithet(species: str) -> tuple[Suggestion, ...]:
    """Suggest known names with the same epithet: the species may have moved to another genus."""
    epithet = species.split()[1]
    near = [name for name in _known_names()[0] if name.split()[1] == epithet]
    return _suggestions([(edit_distance(species.lower(), name.lower()), name) for name in near])


def edit_distance(left: str, right: str, *, limit: int | None = None) -> int:
    """Count the edits (insert, delete, change, swap neighbours) that make one text of the other.

    No letter is edited twice (optimal string alignment). With a ``limit``, counting stops where it is passed: the
    answer is then some number above it.
    """
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        above, two_above = row, before
        row = [i]
        for j, other in enumerate(right, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
        if limit is not None and min(row) > limit and min(above) > limit:
            return min(row)
        before = above
    return row[-1]


def _suggestions(found: list[tuple[int, str]]) -> tuple[Suggestion, ...]:
    known = {**synonyms(), **accepted_names()}
    nearest = sorted(found)[:MAX_SUGGESTIONS]
    return tuple(
        Suggestion(distance, name, get_taxon(known[name]).scientific_name, known[name]) for distance, name in nearest
    )


@cache
def _known_names() -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.int16]]]:
    names = sorted({" ".join(name.split()[:2]) for name in accepted_names()} | _binomials())
    return names, np.array([_letter_counts(name) for name in names], dtype=np.int16)


def _binomials() -> set[str]:
    return {name for name in synonyms() if name.count(" ") == 1}


def _letter_counts(name: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """How often each letter occurs: two names differ by at least half the sum of the differences."""
    codes = np.frombuffer(name.lower().encode("utf-32-le"), dtype=np.uint32) % _N_LETTERS
    return np.bincount(codes, minlength=_N_LETTERS).astype(np.int16)
