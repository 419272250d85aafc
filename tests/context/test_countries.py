"""Countries are found by code and by name."""

import pytest

from wildways.context import Jurisdictions
from wildways.model import BadInput


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KEN", "KEN"),
        ("ke", "KEN"),
        ("Kenya", "KEN"),
        (" kenya ", "KEN"),
        ("Côte d’Ivoire", "CIV"),
        ("cote d'ivoire", "CIV"),
        ("Allemagne", "DEU"),
        ("España", "ESP"),
        ("Кения", "KEN"),
        ("肯尼亚", "KEN"),
        ("UK", "GBR"),
        ("United Republic of Tanzania", "TZA"),
        ("State of Palestine", "PSE"),
        ("Democratic Republic of the Congo", "COD"),
        ("Congo", "COG"),
        ("Guinea", "GIN"),
        ("Niger", "NER"),
    ],
)
def test_a_country_is_found_by_code_or_name(jurisdictions: Jurisdictions, text: str, code: str) -> None:
    assert jurisdictions.country_code(text) == code


def test_every_country_is_found_by_each_of_its_names(jurisdictions: Jurisdictions) -> None:
    for country in jurisdictions.countries.values():
        assert jurisdictions.country_code(country.code) == country.code
        assert jurisdictions.country_code(country.alpha_2) == country.code
        assert jurisdictions.country_code(country.names["en"]) == country.code


def test_countries_have_names_in_the_languages_of_the_united_nations(jurisdictions: Jurisdictions) -> None:
    assert jurisdictions.countries["KEN"].alpha_2 == "KE"
    assert set(jurisdictions.countries["KEN"].names) == {"en", "fr", "es", "ru", "ar", "zh"}
    assert len(jurisdictions.countries) > 230


def test_a_misspelt_country_is_refused_with_what_may_be_meant(jurisdictions: Jurisdictions) -> None:
    with pytest.raises(BadInput) as error:
        jurisdictions.country_code("Kenia x")
    assert error.value.code == "unknown-country"
    assert "Kenia" in error.value.hint or "Kenya" in error.value.hint


def test_nonsense_is_refused_with_an_example(jurisdictions: Jurisdictions) -> None:
    with pytest.raises(BadInput) as error:
        jurisdictions.country_code("12345")
    assert "KEN" in error.value.hint
