"""What all readings have in common: what they open is closed, however they end."""

from contextlib import ExitStack

import pytest

from tests.readers.files import source
from wildways.model import BadInput
from wildways.readers import FIX_SCHEMA, ReadingOptions
from wildways.readers.reading import BaseReading, parameters_of


class _Opening(BaseReading):
    def __init__(self, *, is_broken: bool = False, names_study: bool = False, **settings: str) -> None:
        super().__init__(source(**settings), ReadingOptions(), names_study=names_study)
        self.is_broken, self.is_closed = is_broken, False

    def _open(self, stack: ExitStack) -> None:
        stack.callback(lambda: setattr(self, "is_closed", True))
        if self.is_broken:
            raise BadInput("broken", "The file is broken.")


def test_what_was_opened_is_closed_with_the_reading_and_not_before() -> None:
    with _Opening() as reading:
        assert not reading.is_closed
    assert reading.is_closed


def test_what_was_opened_is_closed_where_opening_fails() -> None:
    reading = _Opening(is_broken=True)
    with pytest.raises(BadInput), reading:
        pass
    assert reading.is_closed


def test_a_format_that_gives_nothing_has_neither_fixes_nor_tables_nor_rows() -> None:
    with _Opening() as reading:
        assert reading.fixes().schema == FIX_SCHEMA
        assert (reading.fixes().read_all().num_rows, dict(reading.tables()), reading.account.n_rows) == (0, {}, 0)


def test_the_study_is_named_by_the_file_or_by_its_source() -> None:
    named = [_Opening(names_study=True), _Opening(study="Deer"), _Opening()]
    assert [reading.names_study for reading in named] == [True, True, False]


def test_rows_that_name_no_study_get_that_of_the_source_then_of_the_options_then_the_id_of_the_source() -> None:
    def study(name: str | None, **settings: str) -> tuple[object, object]:
        parameters = parameters_of(source(**settings), ReadingOptions(study=name))
        return parameters["study"], parameters["is_study_a_guess"]

    assert study("Elk", study="Deer") == ("Deer", False)
    assert study("Elk") == ("Elk", False)
    assert study(None) == (source().id, True)
