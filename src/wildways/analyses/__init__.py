"""Floor 3: analyses bind evidence and parameters to the science and yield products."""

from wildways.analyses.build import Run, build_atlas, read_products
from wildways.analyses.computing import UnitComputer
from wildways.analyses.contract import Analysis, Draft, Plan, PopulationEvidence, Remark, Unit
from wildways.analyses.executors import open_executor
from wildways.analyses.registry import get_analysis, list_analyses

__all__ = [
    "Analysis",
    "Draft",
    "Plan",
    "PopulationEvidence",
    "Remark",
    "Run",
    "Unit",
    "UnitComputer",
    "build_atlas",
    "get_analysis",
    "list_analyses",
    "open_executor",
    "read_products",
]
