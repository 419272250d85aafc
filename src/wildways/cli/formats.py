"""``wildways formats``."""

import click

from wildways.cli.output import json_option, say_json


@click.command(epilog="Example: wildways formats --template nesting_sites.csv > nests.csv")
@click.option("--template", metavar="FILE", help="Print a table to fill in; `wildways formats` names them.")
@json_option
def command(template: str | None, as_json: bool) -> None:
    """List the readers: what a source's `reader` may be."""
    from wildways.readers import list_readers
    from wildways.readers.templates import TEMPLATES, read_template

    if template:
        click.echo(read_template(template), nl=False)
        return
    readers = list_readers()
    if as_json:
        say_json([{"name": reader.name, "description": reader.description} for reader in readers])
        return
    for reader in readers:
        click.echo(f"{reader.name}: {reader.description}")
        for name in TEMPLATES.get(reader.name, ()):
            click.echo(f"  template: {name}")
