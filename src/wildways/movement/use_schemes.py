"""Schemes: the rules by which agencies call a place of low, medium or high use. The rules themselves are data."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from wildways.model.errors import BadInput, NotFound
from wildways.movement.isopleths import IsoplethBasis

FootprintOf = Literal["sequences", "mean"]
EqualWeight = Literal["animals", "years"]
_ROUNDING = 1e-9


@dataclass(frozen=True)
class UseClass:
    """A class of use: cells of at least `min_animals` animals and, where it is above zero, `min_share` of them."""

    name: str
    min_animals: int = 1
    min_share: float = 0.0

    def required(self, n_animals: int) -> int:
        """Animals a cell needs to be of this class in a population of `n_animals`."""
        return max(self.min_animals, math.ceil(self.min_share * n_animals - _ROUNDING))

    def is_meaningful(self, n_animals: int) -> bool:
        """Whether a share stands for more than two animals; a share that does not says nothing of the population."""
        return self.min_share == 0 or self.min_share * n_animals > 2 + _ROUNDING


@dataclass(frozen=True)
class UseScheme:
    """Classes of use from the widest to the narrowest, how they are counted, and where they are defined.

    Parameters
    ----------
    name, classes, reference : what it is called, the classes, where they are published
    title : in a few words
    footprint_of : an animal's footprint is the union of the isopleths of its ``"sequences"``, or the isopleth of their
        ``"mean"``
    equal_weight : what counts equally in the use of the population, ``"animals"`` or ``"years"``
    use_trim_level : share of the volume of each sequence that enters the mean use
    stopover_basis : stopovers are a share of the ``"volume"`` or of the used ``"area"``; the two differ widely

    Raises
    ------
    BadInput : ``use-scheme``: no class, more than 255, or a class that is not narrower than the one before it
    """

    name: str
    classes: tuple[UseClass, ...]
    reference: str
    title: str = ""
    footprint_of: FootprintOf = "sequences"
    equal_weight: EqualWeight = "animals"
    use_trim_level: float = 1.0
    stopover_basis: IsoplethBasis = "volume"

    def __post_init__(self) -> None:
        if not 1 <= len(self.classes) <= 255:
            raise BadInput("use-scheme", f"A scheme has 1 to 255 classes; “{self.name}” has {len(self.classes)}.")
        for wide, narrow in zip(self.classes, self.classes[1:], strict=False):
            if (narrow.min_share, narrow.min_animals) <= (wide.min_share, wide.min_animals):
                raise BadInput("use-scheme", f"Class “{narrow.name}” must ask for more than “{wide.name}”.")

    def from_animals(self, min_animals: int) -> "UseScheme":
        """The scheme without what fewer animals used: every class asks for `min_animals` or more."""
        kept = tuple(replace(use, min_animals=max(use.min_animals, min_animals)) for use in self.classes)
        unlike = {(use.min_share, use.min_animals): use for use in kept}
        return replace(self, classes=tuple(unlike.values()))

    def withholding_single_animals(self) -> "UseScheme":
        """The scheme without what only one animal used: every class asks for two animals or more."""
        return self.from_animals(2)


def get_scheme(name: str) -> UseScheme:
    """The scheme of that name in ``data/use_schemes.toml``.

    Raises
    ------
    NotFound : ``scheme-unknown``
    """
    known = use_schemes()
    if name not in known:
        raise NotFound("scheme-unknown", f"There is no scheme “{name}”.", hint=f"Known: {', '.join(known)}.")
    return known[name]


@cache
def use_schemes() -> Mapping[str, UseScheme]:
    """The published schemes by name."""
    text = files("wildways.movement").joinpath("data/use_schemes.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _scheme(name, row) for name, row in tomllib.loads(text).items()})


def _scheme(name: str, row: dict[str, Any]) -> UseScheme:
    classes = tuple(UseClass(**entry) for entry in row["classes"])
    settings = {key: value for key, value in row.items() if key not in {"classes", "date"}}
    return UseScheme(name=name, classes=classes, **settings)


USGS_CORRIDOR_TEAM = get_scheme("usgs-cmt")
"""Low: any animal. Medium: 10 % of the animals or more. High: 20 % or more."""
