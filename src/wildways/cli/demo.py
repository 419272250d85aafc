"""``wildways demo``."""

from pathlib import Path

import click

from wildways.cli.output import json_option, progress_bars, say_json
from wildways.cli.serve import find_release, server_options
from wildways.cli.steps import build, ingest, publish, runs_as_json, say_runs, workers_option
from wildways.model import NotFound, Progress, open_atlas


@click.command(epilog="Example: wildways demo demo --no-serve")
@click.argument("path", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--seed", default=2026, show_default=True, help="Seed of the simulation.")
@click.option("--no-serve", is_flag=True, help="Stop after writing the release.")
@workers_option
@server_options
@json_option
def command(path: Path, seed: int, no_serve: bool, workers: int | None, host: str, port: int, as_json: bool) -> None:
    """Make the demonstration atlas at PATH, build and release it, and serve it.

    Its animals are simulated, and everything that shows them says so. Run again, it serves what is there.
    """
    from wildways.simulate import write_demo_atlas

    if not (path / "atlas.toml").is_file():
        write_demo_atlas(path, seed=seed)
    atlas = open_atlas(path)
    with progress_bars(quiet=as_json) as progress:
        reports = ingest(atlas, (), progress)
        runs = build(atlas, (), progress, workers=workers)
        release = _release_if_changed(path, progress, changed=not all(run.unchanged for run in runs))
    if as_json:
        rows = {"rows": sum(report.n_rows for report in reports), "kept": sum(report.n_kept for report in reports)}
        say_json({"atlas": path, "release": release, **rows, "runs": runs_as_json(runs)})
    else:
        say_runs(runs)
        click.echo(f"{release}: the demonstration release, made of simulated animals")
    if not no_serve:
        from wildways.server import serve

        serve(release, host=host, port=port)


def _release_if_changed(path: Path, progress: Progress, *, changed: bool) -> Path:
    try:
        newest = find_release(path)
    except NotFound:
        newest = None
    return newest if newest is not None and not changed else publish(open_atlas(path), progress)
