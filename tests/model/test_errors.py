"""Errors say where, what and what next."""

from pathlib import Path

from wildways.model import BadInput, Conflict, Corrupt, LimitReached, NotAllowed, NotFound, Place


def test_an_error_reads_as_file_line_field_message_hint() -> None:
    place = Place(Path("data/deer.csv"), 812, "location-long")
    error = BadInput("longitude-range", "4211.5 is outside -180…180.", hint="Set crs in the module.", place=place)
    assert str(error) == "data/deer.csv, line 812, location-long: 4211.5 is outside -180…180. Set crs in the module."
    assert error.as_dict() == {
        "code": "longitude-range",
        "message": "4211.5 is outside -180…180.",
        "hint": "Set crs in the module.",
        "file": "data/deer.csv",
        "line": 812,
        "field": "location-long",
    }


def test_every_class_has_an_exit_code_of_its_own() -> None:
    codes = [error.exit_code for error in (BadInput, NotAllowed, NotFound, Conflict, LimitReached, Corrupt)]
    assert codes == [3, 4, 5, 6, 7, 8]
