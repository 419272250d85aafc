"""``wildways methods``."""

import click

from wildways.cli.output import json_option, say_json


@click.command(epilog="Example: wildways methods corridors")
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:
    """List the analysis methods, or the parameters of one with their defaults."""
    from wildways.analyses import get_analysis, list_analyses

    analyses = {name: get_analysis(name)} if name else list_analyses()
    if as_json:
        say_json({key: analysis.parameters.model_json_schema() for key, analysis in analyses.items()})
        return
    for key, analysis in analyses.items():
        click.echo(f"{key}: {analysis.description}")
        for parameter, field in analysis.parameters.model_fields.items() if name else ():
            click.echo(f"  {parameter} = {field.default!r}: {field.description}")
