"""Taxa and their vernacular names."""

import pytest

from wildways.model import BadInput, NotFound
from wildways.taxonomy import LANGUAGES, get_taxon, taxa, vernacular


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Leopard"), ("fr", "Panthère"), ("es-MX", "Pantera"), ("zh_Hans", "豹"), ("ar", None)]
)
def test_a_species_has_the_names_its_sources_give(language: str, name: str | None) -> None:
    assert vernacular("panthera-pardus", language) == name


def test_a_name_that_the_data_do_not_have_is_none() -> None:
    assert vernacular("pekania-pennanti", "ru") is None


def test_a_language_that_is_not_kept_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        vernacular("ciconia-ciconia", "de")
    assert caught.value.code == "unknown-language"
    assert all(code in caught.value.hint for code in LANGUAGES)


def test_an_unknown_taxon_is_not_found() -> None:
    with pytest.raises(NotFound) as caught:
        get_taxon("ciconia-nowhere")
    assert caught.value.code == "unknown-taxon"


def test_ids_of_others_are_kept_where_a_source_gives_them() -> None:
    stork, shark, cougar = (get_taxon(taxon_id) for taxon_id in ("ciconia-ciconia", "prionace-glauca", "puma-concolor"))
    assert (stork.euring_code, stork.family, stork.group) == ("01340", "Ciconiidae", "birds")
    assert (shark.aphia_id, shark.euring_code) == ("105801", None)
    assert cougar.itis_tsn == "552479"


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        taxa()["new"] = get_taxon("ciconia-ciconia")  # type: ignore[index]
