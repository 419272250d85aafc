"""``wildways remove``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildways.cli.output import atlas_argument, json_option, say_json

if TYPE_CHECKING:
    from wildways.store import Workspace


def scope_options(command: Any) -> Any:
    """The options that name a module, or a source, study or animal in it."""
    for option in (
        click.option("--animal", help="Id of the animal, as in the source."),
        click.option("--study", help="Name of the study."),
        click.option("--source", help="Source within the module."),
    ):
        command = option(command)
    return command


@click.command(epilog='Example: wildways remove my-atlas --module birds --animal 91732 --reason "owner withdrew it"')
@atlas_argument
@click.option("--module", required=True, help="Module.")
@scope_options
@click.option("--reason", required=True, help="Why; kept with the removal and in the log.")
@click.option("--purge-history", is_flag=True, help="Forget all earlier snapshots too, which erases it for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def command(
    atlas: Path,
    module: str,
    source: str | None,
    study: str | None,
    animal: str | None,
    reason: str,
    purge_history: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove a module's evidence, or a source, study or animal of it, from ATLAS, and keep it out.

    Ingest leaves it out until `wildways restore`. Earlier snapshots still hold it unless --purge-history is given.
    Your source files and earlier releases are not touched.
    """
    from wildways.model import open_atlas
    from wildways.store import Evidence, Workspace, remove_evidence

    definition = open_atlas(atlas)
    with Workspace.open(definition.workspace) as workspace:
        counts = Evidence(workspace, definition).counts(
            by=("kind",), module=module, source=source, study=study, animal=animal
        )
        found = {row["kind"]: row["n_records"] for row in counts.to_pylist()}
        if not yes:
            _confirm(found, purge_history=purge_history)
        changes = remove_evidence(workspace, module, source, study, animal, reason=reason)
        purged = _purge(workspace) if purge_history else None
    if as_json:
        removed = {change.table: change.n_removed for change in changes}
        say_json({"records": found, "removed": removed, "purged": None if purged is None else vars(purged)})
        return
    click.echo(f"Removed {_sum(found)}. `wildways build` and `release` make products and pages without it.")
    if purged is not None:
        click.echo(f"Forgot {purged.n_snapshots:,} snapshots: {purged.n_files:,} files, {purged.n_bytes:,} bytes.")


def _confirm(found: dict[str, int], *, purge_history: bool) -> None:
    import sys

    from wildways.model import BadInput

    if not sys.stdin.isatty():
        raise BadInput("not-confirmed", f"This would remove {_sum(found)}.", hint="Say --yes to do it.")
    for_good = " and forget every earlier snapshot, which cannot be undone" if purge_history else ""
    click.confirm(f"Remove {_sum(found)}{for_good}?", abort=True)


def _sum(found: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {kind} records" for kind, n in found.items()) or "no records"


def _purge(workspace: "Workspace") -> Any:
    return workspace.purge(before=datetime.now(UTC))
