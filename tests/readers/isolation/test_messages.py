"""Errors, accounts and options go to JSON and come back the same."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.model import (
    BadInput,
    Conflict,
    Corrupt,
    Finding,
    LimitReached,
    NotAllowed,
    NotFound,
    Place,
    WildwaysError,
)
from wildways.readers import Account, ReadAgain, ReadingOptions
from wildways.readers.isolation.frames import BrokenFrame
from wildways.readers.isolation.messages import (
    account_as_json,
    account_from_json,
    error_as_json,
    error_from_json,
    options_as_json,
    options_from_json,
)

COUNTS = st.integers(0, 1 << 60)
TEXTS = st.text(max_size=8)
PLACES = st.builds(
    Place, st.none() | TEXTS | st.just(Path("a/b.csv")) | st.just("\udce0"), st.none() | COUNTS, st.none() | TEXTS
)
FINDINGS = st.builds(
    Finding, TEXTS, TEXTS, COUNTS, st.booleans(), PLACES, example=st.none() | TEXTS, hint=st.none() | TEXTS
)
ERRORS = st.builds(
    lambda kind, code, message, hint, place: kind(code, message, hint=hint, place=place),
    st.sampled_from([BadInput, Conflict, Corrupt, LimitReached, NotAllowed, NotFound, WildwaysError]),
    TEXTS,
    TEXTS,
    TEXTS,
    PLACES,
)


@given(st.builds(Account, COUNTS, COUNTS, st.lists(FINDINGS, max_size=3).map(tuple)))
def test_an_account_comes_back_the_same(account: Account) -> None:
    assert account_from_json(json.loads(json.dumps(account_as_json(account)))) == account


@given(ERRORS)
def test_an_error_comes_back_the_same(error: WildwaysError) -> None:
    found = error_from_json(json.loads(json.dumps(error_as_json(error, "reader", Place()))))
    assert type(found) is type(error)
    assert found.args == error.args
    assert isinstance(found, WildwaysError)
    assert found.place == error.place


def test_an_error_of_a_third_party_comes_back_as_what_it_is_one_of() -> None:
    class TooOld(BadInput):
        pass

    found = error_from_json(error_as_json(TooOld("old", "It is old."), "reader", Place()))
    assert type(found) is BadInput


def test_the_wish_to_read_again_comes_back() -> None:
    assert isinstance(error_from_json(error_as_json(ReadAgain(), "reader", Place())), ReadAgain)


def test_options_come_back_the_same() -> None:
    options = ReadingOptions(
        "name", "study", datetime(2026, 1, 1, tzinfo=UTC), Path("/scratch"), "2GB", threads=3, is_thorough=True
    )
    assert asdict(options_from_json(json.loads(json.dumps(options_as_json(options))))) == asdict(options)
    usual = ReadingOptions()
    assert options_from_json(options_as_json(usual)) == usual


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
)
def test_what_is_no_account_and_no_error_is_refused(message: object) -> None:
    for read in (account_from_json, error_from_json):
        with pytest.raises(BrokenFrame):
            read(message)  # type: ignore[arg-type,operator]
