"""``wildways restore``."""

from pathlib import Path

import click

from wildways.cli.output import atlas_argument, json_option, say_json
from wildways.cli.remove import scope_options


@click.command(epilog="Example: wildways restore my-atlas --module birds --animal 91732")
@atlas_argument
@click.option("--module", help="Module. [default: list what was removed]")
@scope_options
@json_option
def command(
    atlas: Path, module: str | None, source: str | None, study: str | None, animal: str | None, as_json: bool
) -> None:
    """Lift a removal, named as it was for `wildways remove`; the next `wildways ingest` takes the evidence in again.

    Without --module, list what was removed from ATLAS, by whom and why.
    """
    from wildways.model import open_atlas
    from wildways.store import Workspace, restore_evidence

    with Workspace.open(open_atlas(atlas).workspace, read_only=module is None) as workspace:
        if module is None:
            removals = workspace.table("removal").to_pylist()
        else:
            removals = [vars(removal) for removal in restore_evidence(workspace, module, source, study, animal)]
    if as_json:
        say_json({"removals" if module is None else "restored": removals})
        return
    for removal in removals:
        names = ", ".join(
            f"{name.removesuffix('_id')} {removal[name]}"
            for name in ("module_id", "source_id", "study_id", "organism_id")
            if removal[name] is not None
        )
        said = f"{removal['reason']} ({removal['removed_by']}, {removal['removed_utc']:%Y-%m-%d})"
        click.echo(f"{names}: {said}" if module is None else f"{names}: restored; run `wildways ingest`")
    if not removals:
        click.echo("Nothing was removed.")
