"""Names behind EURING codes of species, schemes and places, from the code tables of the package ``euring``."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

UNKNOWN_SPECIES = "00000"


@cache
def species_names() -> Mapping[str, str]:
    """Scientific name by species code; the code that says the species is unknown has none."""
    return {code: name for code, name in _load("species").items() if code != UNKNOWN_SPECIES}


@cache
def scheme_names() -> Mapping[str, str]:
    """Ringing centre and country by scheme code."""
    return {code: " ".join(name.split()) for code, name in _load("scheme").items()}


@cache
def place_names() -> Mapping[str, str]:
    """Country, and region in brackets, by place code."""
    return _load("place")


def _load(table: str) -> dict[str, str]:
    """One of the package's tables; importing it takes a fifth of a second, so only readings do."""
    names: dict[str, str] = getattr(import_module("euring.data"), f"load_{table}_map")()
    return names
