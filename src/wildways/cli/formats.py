"""``wildways formats``."""

import click

from wildways.cli.output import json_option, say_json


@click.command(epilog="Example: wildways formats --json")
@json_option
def command(as_json: bool) -> None:
    """List the readers: what a source's `reader` may be."""
    from wildways.readers import list_readers

    readers = list_readers()
    if as_json:
        say_json([{"name": reader.name, "description": reader.description} for reader in readers])
        return
    for reader in readers:
        click.echo(f"{reader.name}: {reader.description}")
