"""``wildways release``."""

from pathlib import Path

import click

from wildways.cli.output import atlas_argument, json_option, progress_bars, say_json
from wildways.cli.steps import publish
from wildways.model import open_atlas


@click.command(epilog="Example: wildways release my-atlas --name 2027-02")
@atlas_argument
@click.option("--name", help="Name of the release. [default: today's date]")
@json_option
def command(atlas: Path, name: str | None, as_json: bool) -> None:
    """Publish the products of ATLAS as an immutable folder under releases/.

    Only what the gate lets through leaves: raw records stay unless their source's access level says `open`.
    """
    from wildways.release import open_release

    with progress_bars(quiet=as_json) as progress:
        folder = publish(open_atlas(atlas), progress, name=name)
    catalogue = open_release(folder).catalogue
    if as_json:
        say_json({"release": folder, "products": [product.id for product in catalogue.products]})
        return
    click.echo(f"{folder}: {len(catalogue.products)} products")
    for withheld in catalogue.withheld:
        click.echo(f"  withheld {withheld.product}: {withheld.reason['en']}")
