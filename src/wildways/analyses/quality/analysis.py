"""The analysis itself: fixes → flags → one row an animal, with the rules in its record."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from wildways.analyses.contract import Draft, Plan, PopulationEvidence, Remark
from wildways.analyses.quality.account import account_units
from wildways.analyses.quality.products import quality_draft
from wildways.analyses.quality.rules import cleaning_rules
from wildways.movement import unknown_group


class QualityParameters(BaseModel):
    """What can be set under ``parameters`` of an analysis with ``method = "quality"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speed_limit_mps: float | None = Field(
        None, gt=0, description="Fastest speed believed, m/s; without it that of the taxon's group."
    )


class Quality:
    """What is known against the fixes of a population: counts by rule, one row an animal."""

    name = "quality"
    description = "What is known against the fixes of a population: counts by rule, one row an animal."
    parameters = QualityParameters

    def plan(self, evidence: PopulationEvidence, parameters: QualityParameters) -> Plan:
        """Split the work into pieces of whole animals."""
        taxon = evidence.population.taxon
        if evidence.fixes.empty:
            message = f"No fix of {taxon} is stored here. Is the taxon spelt as the source has it?"
            return Plan((), lambda _: (), (Remark("population-empty", message, 0),))
        group = cleaning_rules(taxon, parameters.speed_limit_mps)
        remarks = []
        if group is unknown_group():
            message = f"No group of rules is known for {taxon}; those for any animal were used."
            remarks.append(Remark("rules-unknown", message))

        source = evidence.without_fixes()

        def merge(results: Sequence[Path | None]) -> Sequence[Draft]:
            parts = [pd.read_parquet(path) for path in results if path is not None]
            return [quality_draft(source, parameters, group, pd.concat(parts, ignore_index=True))] if parts else ()

        return Plan(account_units(evidence.fixes, group.rules), merge, tuple(remarks))
