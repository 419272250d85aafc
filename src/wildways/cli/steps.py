"""The steps from an atlas folder to a release, as several commands take them."""

from collections.abc import Sequence
from pathlib import Path

import click

from wildways.analyses import Run, build_atlas, open_executor
from wildways.model import Atlas, FileReport, Progress
from wildways.release import write_release
from wildways.store import Workspace, ingest_atlas

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Dask scheduler, for example tcp://10.0.0.5:8786; “local”: worker processes of this machine.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(1), help="Threads, or local worker processes, to use. [default: one a core]"
)
module_option = click.option("--module", "modules", multiple=True, help="Only this module; may be repeated.")


def ingest(atlas: Atlas, modules: Sequence[str], progress: Progress) -> list[FileReport]:
    """Bring the store up to date with the sources."""
    with Workspace.open(atlas.workspace) as workspace:
        return ingest_atlas(atlas, workspace, modules=modules, progress=progress)


def build(
    atlas: Atlas, modules: Sequence[str], progress: Progress, *, cluster: str | None = None, workers: int | None = None
) -> list[Run]:
    """Bring the products up to date with the store."""
    with (
        Workspace.open(atlas.workspace, read_only=True) as workspace,
        open_executor(cluster, workers=workers) as executor,
    ):
        return build_atlas(atlas, workspace, executor, modules=modules, progress=progress)


def publish(atlas: Atlas, progress: Progress, *, name: str | None = None) -> Path:
    """Write a release of the products."""
    return write_release(atlas, name=name, progress=progress)


def say_runs(runs: Sequence[Run]) -> None:
    """What every analysis came to."""
    for run in runs:
        work = "unchanged" if run.unchanged else f"{run.n_computed} of {run.n_units} units computed"
        click.echo(f"{run.module}.{run.population} {run.method}: {len(run.products)} products, {work}")
        for remark in (*run.remarks, *run.failures):
            click.echo(f"  [{remark.code}] {remark.message}")


def runs_as_json(runs: Sequence[Run]) -> list[dict[str, object]]:
    """Runs for machines."""
    return [
        {
            "module": run.module,
            "population": run.population,
            "method": run.method,
            "products": run.products,
            "unchanged": run.unchanged,
            "units": run.n_units,
            "computed": run.n_computed,
            "remarks": [vars(remark) for remark in run.remarks],
            "failures": [vars(failure) for failure in run.failures],
        }
        for run in runs
    ]
