"""The catalogue of a release: what was published, with its method, terms, looks and files."""

import re
from collections.abc import Sequence
from datetime import datetime

from wildways import __version__
from wildways.model import (
    Atlas,
    BadInput,
    Catalogue,
    LayerStyle,
    Legend,
    LegendClass,
    ModuleDefinition,
    Place,
    Population,
    Product,
    PublishedAtlas,
    PublishedModule,
    PublishedPopulation,
    PublishedProduct,
    Withheld,
)
from wildways.release.extent import enclosing_box
from wildways.release.gate import Decision
from wildways.release.publishing import Published

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def publish_record(
    product: Product, decision: Decision, published: Published, module: ModuleDefinition
) -> PublishedProduct:
    """The record of a product with its files, terms and extent as published, and the module's looks."""
    changed = {
        "file": published.files[0].path,
        "bbox": published.box,
        "legend": product.legend and apply_style(product.legend, product.role, module),
        "files": published.files,
        "sources": decision.sources,
        "licence": decision.licence,
    }
    return PublishedProduct.model_validate({**dict(product), **changed})


def apply_style(legend: Legend, role: str, module: ModuleDefinition) -> Legend:
    """The legend with the colours, opacity and visibility that the module wants for layers of that role.

    Colours of classes that the product does not have are no matter: few animals make classes collapse.

    Raises
    ------
    BadInput : a colour is not #rrggbb
    """
    style = module.style.get(role, LayerStyle())
    classes = tuple(_recoloured(entry, style, role, module) for entry in legend.classes)
    opacity = legend.opacity if style.opacity is None else style.opacity
    visible = legend.visible if style.visible is None else style.visible
    return legend.model_copy(update={"classes": classes, "opacity": opacity, "visible": visible})


def _recoloured(entry: LegendClass, style: LayerStyle, role: str, module: ModuleDefinition) -> LegendClass:
    colour = style.colours.get(entry.value, entry.colour).lower()
    if not _COLOUR.fullmatch(colour):
        raise BadInput(
            "style-colour",
            f"“{style.colours[entry.value]}” is not a colour.",
            hint="Write it as #rrggbb, for example #1b9e77.",
            place=Place(f"modules/{module.id}.toml", None, f"style.{role}.colours.{entry.value}"),
        )
    return entry.model_copy(update={"colour": colour})


def make_catalogue(
    atlas: Atlas, name: str, created_utc: datetime, products: Sequence[PublishedProduct], withheld: Sequence[Withheld]
) -> Catalogue:
    """The catalogue of a release. Modules and populations of which nothing is published are not named."""
    header = atlas.header
    return Catalogue(
        release=name,
        created_utc=created_utc,
        code_version=__version__,
        atlas=PublishedAtlas(
            id=header.id,
            title=header.title,
            summary=header.summary,
            publisher=header.publisher,
            contact=header.contact,
            licence=header.licence,
            languages=header.languages,
            simulated=header.simulated,
        ),
        modules=tuple(_module(module, products) for module in atlas.modules if _of(module, products)),
        products=tuple(products),
        withheld=tuple({entry.model_dump_json(): entry for entry in withheld}.values()),
    )


def _of(module: ModuleDefinition, products: Sequence[PublishedProduct]) -> list[PublishedProduct]:
    return [product for product in products if product.module == module.id]


def _module(module: ModuleDefinition, products: Sequence[PublishedProduct]) -> PublishedModule:
    own = _of(module, products)
    populations = [_population(population, own) for population in module.populations]
    return PublishedModule(
        id=module.id,
        title=module.title,
        summary=module.summary,
        taxa=module.taxa,
        contact=module.contact,
        citation=module.citation,
        populations=tuple(population for population in populations if population.products),
    )


def _population(population: Population, products: Sequence[PublishedProduct]) -> PublishedPopulation:
    own = [product for product in products if product.population == population.id]
    own.sort(key=lambda product: (product.legend.order if product.legend else 0, product.id))
    return PublishedPopulation(
        id=population.id,
        title=population.title,
        taxon=population.taxon,
        bbox=enclosing_box(product.bbox for product in own if product.bbox is not None),
        products=tuple(product.id for product in own),
    )
