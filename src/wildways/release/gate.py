"""The gate: the one place that decides what may leave the private workspace, and looks into it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pyarrow as pa

from wildways.model import (
    Access,
    Atlas,
    BadInput,
    Derivation,
    ModuleDefinition,
    NotFound,
    Place,
    Population,
    Product,
    PublishedSource,
    Source,
    Withheld,
)
from wildways.model.atlas import ATLAS_FILE
from wildways.release.features import Features
from wildways.release.licences import Licence, combine_licences, find_licence
from wildways.release.positions import shows_any
from wildways.release.texts import message


@dataclass(frozen=True)
class Decision:
    """Whether a product may be published, and on what terms.

    ``code`` is ``public``, or why not: ``private``, ``embargo``, ``unknown-source``, ``licence``, ``few-animals``,
    ``positions``. It is for the people who make the atlas; readers get :attr:`withheld`, which gives nothing away.
    """

    product: str
    module: str
    code: str
    licence: str = ""
    sources: tuple[PublishedSource, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the product may be published."""
        return self.code == "public"

    @property
    def withheld(self) -> Withheld:
        """What readers are told: neither dates nor numbers, and of private evidence not even the product's name."""
        named = self.module if self.code in {"private", "unknown-source"} else self.product
        return Withheld(product=named, reason=message(_REASONS[self.code]))


_REASONS = {
    "private": "withheld_owner",
    "unknown-source": "withheld_owner",
    "embargo": "withheld_owner",
    "licence": "withheld_licence",
    "few-animals": "withheld_sample",
    "positions": "withheld_positions",
}


def decide(
    product: Product, module: ModuleDefinition, today: date, *, atlas_licence: str = "CC-BY-4.0", min_animals: int = 1
) -> Decision:
    """Decide whether a product may be published, from what its sources allow today.

    Everything is refused that is not allowed by every source: a source that is private, under embargo, unknown to the
    module, or of a licence that is unknown, custom or forbids derivatives. Raw records want `open` sources.

    Parameters
    ----------
    module : the module as it is declared now, which may be stricter than when the product was built
    today : UTC date; an embargo ends as its day begins
    atlas_licence : licence the atlas is published under, SPDX; the product's is the strictest of it and the sources'
    min_animals : products from fewer animals stay

    Raises
    ------
    BadInput : `atlas_licence` is not a known licence
    """
    declared = {source.id: source for source in module.sources}
    sources = [declared[name] for name in product.inputs.sources if name in declared]
    licence = _licence_for(_atlas_licence(atlas_licence), sources)
    refusal = _refusal(product, sources, today, licence, min_animals)
    if refusal is not None or licence is None:
        return Decision(product.id, product.module, refusal or "licence")
    return Decision(product.id, product.module, "public", licence.id, tuple(_published(source) for source in sources))


def open_sources(module: ModuleDefinition, population: Population, today: date) -> tuple[Source, ...]:
    """The sources of a population whose raw records may be published today."""
    named = population.sources or tuple(source.id for source in module.sources)
    return tuple(
        source
        for source in module.sources
        if source.id in named
        and _owners_refusal([source], today, raw=True) is None
        and (licence := find_licence(source.licence)) is not None
        and combine_licences(licence, [licence]) is not None
    )


class Evidence(Protocol):
    """What the gate asks of the store."""

    def fixes(self, *, module_id: str, source_ids: Sequence[str], taxon: str, organism_ids: Sequence[str]) -> pa.Table:
        """Fixes of the named sources and taxon; all organisms where none is named."""

    def snapshot(self) -> int:
        """The newest snapshot."""


@contextmanager
def open_evidence(atlas: Atlas) -> Iterator[Evidence | None]:
    """The atlas's store, read only; None where there is no evidence to compare products with.

    Raises
    ------
    NotFound, Corrupt, Conflict : there is evidence and it cannot be read, so that nothing may be released
    """
    from wildways.store import Workspace

    try:
        workspace = Workspace.open(atlas.workspace, read_only=True)
    except NotFound as error:
        if error.code != "workspace-missing":
            raise
        yield None
        return
    with workspace:
        yield workspace


def open_records(
    evidence: Evidence, module: ModuleDefinition, population: Population, today: date
) -> tuple[tuple[str, ...], pa.Table] | None:
    """The raw records of a population that may be published: source ids and fixes, or None where there are none."""
    source_ids = tuple(source.id for source in open_sources(module, population, today))
    if not source_ids:
        return None
    fixes = evidence.fixes(
        module_id=module.id, source_ids=source_ids, taxon=population.taxon, organism_ids=population.organisms
    )
    return (source_ids, fixes) if len(fixes) else None


def check_positions(
    decision: Decision, product: Product, features: Features, module: ModuleDefinition, evidence: Evidence | None
) -> Decision:
    """Withhold features of which a vertex is a recorded position of a source that keeps its raw records."""
    kept = tuple(s.id for s in module.sources if s.id in product.inputs.sources and s.access is not Access.OPEN)
    if evidence is None or not kept:
        return decision
    fixes = evidence.fixes(module_id=module.id, source_ids=kept, taxon=product.taxon, organism_ids=())
    if not shows_any(features.geometry, fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy()):
        return decision
    return Decision(product.id, product.module, "positions")


def public_columns(product: Product) -> list[str]:
    """The columns of a product that are published: those it declares and, where its legend has classes, `class`."""
    names = [declared.name for declared in product.properties]
    if product.legend is not None and product.legend.classes and "class" not in names:
        names.append("class")
    return names


def _refusal(
    product: Product, sources: Sequence[Source], today: date, licence: Licence | None, min_animals: int
) -> str | None:
    """Why a product may not leave, or None; what the owners say comes first."""
    if not sources or len(sources) < len(product.inputs.sources):
        return "unknown-source"
    by_owners = _owners_refusal(sources, today, raw=product.derivation is Derivation.RECORDS)
    if by_owners is not None:
        return by_owners
    if licence is None:
        return "licence"
    return "few-animals" if product.sample.n_animals < min_animals else None


def _owners_refusal(sources: Sequence[Source], today: date, *, raw: bool) -> str | None:
    if any(source.access is Access.PRIVATE for source in sources):
        return "private"
    if any(source.embargo_until is not None and today < source.embargo_until for source in sources):
        return "embargo"
    if raw and any(source.access is not Access.OPEN for source in sources):
        return "positions"
    return None


def _licence_for(own: Licence, sources: Sequence[Source]) -> Licence | None:
    licences = [find_licence(source.licence) for source in sources]
    known = [licence for licence in licences if licence is not None]
    return combine_licences(own, known) if len(known) == len(licences) else None


def _atlas_licence(identifier: str) -> Licence:
    licence = find_licence(identifier)
    if licence is None:
        raise BadInput(
            "licence-unknown",
            f"The atlas cannot be published under “{identifier}”, which is not a licence known here.",
            hint="Use the SPDX identifier of an open licence, for example CC-BY-4.0.",
            place=Place(ATLAS_FILE, None, "atlas.licence"),
        )
    return licence


def _published(source: Source) -> PublishedSource:
    licence = find_licence(source.licence)
    identifier = source.licence if licence is None else licence.id
    return PublishedSource(id=source.id, owner=source.owner, citation=source.citation, licence=identifier)
