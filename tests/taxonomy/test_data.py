"""The data files are sound: ids unique, every row with a source, synonyms and listings of taxa that exist."""

import re
import tomllib
from datetime import date
from importlib.resources import files

import pytest

from wildways.taxonomy import LANGUAGES, taxa
from wildways.taxonomy.names import parse_name
from wildways.taxonomy.tables import accepted_names, read_table, synonyms

FILES = ("taxa.csv", "synonyms.csv", "cms_listing.csv")
TURTLES = {"caretta-caretta", "chelonia-mydas", "dermochelys-coriacea", "eretmochelys-imbricata"} | {
    "lepidochelys-kempii",
    "lepidochelys-olivacea",
    "natator-depressus",
}
CENTRAL_ASIA = [
    "Ovis ammon",
    "Acinonyx jubatus",
    "Equus hemionus",
    "Cervus hanglu",
    "Lynx lynx",
    "Ursus arctos",
    "Gazella subgutturosa",
    "Equus kiang",
    "Procapra gutturosa",
    "Otocolobus manul",
    "Panthera pardus",
    "Equus ferus",
    "Saiga tatarica",
    "Saiga borealis",
    "Panthera uncia",
    "Ovis vignei",
    "Camelus ferus",
    "Bos mutus",
]
UNGULATE_ATLAS = [
    "Connochaetes taurinus",
    "Loxodonta africana",
    "Saiga tatarica",
    "Equus hemionus",
    "Budorcas taxicolor",
    "Cervus elaphus",
    "Odocoileus hemionus",
    "Procapra gutturosa",
    "Rangifer tarandus",
    "Kobus kob",
    "Equus quagga",
    "Lama guanicoe",
    "Antilocapra americana",
]


def _toml(name: str) -> dict[str, object]:
    return tomllib.loads(files("wildways.taxonomy").joinpath(f"data/{name}").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_sources_that_are_described(name: str) -> None:
    described = {key for key, value in _toml("sources.toml").items() if isinstance(value, dict)}
    for row in read_table(name):
        assert row["source"]
        assert set(row["source"].split(";")) <= described


def test_every_described_source_is_used_and_says_title_address_and_licence() -> None:
    used = {key for name in FILES for row in read_table(name) for key in row["source"].split(";")}
    for key, source in _toml("sources.toml").items():
        if isinstance(source, dict):
            assert key in used
            assert all(source[field] for field in ("title", "url", "licence", "gives"))


@pytest.mark.parametrize("field", ["taxon_id", "scientific_name", "inat_id", "avibase_id", "euring_code", "aphia_id"])
def test_ids_and_names_are_unique(field: str) -> None:
    values = [row[field] for row in read_table("taxa.csv") if row[field]]
    assert len(values) == len(set(values)) > 0


def test_every_taxon_says_where_it_belongs() -> None:
    for taxon in taxa().values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", taxon.taxon_id)
        assert taxon.rank == "species"
        assert all((taxon.group, taxon.family, taxon.order, taxon.class_name))
        assert parse_name(taxon.scientific_name).species == taxon.scientific_name
        assert set(taxon.vernaculars) <= set(LANGUAGES)
        assert all(name == name.strip() for name in taxon.vernaculars.values())


def test_every_synonym_points_to_a_taxon_and_is_not_an_accepted_name() -> None:
    rows = read_table("synonyms.csv")
    assert len({row["synonym"] for row in rows}) == len(rows)
    assert set(synonyms().values()) <= set(taxa())
    assert not set(synonyms()) & set(accepted_names())
    for name in synonyms():
        parts = parse_name(name)
        assert name in {parts.species, parts.subspecies}


def test_every_listing_is_of_a_taxon_with_an_appendix_and_a_date_or_none() -> None:
    for row in read_table("cms_listing.csv"):
        assert row["taxon_id"] in taxa()
        assert row["appendix"] in {"I", "II", "I/II"}
        if len(row["listed"]) > 4:
            assert date(1979, 6, 23) < date.fromisoformat(row["listed"]) < date(2026, 11, 23)
        else:
            assert not row["listed"] or 1979 <= int(row["listed"]) <= 2026


def test_no_listing_is_given_twice() -> None:
    rows = [tuple(row.values()) for row in read_table("cms_listing.csv")]
    assert len(rows) == len(set(rows))


def test_the_promised_species_are_there() -> None:
    assert set(taxa()) >= TURTLES
    assert set(accepted_names()) >= {*CENTRAL_ASIA, *UNGULATE_ATLAS}


def test_the_seven_marine_turtles_and_fifty_birds_are_listed() -> None:
    listed = {row["taxon_id"] for row in read_table("cms_listing.csv")}
    assert listed >= TURTLES
    assert sum(taxa()[taxon_id].group == "birds" for taxon_id in listed) >= 50


def test_the_list_says_its_version_and_what_it_misses() -> None:
    about = _toml("cms_listing.toml")
    assert about["version"]
    assert about["complete"] is False
    assert any("COP15" in line for line in about["missing"])  # type: ignore[attr-defined]
    assert [line.split(":")[0] for line in about["columns"]] == list(read_table("cms_listing.csv")[0])  # type: ignore[attr-defined]
