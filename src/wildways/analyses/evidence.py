"""Which evidence a population has, and how it reaches an analysis."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.analyses.contract import PopulationEvidence
from wildways.analyses.windows_file import read_windows
from wildways.model import Atlas, Inputs, ModuleDefinition, Population
from wildways.store import Workspace

_FIX_COLUMNS = (
    "time_utc",
    "longitude",
    "latitude",
    "visible",
    "manually_marked_outlier",
    "algorithm_marked_outlier",
    "import_marked_outlier",
    "manually_marked_valid",
)
_ERROR_COLUMNS = (
    "sensor_type",
    "location_class",
    "semi_major_m",
    "semi_minor_m",
    "ellipse_orientation_deg",
    "uncertainty_m",
)
"""Carried only where some fix is not from GPS."""
_GPS = "gps"

_NULLABLE = {pa.bool_(): pd.BooleanDtype()}.get


@dataclass(frozen=True)
class EvidenceSelection:
    """The evidence a population asks for, identified without reading it."""

    module: ModuleDefinition
    population: Population
    source_ids: tuple[str, ...]
    source_files: tuple[tuple[str, str], ...]
    windows_file: Path | None
    windows_sha256: str | None
    snapshot: int
    simulated: bool

    def identity(self) -> list[Any]:
        """What tells two selections apart: the files, how they were read, and the decided windows."""
        return [sorted(self.source_files), sorted(self.source_ids), self.windows_sha256]

    def load(self, workspace: Workspace) -> PopulationEvidence:
        """Read the fixes of this selection's snapshot."""
        table = workspace.fixes(
            module_id=self.module.id,
            source_ids=self.source_ids,
            taxon=self.population.taxon,
            organism_ids=self.population.organisms,
            snapshot=self.snapshot,
        )
        inputs = Inputs(
            snapshot=self.snapshot,
            sources=_used(table, "source_id"),
            source_files=_used(table, "source_file_id"),
            windows_sha256=self.windows_sha256,
        )
        return PopulationEvidence(
            self.module,
            self.population,
            _fixes(table, self._deployments(workspace)),
            read_windows(self.windows_file),
            inputs,
            self.simulated,
        )

    def _deployments(self, workspace: Workspace) -> pa.Table:
        table = workspace.table("deployment", snapshot=self.snapshot)
        is_own = pc.and_(
            pc.equal(table["module_id"], self.module.id),
            pc.is_in(table["source_id"], value_set=pa.array(self.source_ids, pa.string())),
        )
        return table.filter(is_own)


def select_evidence(
    atlas: Atlas, module: ModuleDefinition, population: Population, workspace: Workspace
) -> EvidenceSelection:
    """What evidence there is for a population now.

    Raises
    ------
    NotFound : the population's windows file does not exist
    """
    source_ids = population.sources or tuple(source.id for source in module.sources)
    stored = workspace.source_files(module_id=module.id, source_ids=source_ids)
    files = zip(stored["source_file_id"].to_pylist(), stored["settings"].to_pylist(), strict=True)
    windows_file = None if population.windows is None else atlas.folder / population.windows
    windows_sha256 = None
    if windows_file is not None:
        read_windows(windows_file)
        windows_sha256 = hashlib.sha256(windows_file.read_bytes()).hexdigest()
    return EvidenceSelection(
        module,
        population,
        source_ids,
        tuple(sorted(files)),
        windows_file,
        windows_sha256,
        workspace.snapshot(),
        atlas.header.simulated,
    )


def _fixes(table: pa.Table, deployments: pa.Table) -> pd.DataFrame:
    """Fixes as the science wants them. An animal is called by its id, and by study and id where ids repeat."""
    frame: pd.DataFrame = table.select([*_FIX_COLUMNS, *_error_columns(table)]).to_pandas(types_mapper=_NULLABLE)
    study = table["study_id"].to_pandas().astype(str)
    organism = table["organism_id"].to_pandas().astype(str)
    pairs = pd.DataFrame({"study": study, "organism": organism}).drop_duplicates()
    repeated = set(pairs["organism"][pairs["organism"].duplicated()])
    undeployed = _undeployed(frame["time_utc"], study, organism, deployments)
    if undeployed.any():
        frame["undeployed"] = undeployed
    frame.insert(0, "animal_id", organism.where(~organism.isin(repeated), study + "/" + organism))
    return frame.sort_values(["animal_id", "time_utc"], kind="stable", ignore_index=True)


def _error_columns(table: pa.Table) -> list[str]:
    """The columns that say how wrong fixes are, where some are not from GPS and the column says something."""
    sensors = {str(name).lower() for name in table["sensor_type"].unique().to_pylist() if name}
    has_class = table["location_class"].null_count < len(table)
    has_ellipse = table["semi_major_m"].null_count < len(table)
    if not (sensors - {_GPS} or has_class or has_ellipse):
        return []
    return [name for name in _ERROR_COLUMNS if table[name].null_count < len(table)]


def _undeployed(
    time: "pd.Series[Any]", study: "pd.Series[Any]", organism: "pd.Series[Any]", deployments: pa.Table
) -> NDArray[np.bool_]:
    """Whether each fix lies outside all deployments of its animal; never where none of them has a date."""
    outside = np.zeros(len(time), dtype=bool)
    periods = deployments.select(["study_id", "organism_id", "deploy_on_utc", "deploy_off_utc"]).to_pandas()
    dated = periods["deploy_on_utc"].notna() | periods["deploy_off_utc"].notna()
    if not dated.any():
        return outside
    rows_of = time.groupby([study, organism]).indices
    for animal, own in periods.groupby(["study_id", "organism_id"]):
        rows = rows_of.get(animal)
        if rows is None or not dated[own.index].any():
            continue
        when, inside = time.iloc[rows], np.zeros(len(rows), dtype=bool)
        for on, off in zip(own["deploy_on_utc"], own["deploy_off_utc"], strict=True):
            inside |= ~((when < on) | (when > off)).to_numpy()
        outside[rows] = ~inside
    return outside


def _used(table: pa.Table, column: str) -> tuple[str, ...]:
    return tuple(sorted(table[column].unique().to_pylist()))
