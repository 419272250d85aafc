"""Licences: what each asks for, and which one a product of several sources may carry."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SHARE_ALIKE = "share-alike"
NO_DERIVATIVES = "no-derivatives"


@dataclass(frozen=True)
class Licence:
    """A licence by its SPDX identifier, and the conditions it puts on reuse."""

    id: str
    name: str
    url: str
    requires: frozenset[str]


def find_licence(identifier: str) -> Licence | None:
    """The licence of that SPDX identifier (case does not matter), or None where it is not one we know."""
    return _known().get(identifier.strip().casefold())


def combine_licences(own: Licence, sources: Sequence[Licence]) -> Licence | None:
    """The licence of something derived from `sources` and published under `own`, or None where there is none.

    The result asks for everything that any of them asks for; among licences that do, `own` comes first, then the
    sources' in order. Sources that forbid derivatives have no such licence. What is share-alike stays under that very
    licence, so two different share-alike licences, or conditions beyond it, exclude each other.
    """
    if any(NO_DERIVATIVES in source.requires for source in sources):
        return None
    everybody = (own, *sources)
    required = frozenset[str]().union(*(licence.requires for licence in everybody))
    share_alike = {licence for licence in everybody if SHARE_ALIKE in licence.requires}
    if share_alike:
        kept = share_alike.pop()
        return kept if not share_alike and kept.requires == required else None
    fitting = (licence for licence in (*everybody, *_known().values()) if licence.requires == required)
    return next(fitting, None)


@cache
def _known() -> dict[str, Licence]:
    table = tomllib.loads((files("wildways.release") / "licences.toml").read_text(encoding="utf-8"))
    return {
        identifier.casefold(): Licence(identifier, row["name"], row["url"], frozenset(row["requires"]))
        for identifier, row in table.items()
    }
