"""When a fix is flagged: the rules, their defaults by group of taxa, and where each default comes from."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from wildways.model.errors import BadInput
from wildways.movement.argos import LOCATION_CLASSES

_MAY_BE_ZERO = frozenset({"min_dt_s", "equinox_days"})
_RANKS = ("genera", "families", "orders", "classes")


@dataclass(frozen=True)
class CleaningRules:
    """When a fix is flagged; None turns a rule off.

    These defaults are for ungulates; `rules_for` gives those of a taxon. What each means, its unit and source stand in
    ``data/quality_rules.toml``.
    """

    vmax_mps: float = 3.0
    """Fastest speed believed, metres a second."""
    longest_spike: int = 3
    """Most consecutive fixes that may form one spike."""
    immobile_radius_m: float = 50.0
    """Radius of the spot that an immobile animal does not leave."""
    immobile_h: float = 48.0
    """Shortest stay that counts as immobile, hours."""
    max_gap_h: float = 49.0
    """Longest time between fixes that is not a gap, hours."""
    min_dt_s: float = 0.0
    """Time after a fix within which another adds nothing, seconds."""
    zero_position_m: float = 200_000.0
    """A fix at 0, 0 without another fix this near is none."""
    max_error_m: float = 100_000.0
    """Largest standard deviation with which a fix still says something; not for geolocators."""
    sharp_angle_deg: float | None = None
    """Sharpest inner angle believed above `sharp_above_mps`."""
    sharp_above_mps: float | None = None
    """Speed from which sharp angles are not believed."""
    sda_angles_deg: tuple[float, ...] = (15.0, 25.0)
    """Sharpest inner angles believed of Argos fixes."""
    sda_lengths_m: tuple[float, ...] = (2500.0, 5000.0)
    """Lengths of both steps from which each of these angles counts."""
    loop_angle_deg: float | None = None
    """Widest inner angle of a loop."""
    loop_above_mps: float | None = None
    """Speed into or out of a loop from which it is not believed."""
    unknown_class: str = "B"
    """Location class that an Argos fix without class and ellipse is given."""
    geolocator_error_m: float = 148_000.0
    """Standard deviation along each axis of geolocator positions that state no error."""
    equinox_days: float = 20.0
    """Days before and after an equinox in which light tells nothing of latitude."""
    equinox_error_m: float = 50_000.0
    """Least standard deviation from south to north in that time, where the source states an error."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            for number in value if isinstance(value, tuple) else (value,):
                _require_sense(name, number)
        if len(self.sda_angles_deg) != len(self.sda_lengths_m):
            raise BadInput("cleaning-rule", "sda_angles_deg and sda_lengths_m differ in length; they go in pairs.")


@dataclass(frozen=True)
class RuleSource:
    """Where the value of a rule comes from."""

    text: str
    status: str
    """``from a source``, or ``expert default, to be confirmed``."""


@dataclass(frozen=True)
class TaxonGroup:
    """Taxa that share their rules, and which they are."""

    id: str
    title: str
    members: Mapping[str, frozenset[str]]
    """Names by rank: ``genera``, ``families``, ``orders``, ``classes``."""
    rules: CleaningRules
    sources: Mapping[str, RuleSource]
    """Of each rule that is on."""

    def with_limit(self, vmax_mps: float | None, source: RuleSource) -> "TaxonGroup":
        """The same with another speed limit; unchanged where it is None."""
        if vmax_mps is None:
            return self
        sources = MappingProxyType({**self.sources, "vmax_mps": source})
        return replace(self, rules=replace(self.rules, vmax_mps=vmax_mps), sources=sources)


@dataclass(frozen=True)
class RuleMeaning:
    """What a rule is, for people."""

    name: str
    meaning: str
    unit: str


def rules_for(taxon: str, lineage: Iterable[str] = ()) -> TaxonGroup:
    """The rules of a taxon's group.

    The group is the one that names the taxon or its genus; else its family, its order or its class, where `lineage`
    tells them. Where no group does, it is the group ``unknown``, whose speed limit no animal passes for long.

    Parameters
    ----------
    taxon : scientific name: of a species, genus, family …
    lineage : names of higher taxa, in any order
    """
    name = taxon.strip()
    names = {name, name.split(" ", 1)[0], *lineage} - {""}
    for rank in _RANKS:
        for group in taxon_groups().values():
            if names & group.members[rank]:
                return group
    return unknown_group()


def speed_limit_for(taxon: str, lineage: Iterable[str] = ()) -> float | None:
    """The fastest speed believed of a taxon, metres a second, or None where no group has it; see `rules_for`."""
    group = rules_for(taxon, lineage)
    return None if group is unknown_group() else group.rules.vmax_mps


@cache
def taxon_groups() -> Mapping[str, TaxonGroup]:
    """The groups of taxa of ``data/quality_rules.toml``, by their id."""
    table = _table()["groups"]
    return MappingProxyType({key: _group(key, row) for key, row in table.items()})


@cache
def unknown_group() -> TaxonGroup:
    """The rules of animals that belong to no group."""
    return _group("unknown", {"title": "Animals of no known group"})


@cache
def rule_meanings() -> Mapping[str, RuleMeaning]:
    """What each rule is, by its name, in the order of `CleaningRules`."""
    rows = _table()["rules"]
    named = (field.name for field in fields(CleaningRules))
    return MappingProxyType({name: RuleMeaning(name, rows[name]["meaning"], rows[name]["unit"]) for name in named})


@cache
def _table() -> dict[str, Any]:
    path = files("wildways.movement").joinpath("data/quality_rules.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _group(key: str, row: Mapping[str, Any]) -> TaxonGroup:
    known = {name: RuleSource(**source) for name, source in _table()["sources"].items()}
    chosen = {name: rule for name, rule in _table()["rules"].items() if "value" in rule} | row.get("rules", {})
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v := rule["value"], list) else v for name, rule in chosen.items()
    }
    return TaxonGroup(
        key,
        row["title"],
        MappingProxyType({rank: frozenset(row.get(rank, ())) for rank in _RANKS}),
        CleaningRules(**values),
        MappingProxyType({name: known[rule["source"]] for name, rule in chosen.items()}),
    )


def _require_sense(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, str):
        if value not in LOCATION_CLASSES[:-1]:
            raise BadInput("cleaning-rule", f"{name} is {value}; it must be one of {', '.join(LOCATION_CLASSES[:-1])}.")
        return
    number = float(value)  # type: ignore[arg-type]
    if not (math.isfinite(number) and (number > 0 or (number == 0 and name in _MAY_BE_ZERO))):
        raise BadInput("cleaning-rule", f"{name} is {value}; it must be greater than 0.")
