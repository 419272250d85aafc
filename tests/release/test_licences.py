"""Which licence a product of several sources may carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.release.licences import Licence, combine_licences, find_licence

KNOWN = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "ODbL-1.0", "OGL-UK-3.0")


def licence(identifier: str) -> Licence:
    found = find_licence(identifier)
    assert found is not None
    return found


def combined(own: str, *sources: str) -> str | None:
    result = combine_licences(licence(own), [licence(source) for source in sources])
    return None if result is None else result.id


@pytest.mark.parametrize(
    ("own", "sources", "expected"),
    [
        ("CC-BY-4.0", ["CC0-1.0"], "CC-BY-4.0"),
        ("CC0-1.0", ["CC0-1.0"], "CC0-1.0"),
        ("CC0-1.0", ["OGL-UK-3.0", "CC-BY-4.0"], "OGL-UK-3.0"),
        ("CC-BY-4.0", ["CC-BY-NC-4.0", "CC0-1.0"], "CC-BY-NC-4.0"),
        ("CC-BY-NC-4.0", ["CC-BY-4.0"], "CC-BY-NC-4.0"),
        ("CC-BY-4.0", ["CC-BY-SA-4.0"], "CC-BY-SA-4.0"),
        ("CC-BY-4.0", ["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"], "CC-BY-NC-SA-4.0"),
        ("CC-BY-ND-4.0", ["CC-BY-NC-4.0"], "CC-BY-NC-ND-4.0"),
    ],
)
def test_the_strictest_licence_wins(own: str, sources: list[str], expected: str) -> None:
    assert combined(own, *sources) == expected


@pytest.mark.parametrize("source", ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "CC-BY-ND-3.0"])
def test_nothing_may_be_derived_where_a_source_forbids_derivatives(source: str) -> None:
    assert combined("CC-BY-4.0", "CC-BY-4.0", source) is None


@pytest.mark.parametrize(
    ("own", "sources"),
    [
        ("CC-BY-4.0", ["CC-BY-SA-4.0", "CC-BY-NC-4.0"]),
        ("CC-BY-NC-4.0", ["CC-BY-SA-4.0"]),
        ("CC-BY-4.0", ["CC-BY-SA-4.0", "ODbL-1.0"]),
        ("CC-BY-ND-4.0", ["CC-BY-SA-4.0"]),
    ],
)
def test_share_alike_excludes_other_conditions(own: str, sources: list[str]) -> None:
    assert combined(own, *sources) is None


def test_case_does_not_matter_in_identifiers() -> None:
    assert licence("cc-by-4.0") == licence("CC-BY-4.0")


@pytest.mark.parametrize("identifier", ["", " ", "custom", "all rights reserved", "LicenseRef-mine", "CC-BY"])
def test_what_is_not_a_known_identifier_is_no_licence(identifier: str) -> None:
    assert find_licence(identifier) is None


@given(st.sampled_from(KNOWN), st.lists(st.sampled_from(KNOWN), min_size=1, max_size=4))
def test_a_product_asks_for_all_that_its_sources_ask_for(own: str, sources: list[str]) -> None:
    result = combine_licences(licence(own), [licence(source) for source in sources])
    if result is not None:
        assert all(licence(name).requires <= result.requires for name in [own, *sources])


@given(st.sampled_from(KNOWN), st.permutations(KNOWN[:4]))
def test_the_order_of_sources_does_not_change_the_conditions(own: str, sources: list[str]) -> None:
    there = combine_licences(licence(own), [licence(source) for source in sources])
    back = combine_licences(licence(own), [licence(source) for source in reversed(sources)])
    assert (there and there.requires) == (back and back.requires)
