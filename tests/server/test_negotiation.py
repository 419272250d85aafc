"""What a request prefers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.server.negotiation import choose_encoding, choose_language, matches_etag

OFFERED = ("en", "fr", "pt-BR")


@pytest.mark.parametrize(
    ("asked", "accept", "expected"),
    [
        (None, None, "en"),
        ("fr", "en", "fr"),
        ("xx", "fr", "fr"),
        (None, "fr-CH, en;q=0.9", "fr"),
        (None, "en;q=0.2, fr;q=0.8", "fr"),
        (None, "fr;q=0", "en"),
        (None, "PT-br", "pt-BR"),
        (None, "*", "en"),
        (None, ";;q=,,=;q=x", "en"),
        ("<script>", None, "en"),
    ],
)
def test_the_address_wins_then_the_heaviest_language(asked: str | None, accept: str | None, expected: str) -> None:
    assert choose_language(asked, accept, OFFERED) == expected


@given(st.text(max_size=50), st.text(max_size=2000))
def test_the_language_is_always_one_that_is_offered(asked: str, accept: str) -> None:
    assert choose_language(asked, accept, OFFERED) in OFFERED


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(None, None), ("gzip", "gzip"), ("gzip, br", "br"), ("*", "br"), ("br;q=0, gzip", "gzip"), ("deflate", None)],
)
def test_the_best_encoding_that_is_allowed_is_taken(accept: str | None, expected: str | None) -> None:
    assert choose_encoding(accept, ["br", "gzip"]) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, False), ('"a"', True), ('"b", "a"', True), ('W/"a"', True), ("*", True), ('"b"', False), ("a", False)],
)
def test_an_entity_tag_is_found_in_the_list(header: str | None, expected: bool) -> None:
    assert matches_etag(header, '"a"') is expected
