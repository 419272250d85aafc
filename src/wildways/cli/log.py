"""``wildways log``."""

from pathlib import Path

import click

from wildways.cli.output import atlas_argument, json_option, say_json


@click.command(epilog="Example: wildways log my-atlas --limit 10")
@atlas_argument
@click.option("--limit", type=click.IntRange(1), help="Only the latest so many.")
@json_option
def command(atlas: Path, limit: int | None, as_json: bool) -> None:
    """What changed the evidence of ATLAS, the latest first: snapshot, time, who, what, and rows added and removed.

    The number of a snapshot is what `query --as-of` and `sql --as-of` take.
    """
    from wildways.model import open_atlas
    from wildways.store import Workspace

    with Workspace.open(open_atlas(atlas).workspace, read_only=True) as workspace:
        history = workspace.history()[::-1][:limit]
    if as_json:
        say_json({"snapshots": [{**vars(one), "changes": [vars(change) for change in one.changes]} for one in history]})
        return
    for one in history:
        by = f" by {one.author}" if one.author else ""
        click.echo(f"{one.number}  {one.made_utc:%Y-%m-%d %H:%M:%S} UTC{by}: {one.message or 'no message'}")
        for change in one.changes:
            click.echo(f"    {change.table}: +{change.n_added:,} −{change.n_removed:,}")
