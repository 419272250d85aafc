"""What an analysis is: evidence and parameters in, units of work that can run anywhere, products out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from pydantic import BaseModel

from wildways.model import Inputs, ModuleDefinition, Population, Product
from wildways.movement import CleaningRules, PreparedTracks, prepare_tracks

ComputeUnits = Callable[[Sequence["Unit"]], Sequence[Path | None]]
"""Computes units where there are workers and gives their results in order, None for those that failed."""

_How = tuple[CleaningRules, float | None]
"""How tracks are prepared: rules, hours between smoothed positions."""


@dataclass(frozen=True)
class PopulationEvidence:
    """The evidence of one population, as an analysis gets it.

    ``fixes`` has one row a fix: ``animal_id, time_utc, longitude, latitude`` and the owner's outlier marks,
    sorted by animal and time. ``decided_windows`` holds the migration windows decided by people. ``compute`` is for
    work that must be done before the units of the plan are known; without it an analysis does that work itself.
    """

    module: ModuleDefinition
    population: Population
    fixes: pd.DataFrame
    decided_windows: pd.DataFrame
    inputs: Inputs
    simulated: bool = False
    compute: ComputeUnits | None = None
    _prepared: dict[_How, tuple[pd.DataFrame, PreparedTracks]] = field(default_factory=dict, repr=False)

    def prepared(self, rules: CleaningRules, step_h: float | None) -> PreparedTracks:
        """The positions of the population (`prepare_tracks`), made once for all analyses that want the same ones.

        Raises
        ------
        BadInput : as `prepare_tracks`
        """
        made_of, made = self._prepared.get((rules, step_h), (None, None))
        if made is None or made_of is not self.fixes:
            made = prepare_tracks(self.fixes, rules, step_h=step_h)
            self._prepared[rules, step_h] = self.fixes, made
        return made

    def without_fixes(self) -> "PopulationEvidence":
        """What products say of where they come from, small enough to travel to a worker."""
        return replace(self, fixes=self.fixes.iloc[:0], compute=None, _prepared={})


@dataclass(frozen=True)
class Unit:
    """One independent piece of work. ``compute(*arguments, path)`` writes its result to ``path``.

    The key is the content of everything the result depends on: equal keys, equal results. A `WildwaysError` that
    ``compute`` raises is a result too: the unit is left out for that reason, and is not tried again.
    """

    key: str
    label: str
    compute: Callable[..., None]
    arguments: tuple[Any, ...]
    suffix: str = ".npz"

    @property
    def file_name(self) -> str:
        """Name of the result in the cache."""
        return f"{self.key}{self.suffix}"

    @property
    def refusal_name(self) -> str:
        """Name of the file in the cache that says why there is no result."""
        return f"{self.key}.refused.json"


@dataclass(frozen=True)
class Draft:
    """A product before it has a home: its record, and what writes its data file into a folder."""

    product: Product
    write: Callable[[Path], None]


@dataclass(frozen=True)
class Remark:
    """Something a person should know about a run: a sequence left out, animals without migration …"""

    code: str
    message: str
    count: int = 1


@dataclass(frozen=True)
class Plan:
    """An analysis of one population, split: the units, and what to make of their results.

    ``merge`` is called with the results' paths in the order of the units; a unit that failed gives None. A worker calls
    it, and writes the drafts it gives: whatever it holds travels there, so it should not hold the fixes.
    ``side_files`` are written beside the workspace for people, never published (name → frame).
    """

    units: Sequence[Unit]
    merge: Callable[[Sequence[Path | None]], Sequence[Draft]]
    remarks: tuple[Remark, ...] = ()
    side_files: dict[str, pd.DataFrame] = field(default_factory=dict)


class Analysis(Protocol):
    """A named, parameterised computation. Third parties add one through the entry point ``wildways.analyses``."""

    name: str
    description: str
    parameters: type[BaseModel]

    def plan(self, evidence: PopulationEvidence, parameters: Any) -> Plan:
        """Split the work for one population."""
        ...
