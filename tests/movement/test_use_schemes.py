"""Schemes: published rules as data."""

import pytest

from wildways.model.errors import NotFound
from wildways.movement import USGS_CORRIDOR_TEAM, get_scheme, use_schemes


def required(name, n_animals):
    return {use.name: use.required(n_animals) for use in get_scheme(name).classes}


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("usgs-cmt", {"low": 1, "medium": 4, "high": 8}),
        ("mapp2", {"animals-1": 1, "animals-2": 2, "share-10": 4, "share-20": 8}),
        (
            "mapp3",
            {
                "animals-1": 1,
                "animals-2": 2,
                "share-5": 2,
                "share-10": 4,
                "share-15": 6,
                "share-20": 8,
                "share-30": 12,
            },
        ),
        ("utah", {"low": 1, "medium": 10, "high": 30}),
    ],
)
def test_a_scheme_asks_for_what_its_agency_asks_for(name, classes):
    assert required(name, 40) == classes


def test_every_scheme_says_where_it_is_defined_and_how_it_counts():
    for name, scheme in use_schemes().items():
        assert scheme.name == name
        assert scheme.reference
        assert scheme.title
        assert scheme.footprint_of in ("sequences", "mean")
        assert scheme.equal_weight in ("animals", "years")
        assert scheme.stopover_basis in ("volume", "area")
        assert 0 < scheme.use_trim_level <= 1


def test_the_two_generations_of_migration_mapper_differ_in_more_than_their_classes():
    second, third = get_scheme("mapp2"), get_scheme("mapp3")
    assert (second.footprint_of, third.footprint_of) == ("mean", "sequences")
    assert (second.equal_weight, third.equal_weight) == ("animals", "years")
    assert (second.stopover_basis, third.stopover_basis) == ("volume", "area")


def test_classes_that_ask_for_the_same_once_few_animals_are_withheld_are_one():
    assert [use.name for use in get_scheme("mapp2").from_animals(2).classes] == ["animals-2", "share-10", "share-20"]
    assert USGS_CORRIDOR_TEAM.from_animals(1) == USGS_CORRIDOR_TEAM


def test_an_unknown_scheme_is_refused_by_name():
    with pytest.raises(NotFound) as refused:
        get_scheme("idaho")
    assert "usgs-cmt" in refused.value.hint
