"""Readers are found by name and by file."""

from pathlib import Path

import pytest

from tests.readers.files import row, write
from wildways.model import BadInput, NotFound
from wildways.readers import find_reader, get_reader, list_readers


def test_our_reader_is_found_by_its_name_and_by_its_file(tmp_path: Path) -> None:
    assert "movebank-csv" in [reader.name for reader in list_readers()]
    assert get_reader("movebank-csv").name == find_reader(write(tmp_path, [row()])).name == "movebank-csv"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="movebank-csv") as caught:
        get_reader("movebank-cvs")
    assert caught.value.code == "reader-unknown"


def test_a_file_that_no_reader_claims_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        find_reader(write(tmp_path, ["1,2"], columns=["a", "b"]))
    assert caught.value.code == "format-unknown"
