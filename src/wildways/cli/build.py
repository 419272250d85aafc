"""``wildways build``."""

from pathlib import Path

import click

from wildways.cli.output import atlas_argument, json_option, progress_bars, say_json
from wildways.cli.steps import build, cluster_option, module_option, runs_as_json, say_runs, workers_option
from wildways.model import open_atlas


@click.command(epilog="Example: wildways build my-atlas --cluster tcp://10.0.0.5:8786")
@atlas_argument
@module_option
@cluster_option
@workers_option
@json_option
def command(atlas: Path, modules: tuple[str, ...], cluster: str | None, workers: int | None, as_json: bool) -> None:
    """Run the analyses that the modules of ATLAS declare.

    Only what has changed is computed; a build that was interrupted goes on where it was. The migration dates it
    proposes are left under .wildways/windows for a person to look at, copy and correct. Exits with 1 if a part failed.
    """
    with progress_bars(quiet=as_json) as progress:
        runs = build(open_atlas(atlas), modules, progress, cluster=cluster, workers=workers)
    if as_json:
        say_json({"runs": runs_as_json(runs)})
    else:
        say_runs(runs)
    if any(run.failures for run in runs):
        click.get_current_context().exit(1)
