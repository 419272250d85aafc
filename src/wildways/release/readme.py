"""The README of a release: for people who find the folder without the atlas around it."""

from collections.abc import Iterator

from wildways.model import Catalogue, FileRole, PublishedModule, PublishedProduct
from wildways.release.licences import find_licence
from wildways.release.texts import in_language

SIMULATED = "**These data are simulated.** They show no real animals and must not be used for decisions."

DISCLAIMER = (
    "The boundaries and names shown and the designations used on maps made from these files do not imply official "
    "endorsement or acceptance by the United Nations."
)

_FORMATS = {
    FileRole.TILES: "vector tiles for web maps",
    FileRole.GEOPARQUET: "GeoParquet for analysis",
    FileRole.GEOPACKAGE: "GeoPackage for GIS",
    FileRole.COG: "cloud optimised GeoTIFF",
    FileRole.CSV: "table for spreadsheets",
    FileRole.PARQUET: "table for analysis",
}


def write_readme(catalogue: Catalogue) -> str:
    """Markdown that says what every file is, how it was made, and on what terms it may be used."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    atlas = catalogue.atlas
    language = atlas.languages[0]
    yield f"# {in_language(atlas.title, language)}"
    yield ""
    if atlas.simulated:
        yield from (SIMULATED, "")
    if atlas.summary is not None:
        yield from (in_language(atlas.summary, language), "")
    yield f"Release {catalogue.release}, written {catalogue.created_utc:%Y-%m-%d} by Wildways {catalogue.code_version}."
    if atlas.publisher or atlas.contact:
        yield " ".join(
            f"{label} {value}."
            for label, value in (("Published by", atlas.publisher), ("Contact:", atlas.contact))
            if value
        )
    yield from ("", "A release never changes. To check that yours is whole: `sha256sum -c checksums.sha256`.")
    yield "`catalogue.json` says all of this for machines, and more."
    for module in catalogue.modules:
        yield from _module_lines(module, catalogue, language)
    if catalogue.withheld:
        yield from ("", "## Withheld", "")
        yield from (f"- {entry.product}: {in_language(entry.reason, language)}" for entry in catalogue.withheld)
    yield from ("", "## Boundaries", "", DISCLAIMER)


def _module_lines(module: PublishedModule, catalogue: Catalogue, language: str) -> Iterator[str]:
    yield from ("", f"## {in_language(module.title, language)}")
    if module.citation:
        yield from ("", f"Cite as: {module.citation}")
    products = {product.id: product for product in catalogue.products}
    for population in module.populations:
        yield from ("", f"### {in_language(population.title, language)} (*{population.taxon}*)")
        for name in population.products:
            yield from _product_lines(products[name], language)


def _product_lines(product: PublishedProduct, language: str) -> Iterator[str]:
    sample = product.sample
    yield from ("", f"#### {in_language(product.title, language)}", "")
    yield in_language(product.method.statement, language)
    yield from ("", f"- Sample: {sample.n_animals} animals, {sample.n_sequences} migrations, {_years(sample.years)}")
    licence = find_licence(product.licence)
    yield f"- Licence: {product.licence}" + (f" ({licence.url})" if licence else "")
    for source in product.sources:
        owner = f"{source.owner}: " if source.owner else ""
        yield f"- Source: {owner}{source.citation or source.id} ({source.licence})"
    yield from (f"- File: `{file.path}`, {_FORMATS[file.role]}" for file in product.files)
    yield from (f"- Note: {in_language(caveat, language)}" for caveat in product.caveats)
    for declared in product.properties:
        unit = f", {declared.unit}" if declared.unit else ""
        yield f"- Property `{declared.name}`: {in_language(declared.label, language)}{unit}"


def _years(years: tuple[int, ...]) -> str:
    if not years:
        return "no years recorded"
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
