"""``wildways verify``."""

from pathlib import Path

import click

from wildways.cli.serve import find_release


@click.command(epilog="Example: wildways verify my-atlas/releases/2027-02")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
def command(path: Path) -> None:
    """Check every byte of a release (or of an atlas's newest) against its checksums."""
    from wildways.release import verify_release

    release = find_release(path)
    verify_release(release)
    click.echo(f"{release}: every file is as it was written")
