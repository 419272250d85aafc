"""The build: run what the modules declare, keep what has not changed, leave products in the workspace."""

import json
import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from threading import Lock, local

import pandas as pd

from wildways.analyses.at_a_time import at_a_time
from wildways.analyses.cache import code_version, content_key, keep_only, write_whole
from wildways.analyses.computing import UnitComputer
from wildways.analyses.contract import Analysis, PopulationEvidence, Remark
from wildways.analyses.evidence import EvidenceSelection, select_evidence
from wildways.analyses.merging import start_merge
from wildways.analyses.registry import check_parameters, get_analysis
from wildways.analyses.windows_file import write_windows
from wildways.model import Atlas, ModuleDefinition, Place, Population, Product, Progress, silent
from wildways.store import Workspace

POPULATIONS_AT_ONCE = 2
"""Populations in the making where workers are processes, so that these have units of one while another is planned.
One where workers are threads: planning holds the GIL, and what libraries do to the filters of warnings is not safe
among threads."""
MERGES_BEHIND = 1
"""Runs whose products are being made while the units of the next one are computed; none where workers are threads."""


@dataclass(frozen=True)
class Run:
    """What one analysis of one population came to."""

    module: str
    population: str
    method: str
    products: tuple[str, ...]
    remarks: tuple[Remark, ...]
    n_units: int = 0
    n_computed: int = 0
    failures: tuple[Remark, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether nothing had to be computed at all."""
        return self.n_units == 0


@dataclass(frozen=True)
class _Task:
    atlas: Atlas
    module: ModuleDefinition
    population: Population
    analysis: Analysis
    parameters: object
    selection: EvidenceSelection
    key: str

    @property
    def record_file(self) -> Path:
        name = f"{self.module.id}.{self.population.id}.{self.analysis.name}.json"
        return self.atlas.workspace / "builds" / name


def build_atlas(
    atlas: Atlas,
    workspace: Workspace,
    executor: Executor,
    *,
    modules: Sequence[str] = (),
    progress: Progress = silent,
) -> list[Run]:
    """Run every declared analysis whose evidence, parameters or code have changed.

    A unit whose result is in the cache is not computed again, so a build that was killed resumes where it was. A unit
    that the science refuses (too few fixes, say) is left out with the reason in the run's remarks. One that fails
    twice is among the run's failures and left out of its population; the rest goes on. Neither is tried again while its
    inputs, parameters and code are the same, except after failures of the machine.

    Parameters
    ----------
    modules : ids of the modules to build; empty means all
    progress : called after every unit

    Raises
    ------
    BadInput, NotFound : a method, parameter or windows file named in a module is wrong
    """
    chosen = [atlas.module(name) for name in modules] or list(atlas.modules)
    tasks = [task for module in chosen for task in _tasks(atlas, module, workspace)]
    populations = [list(own) for _, own in groupby(tasks, key=lambda task: (task.module.id, task.population.id))]
    at_once, behind = (1, 0) if isinstance(executor, ThreadPoolExecutor) else (POPULATIONS_AT_ONCE, MERGES_BEHIND)
    evidence = _Loaded(workspace)

    def run(own: Sequence[_Task], told: Progress) -> list[Run]:
        return list(_merged_behind((_start(task, evidence, executor, told) for task in own), behind))

    runs = [done for own in at_a_time(at_once, run, populations, progress) for done in own]
    if not modules:
        _forget_undeclared(atlas, tasks)
    return runs


class _Loaded:
    """The evidence of the last population that a thread asked for, which the next analysis may want as well."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._reading = workspace, Lock()
        self._last = local()

    def evidence(self, selection: EvidenceSelection) -> PopulationEvidence:
        if getattr(self._last, "selection", None) != selection:
            self._last.selection = self._last.evidence = None
            with self._reading:
                self._last.evidence = selection.load(self._workspace)
            self._last.selection = selection
        found: PopulationEvidence = self._last.evidence
        return found


def _tasks(atlas: Atlas, module: ModuleDefinition, workspace: Workspace) -> Iterator[_Task]:
    """The analyses of each population, one population after the other."""
    file = atlas.folder / "modules" / f"{module.id}.toml"
    analyses = [get_analysis(request.method) for request in module.analyses]
    parameters = [
        check_parameters(analysis, request.parameters, Place(file, None, f"analyses.{number}.parameters"))
        for number, (request, analysis) in enumerate(zip(module.analyses, analyses, strict=True))
    ]
    for population in module.populations:
        wanted = [
            (analysis, checked)
            for request, analysis, checked in zip(module.analyses, analyses, parameters, strict=True)
            if not request.populations or population.id in request.populations
        ]
        if not wanted:
            continue
        selection = select_evidence(atlas, module, population, workspace)
        for analysis, checked in wanted:
            key = content_key(
                code_version(),
                analysis.name,
                checked.model_dump(mode="json"),
                selection.identity(),
                population.model_dump(mode="json"),
                module.title,
                atlas.header.simulated,
            )
            yield _Task(atlas, module, population, analysis, checked, selection, key)


@dataclass(frozen=True)
class _Started:
    """A run whose units are computed, and whose products a worker is making."""

    task: _Task
    remarks: tuple[Remark, ...]
    side_files: Mapping[str, pd.DataFrame]
    computer: UnitComputer
    products: Future[tuple[str, ...]]

    def finish(self) -> Run:
        """Wait for the products."""
        task, computer = self.task, self.computer
        products = self.products.result()
        _write_side_files(self.side_files, task.atlas.workspace / "windows")
        run = Run(
            task.module.id,
            task.population.id,
            task.analysis.name,
            products,
            (*self.remarks, *computer.remarks),
            computer.n_units,
            computer.n_computed,
            computer.failures,
        )
        if computer.is_settled:
            _record(task, run, computer.names)
        return run


def _merged_behind(runs: Iterator[Run | _Started], behind: int) -> Iterator[Run]:
    """The runs in order: while the products of one are made, the workers compute the units of the next."""
    started: deque[Run | _Started] = deque()
    for run in runs:
        started.append(run)
        if len(started) > behind:
            yield _finished(started.popleft())
    yield from map(_finished, started)


def _finished(run: Run | _Started) -> Run:
    return run if isinstance(run, Run) else run.finish()


def _start(task: _Task, loaded: _Loaded, executor: Executor, progress: Progress) -> Run | _Started:
    kept = _unchanged(task)
    label = f"{task.module.id}.{task.population.id}"
    if kept is not None:
        progress(1, 1, f"{label}: unchanged")
        return kept
    computer = UnitComputer(task.atlas.workspace / "cache", executor, progress, label)
    evidence = replace(loaded.evidence(task.selection), compute=computer)
    plan = task.analysis.plan(evidence, task.parameters)
    products = start_merge(executor, plan.merge, computer(plan.units), task.atlas.products_folder)
    return _Started(task, plan.remarks, plan.side_files, computer, products)


def _write_side_files(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        write_windows(frame, folder / name)


def _unchanged(task: _Task) -> Run | None:
    if not task.record_file.is_file():
        return None
    record = json.loads(task.record_file.read_text(encoding="utf-8"))
    products = tuple(record["products"])
    if record["key"] != task.key or not all((task.atlas.products_folder / p).is_dir() for p in products):
        return None
    remarks, failures = (tuple(Remark(**remark) for remark in record[kind]) for kind in ("remarks", "failures"))
    return Run(task.module.id, task.population.id, task.analysis.name, products, remarks, failures=failures)


def _record(task: _Task, run: Run, units: Sequence[str]) -> None:
    record = {
        "key": task.key,
        "products": run.products,
        "remarks": [vars(remark) for remark in run.remarks],
        "failures": [vars(failure) for failure in run.failures],
        "units": list(units),
    }

    def write(path: Path) -> None:
        path.write_text(json.dumps(record, indent=1), encoding="utf-8")

    write_whole(task.record_file, write)


def _forget_undeclared(atlas: Atlas, tasks: Sequence[_Task]) -> None:
    """After a build of everything: drop products, records and cached results that no declared analysis has."""
    keep_only(atlas.workspace / "builds", (task.record_file.name for task in tasks))
    products: set[str] = set()
    units: set[str] = set()
    for task in tasks:
        if task.record_file.is_file():
            record = json.loads(task.record_file.read_text(encoding="utf-8"))
            products.update(record["products"])
            units.update(record["units"])
    if all(task.record_file.is_file() for task in tasks):
        keep_only(atlas.workspace / "cache", units)
        for folder in atlas.products_folder.glob("*"):
            if folder.name not in products:
                shutil.rmtree(folder)


def read_products(atlas: Atlas) -> list[Product]:
    """The products in the workspace, sorted by id."""
    return [Product.read(file.parent) for file in sorted(atlas.products_folder.glob("[!.]*/product.json"))]
