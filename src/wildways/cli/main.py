"""The command ``wildways``: its commands are loaded when they are called, so that help is instant."""

import importlib
import sys
from typing import Any

import click

from wildways import __version__

COMMANDS = {
    "map": ("wildways.cli.map", "Tracks straight to a served map: no atlas folder to write first."),
    "demo": ("wildways.cli.demo", "Make, build, release and serve the demonstration atlas (simulated data)."),
    "new": ("wildways.cli.new", "Start an atlas folder."),
    "fetch": ("wildways.cli.fetch", "Fetch the sources that come from a service, such as Movebank, into the atlas."),
    "ingest": ("wildways.cli.ingest", "Read the sources of an atlas into its store."),
    "build": ("wildways.cli.build", "Run the analyses that the modules declare."),
    "review": ("wildways.cli.review", "Write a private page in which a person reviews the migration dates."),
    "release": ("wildways.cli.release", "Publish what the gate lets through as an immutable folder."),
    "serve": ("wildways.cli.serve", "Serve a release: web atlas and files."),
    "verify": ("wildways.cli.verify", "Check every byte of a release against its checksums."),
    "status": ("wildways.cli.status", "What an atlas holds: evidence, findings, products, releases."),
    "quality": ("wildways.cli.quality", "List flagged fixes with the rule, what was measured and the limit."),
    "query": ("wildways.cli.query", "Ask for evidence of all kinds by taxon, country, period …; count or export it."),
    "sql": ("wildways.cli.sql", "Run one SELECT over the evidence, read-only."),
    "log": ("wildways.cli.log", "What changed the evidence, snapshot by snapshot."),
    "remove": ("wildways.cli.remove", "Remove a source, study or animal from the evidence and keep it out."),
    "restore": ("wildways.cli.restore", "List removals, or lift one."),
    "inspect": ("wildways.cli.inspect", "Say what a file holds; write a module to start from."),
    "formats": ("wildways.cli.formats", "List the readers."),
    "methods": ("wildways.cli.methods", "List the analysis methods and their parameters."),
    "schema": ("wildways.cli.schema", "Print the JSON Schema of atlas.toml or of a module."),
}

EPILOG = """\b
Exit codes: 0 done; 1 unexpected error; 2 wrong usage; 3 bad input; 4 not allowed;
5 not found; 6 conflict; 7 limit reached; 8 stored data damaged; 130 interrupted.

\b
Example: wildways map deer.csv
"""


class _LazyCommands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        return module.command  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.command(cls=_LazyCommands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="wildways")
def group() -> None:
    """Wildways: from evidence of animal movement to a published Atlas on Animal Migration."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave the process with its exit code; errors are said on standard error."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = group.main(args=given, prog_name="wildways", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was finished is kept; run the command again to go on.", err=True)
        return 130
    except Exception as error:
        from wildways.model import WildwaysError  # here, so that help does not wait for it

        if not isinstance(error, WildwaysError):
            raise
        _say_error(error.as_dict() if "--json" in given else str(error))
        return error.exit_code
    return result if isinstance(result, int) else 0


def _say_error(error: str | dict[str, Any]) -> None:
    if isinstance(error, str):
        click.echo(f"wildways: {error}", err=True)
        return
    import json

    click.echo(json.dumps({"error": error}, ensure_ascii=False), err=True)
