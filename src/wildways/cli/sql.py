"""``wildways sql``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildways.cli.output import json_option, say_json
from wildways.cli.query import say_table

if TYPE_CHECKING:
    import pyarrow as pa


@click.command(epilog='Example: wildways sql my-atlas "SELECT kind, count(*) FROM evidence GROUP BY kind"')
@click.argument("atlas", type=click.Path(path_type=Path))
@click.argument("statement")
@click.option("--limit", default=10_000, show_default=True, type=click.IntRange(1), help="At most so many rows.")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(0, min_open=True), help="Seconds.")
@click.option("--as-of", "snapshot", type=int, metavar="SNAPSHOT", help="As of a snapshot; see `wildways log`.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a Parquet file instead.")
@json_option
def command(
    atlas: Path,
    statement: str,
    limit: int,
    timeout: float,
    snapshot: int | None,
    as_csv: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run one SELECT over the evidence of ATLAS. Nothing can be changed by it, and nothing else be read.

    There are the tables of the evidence store with their declared columns, and `evidence`: the common row of every
    kind. `SHOW TABLES` and `DESCRIBE evidence` list them. The statement `-` is read from standard input.
    """
    from wildways.model import open_atlas
    from wildways.store import query_sql

    text = sys.stdin.read() if statement == "-" else statement
    answer = query_sql(open_atlas(atlas), text, max_rows=limit, timeout_seconds=timeout, snapshot=snapshot)
    if out is not None:
        _write(answer.table, out)
        click.echo(f"{out}: {answer.table.num_rows:,} rows")
    elif as_json:
        rows = answer.table.to_pylist()
        say_json({"columns": answer.table.column_names, "rows": rows, "complete": answer.is_complete})
    elif as_csv:
        _print_csv(answer.table)
    else:
        say_table(answer.table.column_names, answer.table.to_pylist())
    if not answer.is_complete:
        click.echo(f"There are more rows than {limit:,}; ask for more with --limit.", err=True)


def _write(table: "pa.Table", out: Path) -> None:
    import pyarrow.parquet as pq

    from wildways.model import Conflict, Place

    if out.exists():
        raise Conflict("file-exists", "The file exists already.", hint="Name another with --out.", place=Place(out))
    pq.write_table(table, out, compression="zstd")


def _print_csv(table: "pa.Table") -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches(max_chunksize=10_000):
        writer.writerows(row.values() for row in batch.to_pylist())
