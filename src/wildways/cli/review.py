"""``wildways review``."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildways.cli.output import atlas_argument, json_option, say_json
from wildways.model import Atlas, BadInput, NotFound, open_atlas

if TYPE_CHECKING:
    from wildways.analyses.review import Review
    from wildways.model import ModuleDefinition, Population


@click.command(epilog="Example: wildways review my-atlas --module ungulates --population red-desert --reviewer Ada")
@atlas_argument
@click.option("--module", "module_id", help="Module of the population. [default: the only one]")
@click.option("--population", "population_id", help="Population to review. [default: the only one]")
@click.option("--out", type=click.Path(path_type=Path), help="Write the page here. [default: in .wildways/review]")
@click.option("--reviewer", default="", help="Your name, as the page begins with it.")
@click.option("--open/--no-open", "is_opened", default=True, help="Open the page in a browser.")
@json_option
def command(
    atlas: Path,
    module_id: str | None,
    population_id: str | None,
    out: Path | None,
    reviewer: str,
    is_opened: bool,
    as_json: bool,
) -> None:
    """Write a page in which a person reviews the migration dates of a population of ATLAS.

    It shows each animal-year's displacement, track and dates; they are changed by dragging or by keyboard and saved
    as a windows file. The page holds exact positions: it is private, and no part of a release.
    """
    if out is not None and out.suffix not in (".html", ".htm"):
        raise BadInput("output-format", f"{out} is no .html file.", hint="Name it so.")
    opened = open_atlas(atlas)
    module, population = _chosen(opened, module_id, population_id)
    from wildways.analyses.review import review_page

    review = _collect(opened, module, population)
    path = out or opened.workspace / "review" / f"{module.id}.{population.id}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(review_page(review, reviewer=reviewer), encoding="utf-8")
    if is_opened:
        webbrowser.open(path.resolve().as_uri())
    if as_json:
        say_json({"file": path, "animal_years": len(review.years), "windows_file": review.file})
        return
    click.echo(f"{path}: {len(review.years)} animal-years. It holds exact positions: keep it private.")
    click.echo(f"Save what you decide as {opened.folder / review.file}, then run `wildways build`.")


def _chosen(atlas: Atlas, module_id: str | None, population_id: str | None) -> tuple["ModuleDefinition", "Population"]:
    pairs = [
        (module, population)
        for module in ([atlas.module(module_id)] if module_id else atlas.modules)
        for population in module.populations
        if population_id in (None, population.id)
    ]
    if not pairs:
        raise NotFound("population-unknown", f"There is no population “{population_id or ''}”.")
    if len(pairs) > 1:
        names = ", ".join(f"--module {module.id} --population {population.id}" for module, population in pairs)
        raise BadInput("population-choice", "There are several populations.", hint=f"Choose one: {names}.")
    return pairs[0]


def _collect(atlas: Atlas, module: "ModuleDefinition", population: "Population") -> "Review":
    from wildways.analyses.evidence import select_evidence
    from wildways.analyses.review import ReviewRules, collect_review
    from wildways.store import Workspace

    if not atlas.workspace.is_dir():
        raise NotFound("workspace-missing", "Nothing was ingested yet.", hint="Run `wildways ingest`.")
    with Workspace.open(atlas.workspace, read_only=True) as workspace:
        evidence = select_evidence(atlas, module, population, workspace).load(workspace)
    return collect_review(evidence, ReviewRules.of(module, population.id))
