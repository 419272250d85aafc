"""``wildways schema``."""

import click

from wildways.cli.output import say_json
from wildways.model import atlas_schema, module_schema


@click.command(epilog="Example: wildways schema module > module.schema.json")
@click.argument("file", type=click.Choice(["atlas", "module"]))
def command(file: str) -> None:
    """Print the JSON Schema of atlas.toml or of modules/*.toml, with every key explained."""
    say_json(atlas_schema() if file == "atlas" else module_schema())
