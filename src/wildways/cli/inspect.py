"""``wildways inspect``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildways.cli.output import json_option, reports_as_json, say_json, say_reports
from wildways.model import BadInput, Conflict, NotFound, Place
from wildways.model.atlas import ATLAS_FILE

if TYPE_CHECKING:
    from wildways.readers.inspection import FileDescription

MANY = 12
"""Of longer lists only so many are said."""

_IDENTIFIER = re.compile(r"(?=.{1,64}$)[a-z0-9]+(?:[-_][a-z0-9]+)*")


@click.command(epilog="Example: wildways inspect tags.csv --write my-atlas/modules/turtles.toml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reader", "reader_name", help="Reader to use. [default: the one that knows the file]")
@click.option(
    "--write", "out", type=click.Path(path_type=Path), help="Write a module to start from: an atlas or a file."
)
@json_option
def command(file: Path, reader_name: str | None, out: Path | None, as_json: bool) -> None:
    """Say what FILE holds: the reader that fits, columns, rows, taxa, animals, times, extent, findings.

    Of a large file only the beginning is read. Nothing is stored.
    """
    from wildways.readers.inspection import describe_file

    if not file.is_file():
        raise NotFound("file-missing", "There is no such file.", place=Place(file))
    target = None if out is None else _target(out, file)
    description = describe_file(file, reader=reader_name)
    if target is not None:
        _write(description, target)
    if as_json:
        say_json({**_as_json(description), "module": target})
        return
    _say(description)
    if target is not None:
        click.echo(f"{target}: a module to start from; set its licence")


def _target(out: Path, file: Path) -> Path:
    """Where the module goes: into the atlas, where `out` is a folder."""
    from wildways.readers.inspection import name_module

    target = out if out.suffix == ".toml" else out / "modules" / f"{name_module(file)}.toml"
    if target is not out and not (out / ATLAS_FILE).is_file():
        message = f"{out} is neither an atlas folder nor a .toml file."
        raise NotFound("atlas-missing", message, hint="Make an atlas with `wildways new PATH`.")
    if not _IDENTIFIER.fullmatch(target.stem):
        hint = f"Call it {name_module(target)}.toml."
        raise BadInput("module-name", f"A module cannot be called “{target.stem}”.", hint=hint, place=Place(target))
    if target.exists():
        raise Conflict("module-exists", "It exists already.", hint="Name another with --write.", place=Place(target))
    return target


def _write(description: "FileDescription", target: Path) -> None:
    from wildways.readers.inspection import starting_module

    folder = target.absolute().parent.parent
    is_atlas = target.absolute().parent.name == "modules"
    text = starting_module(description, module_id=target.stem, folder=folder if is_atlas else None)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x", encoding="utf-8") as stream:
        stream.write(text)


def _say(description: "FileDescription") -> None:
    click.echo(f"{description.file}: {description.reader} ({description.reads})")
    for name, value in _facts(description).items():
        if value:
            click.echo(f"  {name}: {value}")
    for setting, why in description.needs.items():
        click.echo(f"  needs {setting} in the module: {why}")
    say_reports([description.report] if description.n_read else [])


def _facts(description: "FileDescription") -> dict[str, str]:
    start, end, box = description.start_utc, description.end_utc, description.bbox
    return {
        "rows": _rows(description),
        "columns": _some(description.columns),
        "evidence": ", ".join(f"{n:,} {name}" for name, n in description.records.items()),
        "studies": _some(description.studies),
        "taxa": _some(description.taxa),
        "animals": f"{description.n_animals:,}" if description.n_animals else "",
        "time": f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC" if start and end else "",
        "extent": "{:.4f} {:.4f} to {:.4f} {:.4f} (west south, east north)".format(*box) if box else "",
    }


def _rows(description: "FileDescription") -> str:
    if description.n_rows is None:
        return f"not counted; the first {description.n_read:,} were read" if description.n_read else ""
    return f"about {description.n_rows:,}" if description.is_sample else f"{description.n_rows:,}"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - MANY
    return ", ".join(names[:MANY]) + (f" and {more} more" if more > 0 else "")


def _as_json(description: "FileDescription") -> dict[str, Any]:
    (report,) = reports_as_json([description.report])
    return {
        "file": description.file,
        "reader": description.reader,
        "bytes": description.n_bytes,
        "columns": description.columns,
        "rows": description.n_rows,
        "is_sample": description.is_sample,
        "read": description.n_read,
        "kept": report["kept"],
        "refused": report["refused"],
        "records": dict(description.records),
        "studies": description.studies,
        "taxa": description.taxa,
        "animals": description.n_animals,
        "start_utc": description.start_utc and description.start_utc.isoformat(),
        "end_utc": description.end_utc and description.end_utc.isoformat(),
        "bbox": description.bbox,
        "needs": dict(description.needs),
        "findings": report["findings"],
    }
