"""``wildways serve``."""

from pathlib import Path

import click

from wildways.model import NotFound, Place


def server_options(command: click.decorators.FC) -> click.decorators.FC:
    """Options of every command that can serve."""
    command = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")(command)
    return click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port.")(command)


@click.command(epilog="Example: wildways serve my-atlas --port 8080")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@server_options
def command(path: Path, host: str, port: int) -> None:
    """Serve a release: the web atlas and its files.

    PATH is a release, or an atlas folder, whose newest release is then served. Stop with Ctrl-C.
    """
    from wildways.server import serve

    serve(find_release(path), host=host, port=port)


def find_release(path: Path) -> Path:
    """The release at `path`, or the newest one of the atlas there."""
    if (path / "catalogue.json").is_file():
        return path
    releases = [folder for folder in (path / "releases").glob("*") if (folder / "catalogue.json").is_file()]
    if not releases:
        raise NotFound(
            "release-missing",
            "Here is neither a release nor an atlas that has one.",
            hint="Make one with `wildways release`.",
            place=Place(path),
        )
    return max(releases, key=lambda folder: (folder.stat().st_mtime_ns, folder.name))
