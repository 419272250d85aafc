"""``wildways ingest``."""

from pathlib import Path

import click

from wildways.cli.output import atlas_argument, json_option, progress_bars, reports_as_json, say_json, say_reports
from wildways.cli.steps import ingest, module_option
from wildways.model import open_atlas


@click.command(epilog="Example: wildways ingest my-atlas --module ungulates")
@atlas_argument
@module_option
@json_option
def command(atlas: Path, modules: tuple[str, ...], as_json: bool) -> None:
    """Read the sources of ATLAS into its store.

    Files that are stored already are left alone. One source is one transaction: it is stored whole or not at all.
    """
    with progress_bars(quiet=as_json) as progress:
        reports = ingest(open_atlas(atlas), modules, progress)
    if as_json:
        say_json({"files": reports_as_json(reports)})
    else:
        say_reports(reports)
