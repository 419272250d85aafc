"""Human decisions about windows."""

from pathlib import Path

import pandas as pd
import pytest

from wildways.model import BadInput
from wildways.movement import PROPOSAL_COLUMNS, WINDOW_COLUMNS, migrations, resolve_windows

DATES = ["start_utc", "end_utc"]


def _proposed(*rows: tuple[str, int, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (*row, "migrant", 60_000.0, "A", 0.5, 0.5, "net-displacement", "automatic", "", "Moved out and back.")
            for row in rows
        ],
        columns=list(PROPOSAL_COLUMNS),
    )
    for name in DATES:
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.as_unit("us")
    return frame


PROPOSED = _proposed(
    ("A", 2009, "spring", "2009-04-01", "2009-05-10T23:59:59"),
    ("A", 2009, "autumn", "2009-10-01", "2009-11-10T23:59:59"),
    ("B", 2009, "", "", ""),
)


def _decided(*rows: tuple[str, ...]) -> pd.DataFrame:
    filled = [(*row, *("Ada", "2026-11-20", "seen on the plot")[: 8 - len(row)]) for row in rows]
    return pd.DataFrame(filled, columns=list(WINDOW_COLUMNS), dtype=object)


def _dates(windows: pd.DataFrame, animal: str, season: str) -> list[str]:
    row = windows[(windows["animal_id"] == animal) & (windows["season"] == season)].iloc[0]
    return [str(row[name])[:19] for name in DATES]


def test_without_decisions_the_proposals_stand() -> None:
    assert resolve_windows(PROPOSED, _decided()).equals(PROPOSED)


def test_a_decision_replaces_the_proposal_of_its_season_and_says_who_when_why() -> None:
    windows = resolve_windows(PROPOSED, _decided(("A", "2009", "spring", "2009-04-12", "2009-05-20")))
    assert _dates(windows, "A", "spring") == ["2009-04-12 00:00:00", "2009-05-20 23:59:59"]
    assert _dates(windows, "A", "autumn") == ["2009-10-01 00:00:00", "2009-11-10 23:59:59"]
    row = windows[windows["season"] == "spring"].iloc[0]
    assert (row["decided_by"], row["decided_on"], row["reason"]) == ("Ada", "2026-11-20", "seen on the plot")
    assert (row["method"], row["movement_class"]) == ("decided", "migrant")


def test_an_end_with_a_time_is_taken_at_its_word() -> None:
    windows = resolve_windows(
        PROPOSED, _decided(("A", "2009", "spring", "2009-04-12T06:00Z", "2009-05-20T12:00+02:00"))
    )
    assert _dates(windows, "A", "spring") == ["2009-04-12 06:00:00", "2009-05-20 10:00:00"]


def test_empty_dates_say_that_there_was_no_migration() -> None:
    windows = resolve_windows(PROPOSED, _decided(("A", "2009", "spring", "", "")))
    assert migrations(windows)["season"].tolist() == ["autumn"]
    assert len(windows) == 3


def test_an_empty_season_without_dates_clears_the_year() -> None:
    windows = resolve_windows(PROPOSED, _decided(("A", "2009", "", "", "")))
    assert migrations(windows).empty
    assert windows["animal_id"].tolist() == ["A", "B"]


def test_a_window_that_was_not_proposed_is_added() -> None:
    decided = _decided(
        ("B", "2009", "spring", "2009-04-12", "2009-05-20"), ("A", "2010", "spring", "2010-04-12", "2010-05-20")
    )
    windows = resolve_windows(PROPOSED, decided)
    assert windows[["animal_id", "bio_year", "season"]].to_numpy().tolist() == [
        ["A", 2009, "autumn"],
        ["A", 2009, "spring"],
        ["A", 2010, "spring"],
        ["B", 2009, "spring"],
    ]


def test_an_overlapping_proposal_is_cut_back() -> None:
    windows = resolve_windows(PROPOSED, _decided(("A", "2009", "spring", "2009-04-12", "2009-10-05")))
    assert _dates(windows, "A", "autumn") == ["2009-10-06 00:00:00", "2009-11-10 23:59:59"]
    assert windows.loc[windows["season"] == "autumn", "reason"].iloc[0].endswith("Cut back to a decided window.")


def test_a_proposal_inside_a_decided_window_is_gone() -> None:
    windows = resolve_windows(PROPOSED, _decided(("A", "2009", "spring", "2009-04-12", "2009-12-05")))
    assert migrations(windows)["season"].tolist() == ["spring"]


def test_proposals_that_were_written_and_read_change_nothing() -> None:
    text = PROPOSED[list(WINDOW_COLUMNS)].assign(
        **{name: PROPOSED[name].dt.strftime("%Y-%m-%d").fillna("") for name in DATES},
        bio_year=PROPOSED["bio_year"].astype(str),
    )
    windows = resolve_windows(PROPOSED, text)
    keys = ["animal_id", "bio_year", "season", *DATES]
    expected = PROPOSED[keys].sort_values(["animal_id", "bio_year", "season"]).reset_index(drop=True)
    assert windows[keys].equals(expected)


def test_nothing_given_is_changed() -> None:
    proposed, decided = PROPOSED.copy(), _decided(("A", "2009", "spring", "2009-04-12", "2009-12-05"))
    before = decided.copy()
    resolve_windows(proposed, decided)
    assert proposed.equals(PROPOSED)
    assert decided.equals(before)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (("X", "2009", "spring", "2009-04-12", "2009-05-20"), "window-animal", "animal_id"),
        (("A", "soon", "spring", "2009-04-12", "2009-05-20"), "window-year", "bio_year"),
        (("A", "2009", "winter", "2009-04-12", "2009-05-20"), "window-season", "season"),
        (("A", "2009", "", "2009-04-12", "2009-05-20"), "window-season", "season"),
        (("A", "2009", "spring", "12.4.2009x", "2009-05-20"), "window-date", "start_utc"),
        (("A", "2009", "spring", "2009-04-12", "2009-02-30"), "window-date", "end_utc"),
        (("A", "2009", "spring", "2009-04-12", ""), "window-date", "end_utc"),
        (("A", "2009", "spring", "2009-05-20", "2009-04-12"), "window-reversed", "end_utc"),
        (("A", "2009", "spring", "2009-04-12", "2009-05-20", "", "", ""), "window-decided-by", "decided_by"),
        (("A", "2009", "autumn", "2009-05-20", "2009-06-12"), "window-overlap", "start_utc"),
        (("A", "2009", "spring", "2010-04-12", "2010-05-20"), "window-twice", "season"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_field(row: tuple[str, ...], code: str, field: str) -> None:
    decided = _decided(
        ("B", "2009", "spring", "2009-04-12", "2009-05-20"), ("A", "2009", "spring", "2009-04-12", "2009-05-20")
    )
    if code not in ("window-overlap", "window-twice"):
        decided = decided.head(1)
    decided = pd.concat([decided, _decided(row)], ignore_index=True)
    with pytest.raises(BadInput) as error:
        resolve_windows(PROPOSED, decided, file=Path("windows.csv"))
    place = error.value.place
    assert (error.value.code, str(place.file), place.line, place.field) == (
        code,
        "windows.csv",
        len(decided) + 1,
        field,
    )


def test_the_line_of_the_file_is_used_where_given() -> None:
    decided = _decided(("X", "2009", "spring", "2009-04-12", "2009-05-20")).assign(line=7)
    with pytest.raises(BadInput) as error:
        resolve_windows(PROPOSED, decided)
    assert error.value.place.line == 7


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadInput) as error:
        resolve_windows(PROPOSED, _decided().drop(columns="season"))
    assert (error.value.code, error.value.place.field) == ("window-column", "season")


def test_a_class_that_somebody_decided_wins_over_the_proposed_one() -> None:
    decided = _decided(("B", "2009", "spring", "2009-04-12", "2009-05-20")).assign(movement_class="disperser")
    windows = resolve_windows(PROPOSED, decided)
    assert windows.loc[windows["animal_id"] == "B", "movement_class"].tolist() == ["disperser"]
    assert windows.loc[windows["animal_id"] == "A", "movement_class"].unique().tolist() == ["migrant"]


def test_a_class_that_is_none_is_refused_by_line() -> None:
    decided = _decided(("B", "2009", "spring", "2009-04-12", "2009-05-20")).assign(movement_class="wanderer")
    with pytest.raises(BadInput, match="wanderer") as caught:
        resolve_windows(PROPOSED, decided)
    assert (caught.value.code, caught.value.place.line) == ("window-class", 2)
