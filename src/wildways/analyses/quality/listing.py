"""Every flagged fix of a population with the rule, what was measured and the limit: for its owner, never published."""

import pandas as pd

from wildways.analyses.contract import PopulationEvidence
from wildways.analyses.quality.rules import cleaning_rules
from wildways.movement import UNUSABLE, QualityFlag, assess, flag_name

LISTING_COLUMNS = (
    "module",
    "population",
    "animal_id",
    "time_utc",
    "longitude",
    "latitude",
    "rule",
    "value",
    "limit",
    "unit",
    "is_left_out",
)
"""``is_left_out``: the rule keeps the fix out of analyses; the others only warn."""

_LEAVES_OUT = {flag_name(flag): bool(flag & UNUSABLE) for flag in QualityFlag}


def list_flagged(evidence: PopulationEvidence, *, speed_limit_mps: float | None = None) -> pd.DataFrame:
    """List the flagged fixes: one row a fix and rule, by animal and time, `LISTING_COLUMNS`.

    Parameters
    ----------
    speed_limit_mps : fastest speed believed; None: that of the taxon's group
    """
    fixes = evidence.fixes
    reasons = assess(fixes, cleaning_rules(evidence.population.taxon, speed_limit_mps).rules).reasons
    rows = reasons["fix"].to_numpy()
    listed = reasons.assign(
        module=evidence.module.id,
        population=evidence.population.id,
        longitude=fixes["longitude"].to_numpy()[rows],
        latitude=fixes["latitude"].to_numpy()[rows],
        is_left_out=reasons["rule"].map(_LEAVES_OUT).astype(bool),
    )
    return listed[list(LISTING_COLUMNS)]
