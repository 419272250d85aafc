"""What every reader must keep with sound files; `test_mutations` has it for all others."""

from pathlib import Path

import pytest

from tests.readers.corpus import Seed
from tests.readers.mutation_run import check, read, write_mutation
from wildways.model import WildwaysError
from wildways.readers import FIX_SCHEMA, Reader, list_readers, no_fixes

STREAMED = ("movebank-csv", "otn-detections", "etn-package")
"""Readers that stream long files before they look through them."""


@pytest.fixture(params=list_readers(), ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each reader that is installed."""
    found: Reader = request.param
    return found


def test_a_reader_says_what_it_is(reader: Reader) -> None:
    assert isinstance(reader, Reader)
    assert reader.name
    assert reader.version
    assert reader.description


def test_a_reader_claims_its_own_files_and_no_others(reader: Reader, seeds: tuple[Seed, ...], tmp_path: Path) -> None:
    own = [seed for seed in seeds if seed.reader == reader.name]
    assert own, "a new reader needs a seed in tests/readers/corpus.py"
    for seed in own:
        assert reader.claims(seed.write(tmp_path)) == seed.is_claimed
    (tmp_path / "other").write_bytes(b"\0\1\2")
    assert not reader.claims(tmp_path / "other")
    assert not reader.claims(tmp_path / "missing")


def test_a_sound_file_is_read(reader: Reader, seeds: tuple[Seed, ...], tmp_path: Path) -> None:
    for seed in seeds:
        if seed.reader == reader.name:
            account, tables = read(reader, seed.write(tmp_path), seed.settings)
            check(account, tables)
            assert account.n_kept > 0
            assert tables["fix"].schema.names == FIX_SCHEMA.names


@pytest.mark.parametrize("name", STREAMED)
def test_what_is_streamed_unseen_adds_up_or_is_read_again(
    name: str, seeds: tuple[Seed, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wildways.readers.parsing.SMALL_BYTES", 0)
    reader = next(reader for reader in list_readers() if reader.name == name)
    for seed in seeds:
        for number in range(60 if seed.reader == name else 0):
            try:
                check(*read(reader, write_mutation(seed, number, tmp_path), seed.settings))
            except WildwaysError as error:
                assert error.hint


def test_a_stream_without_fixes_has_the_schema_of_fixes() -> None:
    assert no_fixes().read_all().schema == FIX_SCHEMA
