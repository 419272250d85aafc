"""Writing a release: products through the gate into an immutable folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

from wildways.model import (
    Atlas,
    BadInput,
    Corrupt,
    ModuleDefinition,
    NotFound,
    Place,
    Product,
    ProductKind,
    Progress,
    PublishedProduct,
    silent,
)
from wildways.release import gate
from wildways.release.catalogue import make_catalogue, publish_record
from wildways.release.checksums import write_checksums
from wildways.release.features import Features, read_features
from wildways.release.folder import new_release, release_name
from wildways.release.opening import CATALOGUE_FILE
from wildways.release.publishing import describe, publish_features, publish_file
from wildways.release.readme import write_readme
from wildways.release.records import records_features, records_product

README_FILE = "README.md"


def write_release(
    atlas: Atlas,
    *,
    name: str | None = None,
    created_utc: datetime | None = None,
    min_animals: int = 1,
    progress: Progress = silent,
) -> Path:
    """Publish what the gate lets through of an atlas's products, as a folder that never changes again.

    The same products, `created_utc` and version of Wildways give the same bytes.

    Parameters
    ----------
    name : of the release; None means the day, `2026-11-23`, then `2026-11-23.2` …
    created_utc : the moment the release is of, which decides on embargoes; None means now
    min_animals : products from fewer animals are withheld

    Returns
    -------
    The release folder: ``catalogue.json``, ``README.md``, ``checksums.sha256``, ``data/``, ``tiles/``

    Raises
    ------
    NotFound : nothing has been built yet
    BadInput : the name cannot be one, `created_utc` has no time zone, the atlas's licence is unknown, a style is wrong
    Conflict : there is a release of that name, or another one is being written
    Corrupt : a product is not what its record says
    """
    moment = _moment(created_utc)
    with new_release(atlas.releases_folder, name, moment.date()) as folder, gate.open_evidence(atlas) as evidence:
        candidates = _candidates(atlas, evidence, moment, min_animals)
        published, withheld = [], []
        for done, candidate in enumerate(candidates):
            progress(done, len(candidates), candidate.product.id)
            decision, features = candidate.admit(evidence)
            if decision.is_public:
                published.append(_publish(candidate, features, folder, atlas.header.languages[0]))
            else:
                withheld.append(decision.withheld)
        catalogue = make_catalogue(atlas, release_name(folder), moment, published, withheld)
        (folder / CATALOGUE_FILE).write_text(catalogue.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (folder / README_FILE).write_text(write_readme(catalogue), encoding="utf-8")
        write_checksums(folder, {file.path: file.sha256 for product in published for file in product.files})
        progress(len(candidates), len(candidates), "released")
    return atlas.releases_folder / release_name(folder)


def review_release(atlas: Atlas, *, created_utc: datetime | None = None, min_animals: int = 1) -> list[gate.Decision]:
    """What the gate would decide on each product of an atlas now, for the people who make it; nothing is written.

    Raises
    ------
    NotFound, BadInput, Corrupt : as :func:`write_release`
    """
    moment = _moment(created_utc)
    with gate.open_evidence(atlas) as evidence:
        return [candidate.admit(evidence)[0] for candidate in _candidates(atlas, evidence, moment, min_animals)]


@dataclass(frozen=True)
class _Candidate:
    """A product that may be published, with what was decided from its record alone."""

    product: Product
    module: ModuleDefinition
    decision: gate.Decision
    file: Path
    records: pa.Table | None = None

    def admit(self, evidence: gate.Evidence | None) -> tuple[gate.Decision, Features | None]:
        """The decision with the data looked at too, and the features of a product that has some and may leave."""
        if not self.decision.is_public or self.product.kind is not ProductKind.FEATURES:
            return self.decision, None
        if self.records is not None:
            return self.decision, records_features(self.records)
        features = read_features(self.file, gate.public_columns(self.product))
        return gate.check_positions(self.decision, self.product, features, self.module, evidence), features


def _candidates(atlas: Atlas, evidence: gate.Evidence | None, moment: datetime, min_animals: int) -> list[_Candidate]:
    def candidate(
        product: Product, module: ModuleDefinition, file: Path, records: pa.Table | None = None
    ) -> _Candidate:
        decision = gate.decide(
            product, module, moment.date(), atlas_licence=atlas.header.licence, min_animals=min_animals
        )
        simulated = product.simulated or atlas.header.simulated
        return _Candidate(product.model_copy(update={"simulated": simulated}), module, decision, file, records)

    found = [candidate(product, module, file) for product, module, file in _declared_products(atlas)]
    if evidence is not None:
        found += [
            candidate(product, module, Path(), fixes) for product, module, fixes in _records(atlas, evidence, moment)
        ]
    if not found:
        raise NotFound(
            "products-missing",
            "The atlas has no products yet.",
            hint="Make them with `wildways build`.",
            place=Place(atlas.folder),
        )
    return found


def _declared_products(atlas: Atlas) -> Iterator[tuple[Product, ModuleDefinition, Path]]:
    """Products in the workspace that belong to a population the atlas still declares, sorted by id."""
    modules = {module.id: module for module in atlas.modules}
    for record in sorted(atlas.products_folder.glob("[!.]*/product.json")):
        product = _read_product(record)
        module = modules.get(product.module)
        if module is not None and product.population in {population.id for population in module.populations}:
            yield product, module, record.parent / Path(product.file).name


def _read_product(record: Path) -> Product:
    try:
        product = Product.read(record.parent)
    except ValidationError as error:
        raise _damaged(record) from error
    if not record.parent.name == product.id == f"{product.module}.{product.population}.{product.role}":
        raise _damaged(record)
    return product


def _records(
    atlas: Atlas, evidence: gate.Evidence, moment: datetime
) -> Iterator[tuple[Product, ModuleDefinition, pa.Table]]:
    for module in atlas.modules:
        for population in module.populations:
            opened = gate.open_records(evidence, module, population, moment.date())
            if opened is not None:
                sources, fixes = opened
                yield records_product(module, population, sources, fixes, evidence.snapshot(), moment), module, fixes


def _publish(candidate: _Candidate, features: Features | None, folder: Path, language: str) -> PublishedProduct:
    product = candidate.product
    about = describe(product, candidate.decision, language)
    if features is None:
        written = publish_file(product, candidate.file, about, folder)
    else:
        written = publish_features(product, features, about, folder)
    return publish_record(product, candidate.decision, written, candidate.module)


def _moment(created_utc: datetime | None) -> datetime:
    moment = datetime.now(UTC).replace(microsecond=0) if created_utc is None else created_utc
    if moment.tzinfo is None:
        raise BadInput("time-zone", f"{moment.isoformat()} has no time zone.", hint="Give the moment in UTC.")
    return moment.astimezone(UTC)


def _damaged(record: Path) -> Corrupt:
    return Corrupt(
        "product-record", "The record of a product is damaged.", hint="Build the atlas again.", place=Place(record)
    )
