"""Animals in a frame of fixes."""

import pandas as pd
import pytest

from tests.movement.frames import fix_frame, no_fixes
from wildways.model import BadInput
from wildways.movement.fixes import animal_bounds, epoch_seconds


def test_each_animal_begins_where_the_one_before_ends() -> None:
    fixes = pd.concat([fix_frame([0, 1], [0, 0]), fix_frame([2], [0], animal="B")], ignore_index=True)
    assert animal_bounds(fixes).tolist() == [0, 2, 3]


def test_no_fixes_have_no_animals() -> None:
    assert animal_bounds(no_fixes()).tolist() == [0]


def test_times_are_seconds_since_1970() -> None:
    assert epoch_seconds(fix_frame([0], [0], start="1970-01-02")).tolist() == [86_400.0]


def _naive() -> pd.DataFrame:
    fixes = fix_frame([0], [0])
    return fixes.assign(time_utc=fixes["time_utc"].dt.tz_localize(None))


@pytest.mark.parametrize(
    ("fixes", "code", "field"),
    [
        (fix_frame([0], [0]).drop(columns="latitude"), "fixes-column", "latitude"),
        (_naive(), "fixes-time-zone", "time_utc"),
        (fix_frame([0, 0], [0, 0], hours=[1, 0]), "fixes-unsorted", "time_utc"),
        (fix_frame([0, 0, 0], [0, 0, 0], animal=["A", "B", "A"]), "fixes-unsorted", "animal_id"),
        (fix_frame([0, float("nan")], [0, 0]), "fixes-position", "longitude"),
        (fix_frame([0], [95]), "fixes-position", "latitude"),
        (
            fix_frame([0], [0]).assign(time_utc=pd.Series([pd.NaT], dtype="datetime64[us, UTC]")),
            "fixes-missing",
            "time_utc",
        ),
    ],
)
def test_fixes_that_make_no_sense_are_refused(fixes: pd.DataFrame, code: str, field: str) -> None:
    with pytest.raises(BadInput) as error:
        animal_bounds(fixes)
    assert (error.value.code, error.value.place.field) == (code, field)
