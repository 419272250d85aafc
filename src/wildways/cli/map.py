"""``wildways map``."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from wildways.analyses import Run
from wildways.cli.output import json_option, progress_bars, reports_as_json, say_json, say_reports
from wildways.cli.serve import server_options
from wildways.cli.steps import build, ingest, publish, runs_as_json, say_runs, workers_option
from wildways.model import Atlas, BadInput, Conflict, NotFound, Place, Progress, open_atlas

NOT_STATED = "NOASSERTION"


@click.command(epilog="Example: wildways map deer.csv --out deer-map --no-serve")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the release goes. [default: NAME-map]")
@click.option("--time-zone", help="IANA time zone of the time stamps, where they are not UTC.")
@click.option("--crs", help="CRS of the coordinates, where they are not WGS 84 degrees.")
@click.option("--taxon", help="Scientific name of the animals, where the files have none.")
@click.option("--licence", default=NOT_STATED, help="Licence of the data (SPDX). [default: not stated]")
@click.option("--cell", "cell_m", type=float, help="Cell size in metres. [default: chosen by the extent]")
@click.option("--no-serve", is_flag=True, help="Stop after writing the release.")
@workers_option
@server_options
@json_option
def command(
    files: tuple[Path, ...],
    out: Path | None,
    time_zone: str | None,
    crs: str | None,
    taxon: str | None,
    licence: str,
    cell_m: float | None,
    no_serve: bool,
    workers: int | None,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    """Any Movebank CSV straight to a served map of migration corridors.

    Every taxon in FILES becomes a population. The release holds products only, no raw positions.
    """
    for file in files:
        if not file.is_file():
            raise NotFound("file-missing", "There is no such file.", place=Place(file))
    out = out or Path(f"{_stem(files[0])}-map")
    if out.exists():
        raise Conflict("release-exists", "It exists already.", hint="Name another with --out.", place=Place(out))
    settings = {"crs": crs, "time_zone": time_zone, "taxon": taxon, "licence": licence}
    with tempfile.TemporaryDirectory(prefix="wildways-") as folder, progress_bars(quiet=as_json) as progress:
        atlas = _write_atlas(Path(folder), files, {k: v for k, v in settings.items() if v is not None}, cell_m)
        reports = ingest(atlas, (), progress)
        atlas = _add_populations(atlas)
        runs = build(atlas, (), progress, workers=workers)
        _require_products(runs)
        release = _publish(atlas, out, progress)
    if as_json:
        say_json({"release": release, "files": reports_as_json(reports), "runs": runs_as_json(runs)})
    else:
        say_reports(reports)
        say_runs(runs)
        click.echo(f"{release}: the map; look at it with `wildways serve {release}`")
    if not no_serve:
        from wildways.server import serve

        serve(release, host=host, port=port)


def _require_products(runs: Sequence[Run]) -> None:
    if any(run.products for run in runs):
        return
    found = " ".join(remark.message for run in runs for remark in (*run.remarks, *run.failures))
    raise BadInput(
        "no-migration",
        f"There is no migration to map. {found}",
        hint="A migration shows in weeks of fixes around it; in an atlas folder people can set the dates.",
    )


def _stem(file: Path) -> str:
    return file.name.removesuffix(".gz").rsplit(".", 1)[0] or "tracks"


def _write_atlas(folder: Path, files: Sequence[Path], settings: dict[str, str], cell_m: float | None) -> Atlas:
    title = ", ".join(_stem(file) for file in files)
    header = f'[atlas]\nid = "map"\ntitle = {{ en = {_quote(title)} }}\nlicence = {_quote(settings["licence"])}\n'
    (folder / "atlas.toml").write_text(header, encoding="utf-8")
    lines = ['id = "tracks"', f"title = {{ en = {_quote(title)} }}", ""]
    for number, file in enumerate(files, start=1):
        lines += ["[[sources]]", f'id = "file-{number}"', f"path = {_quote(_literal(file.resolve()))}"]
        lines += [f"citation = {_quote(file.name)}"]
        lines += [f"{key} = {_quote(value)}" for key, value in settings.items()] + [""]
    lines += ["[[analyses]]", 'method = "corridors"']
    lines += [] if cell_m is None else [f"parameters = {{ cell_m = {cell_m} }}"]
    (folder / "modules").mkdir()
    (folder / "modules" / "tracks.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return open_atlas(folder)


def _add_populations(atlas: Atlas) -> Atlas:
    """One population for every taxon that the store now holds."""
    from wildways.store import Workspace

    with Workspace.open(atlas.workspace, read_only=True) as workspace:
        taxa = sorted({taxon for taxon in workspace.table("organism")["taxon"].to_pylist() if taxon})
    if not taxa:
        raise BadInput(
            "taxon-missing",
            "No animal in the files has a taxon.",
            hint="Name it with --taxon.",
        )
    file = atlas.folder / "modules" / "tracks.toml"
    lines = [file.read_text(encoding="utf-8")]
    for number, taxon in enumerate(taxa, start=1):
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in taxon.lower()).strip("-")[:48]
        identifier = name if name and "--" not in name else f"taxon-{number}"
        lines += ["[[populations]]", f"id = {_quote(identifier)}", f"title = {{ en = {_quote(taxon)} }}"]
        lines += [f"taxon = {_quote(taxon)}", ""]
    file.write_text("\n".join(lines), encoding="utf-8")
    return open_atlas(atlas.folder)


def _publish(atlas: Atlas, out: Path, progress: Progress) -> Path:
    release = publish(atlas, progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(release, out)
    return out


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _literal(file: Path) -> str:
    """The file as a glob pattern that matches it alone."""
    import glob

    return glob.escape(str(file))
