"""The build: run what the modules declare, keep what has not changed, leave products in the workspace."""

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from dataclasses import dataclass
from pathlib import Path

from wildways.analyses.cache import code_version, content_key, keep_only, write_whole
from wildways.analyses.contract import Analysis, Draft, Plan, Remark, Unit
from wildways.analyses.evidence import EvidenceSelection, select_evidence
from wildways.analyses.registry import check_parameters, get_analysis
from wildways.analyses.windows_file import write_windows
from wildways.model import Atlas, ModuleDefinition, Place, Population, Product, Progress, WildwaysError, silent
from wildways.store import Workspace


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

    A unit whose result is in the cache is not computed again, so a build that was killed resumes where it was.
    A unit that fails is reported and left out of its population; the rest goes on.

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
    runs = [_run(task, workspace, executor, progress) for task in tasks]
    if not modules:
        _forget_undeclared(atlas, tasks)
    return runs


def _tasks(atlas: Atlas, module: ModuleDefinition, workspace: Workspace) -> Iterator[_Task]:
    file = atlas.folder / "modules" / f"{module.id}.toml"
    for number, request in enumerate(module.analyses):
        analysis = get_analysis(request.method)
        parameters = check_parameters(analysis, request.parameters, Place(file, None, f"analyses.{number}.parameters"))
        for population in module.populations:
            if request.populations and population.id not in request.populations:
                continue
            selection = select_evidence(atlas, module, population, workspace)
            key = content_key(
                code_version(),
                analysis.name,
                parameters.model_dump(mode="json"),
                selection.identity(),
                population.model_dump(mode="json"),
                module.title,
                atlas.header.simulated,
            )
            yield _Task(atlas, module, population, analysis, parameters, selection, key)


def _run(task: _Task, workspace: Workspace, executor: Executor, progress: Progress) -> Run:
    kept = _unchanged(task)
    if kept is not None:
        progress(1, 1, f"{task.module.id}.{task.population.id}: unchanged")
        return kept
    plan = task.analysis.plan(task.selection.load(workspace), task.parameters)
    cache = task.atlas.workspace / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    label = f"{task.module.id}.{task.population.id}"
    results, n_computed, failures = _compute(plan.units, cache, executor, progress, label)
    drafts = plan.merge(results)
    for draft in drafts:
        _install(draft, task.atlas.products_folder)
    _write_side_files(plan, task.atlas.workspace / "windows")
    run = Run(
        task.module.id,
        task.population.id,
        task.analysis.name,
        tuple(draft.product.id for draft in drafts),
        plan.remarks,
        len(plan.units),
        n_computed,
        failures,
    )
    if not failures:
        _record(task, run, plan.units)
    return run


def _compute(
    units: Sequence[Unit], cache: Path, executor: Executor, progress: Progress, label: str
) -> tuple[list[Path | None], int, tuple[Remark, ...]]:
    paths: list[Path | None] = [cache / unit.file_name for unit in units]
    missing = [number for number, unit in enumerate(units) if not (cache / unit.file_name).is_file()]
    done, failures = len(units) - len(missing), []
    progress(done, len(units), label)
    futures: dict[Future[None], int] = {
        executor.submit(run_unit, units[number], str(cache)): number for number in missing
    }
    try:
        for future in as_completed(futures):
            number = futures[future]
            try:
                future.result()
            except (WildwaysError, ArithmeticError, ValueError, MemoryError, CancelledError) as error:
                paths[number] = None
                failures.append(Remark("unit-failed", f"{units[number].label}: {error}"))
            done += 1
            progress(done, len(units), label)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return paths, len(missing), tuple(failures)


def run_unit(unit: Unit, cache: str) -> None:
    """Compute one unit into the cache; runs on any worker that sees the folder."""
    write_whole(Path(cache) / unit.file_name, lambda path: unit.compute(*unit.arguments, path))


def _install(draft: Draft, products: Path) -> None:
    """Put a product in place: its folder is whole or, for the moment of the swap, absent."""
    fresh, final = products / f".{draft.product.id}", products / draft.product.id
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    draft.write(fresh)
    draft.product.write(fresh)
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)


def _write_side_files(plan: Plan, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in plan.side_files.items():
        write_windows(frame, folder / name)


def _unchanged(task: _Task) -> Run | None:
    if not task.record_file.is_file():
        return None
    record = json.loads(task.record_file.read_text(encoding="utf-8"))
    products = tuple(record["products"])
    if record["key"] != task.key or not all((task.atlas.products_folder / p).is_dir() for p in products):
        return None
    remarks = tuple(Remark(**remark) for remark in record["remarks"])
    return Run(task.module.id, task.population.id, task.analysis.name, products, remarks)


def _record(task: _Task, run: Run, units: Sequence[Unit]) -> None:
    record = {
        "key": task.key,
        "products": run.products,
        "remarks": [vars(remark) for remark in run.remarks],
        "units": [unit.file_name for unit in units],
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
