"""``wildways query``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildways.cli.output import atlas_argument, json_option, say_json

if TYPE_CHECKING:
    from wildways.store import Evidence, Filters

KINDS = ("fix", "encounter", "detection", "site", "link", "drawn")
MANY = 40
"""Of a longer table only so many lines are said."""
SHOWN = ("kind", "accepted_taxon", "country", "start_utc", "longitude", "latitude", "uncertainty_m", "organism_id")


class _Names(click.ParamType[tuple[str, ...]]):
    """Several names, parted by commas."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names."""
        return value if isinstance(value, tuple) else tuple(part.strip() for part in value.split(",") if part.strip())


class _Box(click.ParamType[tuple[float, ...]]):
    """West, south, east, north."""

    name = "west,south,east,north"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """The four numbers."""
        try:
            west, south, east, north = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"“{value}” is not west,south,east,north.", param, ctx)
        return west, south, east, north


_FILTERS = (
    click.option("--taxon", help="Scientific name (also a synonym, genus or family) or the one species' common name."),
    click.option("--country", help="ISO code or name of a country."),
    click.option("--certain", is_flag=True, help="With --country: only records that can lie in no other."),
    click.option("--sea", "sea_area", help="Name of a sea."),
    click.option("--period", help="2015..2018, 2015-04..2015-06-15, 2015 or 2015.."),
    click.option("--undated", is_flag=True, help="With --period: also records of unknown time."),
    click.option("--kind", type=_Names(), help=f"Of {', '.join(KINDS)}; several parted by commas."),
    click.option("--class", "evidence_class", type=_Names(), help="tracking, marking, detection, count, literature …"),
    click.option("--module", help="Only this module."),
    click.option("--source", help="Only this source."),
    click.option("--study", help="Only this study."),
    click.option("--animal", help="Only this animal."),
    click.option("--bbox", type=_Box(), help="Degrees; west > east crosses the antimeridian."),
    click.option("--as-of", "snapshot", type=int, metavar="SNAPSHOT", help="As of a snapshot; see `wildways log`."),
)


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose evidence."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command(epilog='Example: wildways query my-atlas --taxon "Antilope cervicapra" --country IN --period 2015..2018')
@atlas_argument
@filter_options
@click.option("--rows", is_flag=True, help="Print the records instead of their counts.")
@click.option(
    "--limit", type=click.IntRange(1), help="With --rows or --out: at most so many. [default: 40 with --rows]"
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the records: .parquet, .gpkg, .geojson or .csv.")
@json_option
def command(atlas: Path, rows: bool, limit: int | None, out: Path | None, as_json: bool, **filters: Any) -> None:
    """Ask ATLAS for evidence of all kinds: how much of what there is, where and when; or the records themselves.

    This reads the private workspace. Whose records may be shared is in the columns access, embargo_until and licence.
    """
    from wildways.store import open_evidence

    with open_evidence(atlas) as evidence:
        asked: Filters = filters  # type: ignore[assignment]  # the options are called as the filters
        if out is not None:
            from wildways.cli.query_files import write_records

            n_records, n_withheld = write_records(evidence, out, limit=limit, filters=asked)
            _say_written(out, n_records, n_withheld, as_json=as_json)
        elif rows:
            _say_rows(evidence, limit or MANY, asked, as_json=as_json)
        else:
            _say_counts(evidence, asked, as_json=as_json)


def _say_written(out: Path, n_records: int, n_withheld: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"file": out, "records": n_records, "not_open": n_withheld})
        return
    click.echo(f"{out}: {n_records:,} records")
    if n_withheld:
        click.echo(f"Of these {n_withheld:,} may not be passed on as they are: see access and embargo_until.", err=True)


def _say_rows(evidence: "Evidence", limit: int, filters: "Filters", *, as_json: bool) -> None:
    table = evidence.records(limit=limit, **filters)
    if as_json:
        say_json({"records": table.drop_columns(["geometry"]).to_pylist()})
        return
    say_table([*SHOWN, "access"], table.select([*SHOWN, "access"]).to_pylist())


def _say_counts(evidence: "Evidence", filters: "Filters", *, as_json: bool) -> None:
    (total,) = evidence.counts(by=(), **filters).to_pylist()
    groups = evidence.counts(**filters).to_pylist()
    terms = evidence.counts(by=("licence", "access"), **filters).to_pylist()
    if as_json:
        say_json({"total": total, "by_kind_taxon_country": groups, "by_licence_access": terms})
        return
    if not total["n_records"]:
        click.echo("No evidence.")
        return
    first, last = total["first_utc"], total["last_utc"]
    years = f", {first.year} to {last.year}" if first and last else ""
    click.echo(f"{total['n_records']:,} records of {total['n_animals']:,} animals{years}")
    say_table(["kind", "accepted_taxon", "country", "n_records", "n_animals", "first_utc", "last_utc"], groups)
    for row in terms:
        click.echo(f"{row['licence'] or 'licence not declared'}, access {row['access'] or '?'}: {row['n_records']:,}")


def say_table(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """A plain table of texts and numbers; of a long one the beginning."""
    cells = [list(columns), *([_cell(row[name]) for name in columns] for row in rows[:MANY])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if len(rows) > MANY:
        click.echo(f"… and {len(rows) - MANY:,} more lines (--json has them all)")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.5g}" if abs(value) >= 1000 else f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)
