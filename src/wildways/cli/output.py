"""How commands speak: progress bars on a terminal, JSON for scripts, plain lines otherwise."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from wildways.model.findings import FileReport
from wildways.model.progress import Progress, silent

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for scripts.")


def atlas_argument(command: Any) -> Any:
    """The atlas folder, by default the folder one stands in."""
    return click.argument("atlas", type=click.Path(path_type=Path), default=Path())(command)


def say_json(value: Any) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@contextmanager
def progress_bars(*, quiet: bool = False) -> Iterator[Progress]:
    """Progress bars on standard error if it is a terminal; otherwise nothing."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(done: int, total: int, label: str) -> None:
            bars.update(task, completed=done, total=total, description=label)

        yield show


def say_reports(reports: Sequence[FileReport]) -> None:
    """The account of every file: rows in = rows kept + rows refused, by reason."""
    for report in reports:
        if report.already_stored:
            click.echo(
                f"{report.path}: already stored, nothing to do ({report.n_kept:,} of {report.n_rows:,} rows kept)"
            )
            continue
        click.echo(f"{report.path}: {report.n_rows:,} rows = {report.n_kept:,} kept + {report.n_refused:,} refused")
        for finding in report.findings:
            line = "" if finding.place.line is None else f", first in line {finding.place.line}"
            example = "" if finding.example is None else f" ({finding.example})"
            verb = "refused" if finding.refused else "noted"
            click.echo(f"  {verb} {finding.n_rows:,} [{finding.code}]: {finding.message}{example}{line}")
            if finding.hint:
                click.echo(f"    {finding.hint}")


def reports_as_json(reports: Sequence[FileReport]) -> list[dict[str, Any]]:
    """File reports for machines."""
    return [
        {
            "path": report.path,
            "sha256": report.source_file_id,
            "already_stored": report.already_stored,
            "rows": report.n_rows,
            "kept": report.n_kept,
            "refused": report.n_refused,
            "findings": [
                {
                    "code": finding.code,
                    "refused": finding.refused,
                    "rows": finding.n_rows,
                    "message": finding.message,
                    "line": finding.place.line,
                    "field": finding.place.field,
                    "example": finding.example,
                    "hint": finding.hint,
                }
                for finding in report.findings
            ],
        }
        for report in reports
    ]
