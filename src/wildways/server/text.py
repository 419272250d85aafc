"""The text of a release as HTML: all that the map shows in words, readable without any script."""

from collections.abc import Iterator
from html import escape

from wildways.model import Catalogue, FileRole, PublishedModule, PublishedPopulation, PublishedProduct, Text
from wildways.release import in_language
from wildways.release.licences import find_licence
from wildways.server.words import count, say

_FORMATS = {
    FileRole.TILES: "PMTiles",
    FileRole.GEOPARQUET: "GeoParquet",
    FileRole.GEOPACKAGE: "GeoPackage",
    FileRole.COG: "GeoTIFF",
    FileRole.CSV: "CSV",
    FileRole.PARQUET: "Parquet",
}


def render_text(catalogue: Catalogue, language: str) -> str:
    """The contents of the page's main element: header, a section for each module, footer.

    A population has the id `MODULE.POPULATION`, so that links to it work with the map and without.
    """
    return "\n".join(_Text(catalogue, language).parts())


def render_title(catalogue: Catalogue, language: str) -> str:
    """The page's title, escaped."""
    return escape(in_language(catalogue.atlas.title, language))


class _Text:
    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.catalogue = catalogue
        self.language = language
        self.products = {product.id: product for product in catalogue.products}

    def parts(self) -> Iterator[str]:
        yield from self._header()
        for module in self.catalogue.modules:
            yield from self._module(module)
        yield from self._footer()

    def _header(self) -> Iterator[str]:
        atlas = self.catalogue.atlas
        yield f"<header><h1>{self._in(atlas.title)}</h1>"
        if atlas.summary is not None:
            yield f"<p>{self._in(atlas.summary)}</p>"
        if atlas.simulated:
            yield f'<p class="simulated"><strong>{self._say("simulated")}</strong></p>'
        date = self.catalogue.created_utc.date().isoformat()
        yield f"<p>{self._say('release', name=self.catalogue.release, date=date)}</p></header>"

    def _module(self, module: PublishedModule) -> Iterator[str]:
        yield f'<section class="module" id="{module.id}"><h2>{self._in(module.title)}</h2>'
        if module.summary is not None:
            yield f"<p>{self._in(module.summary)}</p>"
        for word, value in (("cite", module.citation), ("contact", module.contact)):
            if value:
                yield f"<p>{self._labelled(word, escape(value))}</p>"
        yield '<ul class="populations">'
        for population in module.populations:
            yield from self._population(module, population)
        yield "</ul></section>"

    def _population(self, module: PublishedModule, population: PublishedPopulation) -> Iterator[str]:
        key = f"{module.id}.{population.id}"
        products = [self.products[name] for name in reversed(population.products)]
        yield f'<li id="{key}"><h3><a href="#{key}">{self._in(population.title)}</a></h3>'
        yield f"<p><i>{escape(population.taxon)}</i>{self._sample(products)}</p>"
        if any(product.simulated for product in products) and not self.catalogue.atlas.simulated:
            yield f'<p class="simulated"><strong>{self._say("simulated")}</strong></p>'
        yield '<ul class="products">'
        for product in products:
            yield from self._product(product)
        yield "</ul></li>"

    def _product(self, product: PublishedProduct) -> Iterator[str]:
        yield f"<li><strong>{self._in(product.title)}</strong>. {self._in(product.method.statement)}"
        for caveat in product.caveats:
            yield f"<br>{self._in(caveat)}"
        yield f"<br>{self._labelled('licence', _licence(product.licence))}"
        sources = dict.fromkeys(source.citation or source.owner or source.id for source in product.sources)
        yield f"<br>{self._labelled('sources', escape('; '.join(sources)))}"
        links = (f'<a href="release/{escape(file.path)}" download>{_FORMATS[file.role]}</a>' for file in product.files)
        yield f"<br>{self._labelled('downloads', ', '.join(links))}</li>"

    def _footer(self) -> Iterator[str]:
        atlas = self.catalogue.atlas
        yield "<footer>"
        for word, value in (("publisher", atlas.publisher), ("contact", atlas.contact)):
            if value:
                yield f"<p>{self._labelled(word, escape(value))}</p>"
        for withheld in self.catalogue.withheld:
            named = f"{escape(withheld.product)}. {self._in(withheld.reason)}"
            yield f"<p>{self._labelled('withheld', named)}</p>"
        yield f'<p class="disclaimer">{self._say("disclaimer")}</p></footer>'

    def _sample(self, products: list[PublishedProduct]) -> str:
        samples = [product.sample for product in products]
        animals = max(sample.n_animals for sample in samples)
        sequences = max(sample.n_sequences for sample in samples)
        years = sorted({year for sample in samples for year in sample.years})
        facts = [count("animals", animals, self.language)]
        if sequences:
            facts.append(count("sequences", sequences, self.language))
        if years:
            facts.append(str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}")
        return "".join(f" · {fact}" for fact in facts)

    def _in(self, text: Text) -> str:
        return escape(in_language(text, self.language))

    def _labelled(self, word: str, html: str) -> str:
        return say("labelled", self.language, label=self._say(word), value=html)

    def _say(self, word: str, **values: str) -> str:
        return escape(say(word, self.language, **values))


def _licence(identifier: str) -> str:
    licence = find_licence(identifier)
    return escape(identifier) if licence is None else f'<a href="{licence.url}" rel="license">{licence.id}</a>'
