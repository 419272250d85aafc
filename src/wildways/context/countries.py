"""Codes and names of countries."""

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from wildways.model import BadInput

MAX_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory with a code of its own: ISO 3166-1 codes and names by UN language (``en``, ``fr`` …)."""

    code: str
    alpha_2: str
    names: Mapping[str, str]


def country_code(text: str, countries: Mapping[str, Country], aliases: Mapping[str, str]) -> str:
    """Find the alpha-3 code that a text stands for: a code itself or a name, whatever its case and accents.

    Parameters
    ----------
    text : ``KEN``, ``ke``, ``Kenya``, ``Côte d'Ivoire``, ``cote d ivoire``
    countries : by alpha-3 code
    aliases : codes by further names

    Raises
    ------
    BadInput : ``unknown-country``, with the names that are nearest
    """
    known = _known(countries, aliases)
    folded = _folded(text)
    if folded in known:
        return known[folded]
    names = {_folded(country.names["en"]): country.names["en"] for country in countries.values()}
    names |= {_folded(name): name for country in countries.values() for name in country.names.values()}
    near = [names.get(name, name) for name in difflib.get_close_matches(folded, names, n=MAX_SUGGESTIONS)]
    raise BadInput(
        "unknown-country",
        f"There is no country {text!r}.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "Give its name or its ISO 3166-1 code, such as KEN.",
    )


def _known(countries: Mapping[str, Country], aliases: Mapping[str, str]) -> dict[str, str]:
    """Codes by folded name; codes win over names, and names over aliases."""
    known = {_folded(name): code for name, code in aliases.items()}
    known |= {_folded(name): country.code for country in countries.values() for name in country.names.values()}
    known |= {country.alpha_2.lower(): country.code for country in countries.values()}
    return known | {code.lower(): code for code in countries}


def _folded(text: str) -> str:
    """Lower case without accents, apostrophes and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
