"""The taxa, their synonyms and vernacular names, as the data files give them."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from wildways.model import BadInput, NotFound

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
"""The languages of the United Nations, in which vernacular names are kept."""

_RESOLVED_BY = ("taxa.csv", "synonyms.csv")


@dataclass(frozen=True, slots=True)
class Taxon:
    """One taxon. ``taxon_id`` is made from the name at its first entry and stays when the name changes."""

    taxon_id: str
    scientific_name: str
    rank: str
    group: str
    family: str
    order: str
    class_name: str
    inat_id: str | None
    avibase_id: str | None
    euring_code: str | None
    aphia_id: str | None
    itis_tsn: str | None
    vernaculars: Mapping[str, str]
    source: tuple[str, ...]


@cache
def taxa() -> Mapping[str, Taxon]:
    """Every taxon of the table, by its id."""
    return MappingProxyType({row["taxon_id"]: _taxon(row) for row in read_table("taxa.csv")})


@cache
def accepted_names() -> Mapping[str, str]:
    """Taxon ids by accepted scientific name."""
    return MappingProxyType({taxon.scientific_name: taxon.taxon_id for taxon in taxa().values()})


@cache
def synonyms() -> Mapping[str, str]:
    """Taxon ids by names that are not accepted."""
    return MappingProxyType({row["synonym"]: row["taxon_id"] for row in read_table("synonyms.csv")})


@cache
def taxonomy_version() -> str:
    """What names resolve by: a hash of the tables, which changes when one of them does."""
    tables = b"".join(files("wildways.taxonomy").joinpath(f"data/{name}").read_bytes() for name in _RESOLVED_BY)
    return hashlib.sha256(tables).hexdigest()[:16]


def get_taxon(taxon_id: str) -> Taxon:
    """Get one taxon.

    Raises
    ------
    NotFound : ``unknown-taxon``: the table has no such id
    """
    taxon = taxa().get(taxon_id)
    if taxon is None:
        raise NotFound(
            "unknown-taxon",
            f"There is no taxon {taxon_id!r}.",
            hint="Ids look like ciconia-ciconia; resolve a name to get one.",
        )
    return taxon


def vernacular(taxon_id: str, language: str) -> str | None:
    """Get the name of a taxon in a language, or None where the data have none: names are never translated or guessed.

    Parameters
    ----------
    taxon_id : a taxon of the table
    language : one of `LANGUAGES`, with or without a region or script (``zh-Hans``, ``fr_CA``)

    Raises
    ------
    NotFound : ``unknown-taxon``
    BadInput : ``unknown-language``: names are not kept in that language
    """
    code = language.replace("_", "-").split("-")[0].lower()
    if code not in LANGUAGES:
        raise BadInput(
            "unknown-language",
            f"Names are not kept in the language {language!r}.",
            hint=f"Ask for one of {', '.join(LANGUAGES)}.",
        )
    return get_taxon(taxon_id).vernaculars.get(code)


def read_table(name: str) -> list[dict[str, str]]:
    """Read one of the data files of this package: a row is a mapping from column to text."""
    text = files("wildways.taxonomy").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _taxon(row: Mapping[str, str]) -> Taxon:
    return Taxon(
        taxon_id=row["taxon_id"],
        scientific_name=row["scientific_name"],
        rank=row["rank"],
        group=row["group"],
        family=row["family"],
        order=row["order"],
        class_name=row["class"],
        inat_id=row["inat_id"] or None,
        avibase_id=row["avibase_id"] or None,
        euring_code=row["euring_code"] or None,
        aphia_id=row["aphia_id"] or None,
        itis_tsn=row["itis_tsn"] or None,
        vernaculars=MappingProxyType({code: row[f"name_{code}"] for code in LANGUAGES if row[f"name_{code}"]}),
        source=tuple(row["source"].split(";")),
    )
