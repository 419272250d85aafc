"""Windows decided by people, and how they win over what was proposed. Pure: frames in, a frame out."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wildways.model import BadInput, MovementClass, Place, Season
from wildways.movement.cascade import Confidence
from wildways.movement.seasons import PROPOSAL_COLUMNS

WINDOW_COLUMNS = ("animal_id", "bio_year", "season", "start_utc", "end_utc", "decided_by", "decided_on", "reason")
"""Columns of a file of decided windows. Dates are ISO 8601; a bare date is a whole day; both empty: no migration.

A column ``movement_class`` may be added: what the animal did in that year, where it is not what was proposed."""

DECIDED = "decided"

_REQUIRED = ("animal_id", "bio_year", "season", "start_utc", "end_utc", "decided_by")
_KEY = ["animal_id", "bio_year", "season"]
_SECOND = pd.Timedelta(seconds=1)
_BARE_DATE = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*")


def resolve_windows(proposed: pd.DataFrame, decided: pd.DataFrame, *, file: Path | str | None = None) -> pd.DataFrame:
    """Let human decisions win over proposals.

    A decided row replaces the proposal of the same animal, biological year and season, or is added. With empty dates
    it says that there was no migration: of that season, or, where its season is empty too, of that year. A
    proposal that overlaps a decided window of the same animal is cut back to what the decision leaves of it.

    Parameters
    ----------
    proposed : as :func:`~wildways.movement.propose_windows` gives it; has every animal
    decided : `WINDOW_COLUMNS` as text or times; ``decided_on`` and ``reason`` may be missing, ``movement_class`` may
        be added; ``line`` is where the row stands in the file, by default counted from 2
    file : name of that file, for messages only

    Returns
    -------
    Columns of `proposed`; one row an animal, year and season, sorted by these. Rows without dates are not migrations.
    A class that somebody decided stands in the decided rows of its animal-year.

    Raises
    ------
    BadInput : a column or value is missing, a year, season or date is not one, dates are reversed, an animal is
        unknown, a row is given twice or windows of an animal overlap; names line and field
    """
    decisions = _parsed(decided, set(proposed["animal_id"]), file)
    _refuse_overlaps(decisions, file)
    if decisions.empty:
        return proposed.reset_index(drop=True)
    kept = _cut_back(_without_decided(proposed, decisions), decisions)
    classes = pd.concat([_classes(decisions[decisions["movement_class"] != ""]), _classes(proposed)])
    classes = classes[~classes.index.duplicated()]
    decisions = decisions.drop(columns="movement_class").join(classes, on=_KEY[:2])
    decisions["movement_class"] = decisions["movement_class"].fillna(str(MovementClass.UNDETERMINED))
    decisions = decisions.assign(
        displacement_m=np.nan, confidence=Confidence.A.value, start_se_days=np.nan, end_se_days=np.nan, method=DECIDED
    )[list(PROPOSAL_COLUMNS)]
    both = pd.concat([kept, decisions.astype(proposed.dtypes.to_dict())] if len(kept) else [decisions])
    return both.sort_values(_KEY, kind="stable").reset_index(drop=True).astype(proposed.dtypes.to_dict())


def migrations(windows: pd.DataFrame) -> pd.DataFrame:
    """The windows that have dates, in which sequences can be cut."""
    return windows[windows["start_utc"].notna() & windows["end_utc"].notna()].reset_index(drop=True)


def _classes(windows: pd.DataFrame) -> "pd.Series[str]":
    return windows.groupby(_KEY[:2])["movement_class"].first()


def _parsed(decided: pd.DataFrame, animals: set[str], file: Path | str | None) -> pd.DataFrame:
    for name in _REQUIRED:
        if name not in decided.columns:
            raise BadInput(
                "window-column",
                f"There is no column “{name}”.",
                hint=f"The columns are {', '.join(WINDOW_COLUMNS)}.",
                place=Place(file, 1, name),
            )
    lines = decided["line"] if "line" in decided.columns else range(2, len(decided) + 2)
    rows = [_row(row, int(line), animals, file) for line, row in zip(lines, decided.to_dict("records"), strict=True)]
    frame = pd.DataFrame(rows, columns=[*WINDOW_COLUMNS, "movement_class", "line"])
    twice = frame[frame.duplicated(_KEY)]
    if len(twice):
        message = f"{twice.iloc[0]['animal_id']} has this year and season twice."
        raise BadInput("window-twice", message, place=Place(file, int(twice.iloc[0]["line"]), "season"))
    for name in ("start_utc", "end_utc"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame


def _row(row: dict[Hashable, Any], line: int, animals: set[str], file: Path | str | None) -> tuple[object, ...]:
    def refuse(code: str, field: str, message: str, hint: str = "") -> BadInput:
        return BadInput(code, message, hint=hint, place=Place(file, line, field))

    names = (*WINDOW_COLUMNS, "movement_class")
    text = {name: "" if pd.isna(row.get(name)) else str(row.get(name)).strip() for name in names}
    if text["animal_id"] not in animals:
        raise refuse("window-animal", "animal_id", f"There is no animal “{text['animal_id']}” with usable fixes.")
    if not re.fullmatch(r"[12]\d{3}(\.0)?", text["bio_year"]):
        raise refuse("window-year", "bio_year", f"“{text['bio_year']}” is not a year.", "Give four digits.")
    if text["season"] not in ("", *Season):
        raise refuse("window-season", "season", f"There is no season “{text['season']}”.", "Give spring or autumn.")
    if text["movement_class"] not in ("", *MovementClass):
        hint = f"There are {', '.join(MovementClass)}."
        raise refuse("window-class", "movement_class", f"There is no class “{text['movement_class']}”.", hint)
    if not text["decided_by"]:
        raise refuse("window-decided-by", "decided_by", "It is empty.", "Say who decided.")
    start, end = _instant(text["start_utc"]), _instant(text["end_utc"])
    for field, instant in (("start_utc", start), ("end_utc", end)):
        if instant is None:
            hint = "Write 2009-04-15 or 2009-04-15T06:00Z."
            raise refuse("window-date", field, f"“{text[field]}” is not a date.", hint)
    if _BARE_DATE.fullmatch(text["end_utc"]):
        end = end + pd.Timedelta(days=1) - _SECOND
    if pd.isna(start) != pd.isna(end):
        field = "start_utc" if pd.isna(start) else "end_utc"
        raise refuse("window-date", field, "One date is given and the other is empty.", "Give both or none.")
    if not pd.isna(start) and not text["season"]:
        raise refuse("window-season", "season", "A window with dates needs a season.", "Give spring or autumn.")
    if end < start:
        raise refuse("window-reversed", "end_utc", f"The window ends on {end}, before it starts on {start}.")
    head = (text["animal_id"], int(float(text["bio_year"])), text["season"], start, end)
    return (*head, text["decided_by"], text["decided_on"], text["reason"], text["movement_class"], line)


def _instant(text: str) -> Any:
    """The instant, NaT for no text, None where the text is no date; without a zone it is UTC."""
    if not text:
        return pd.NaT
    try:
        instant = pd.Timestamp(text)
    except (ValueError, OverflowError):
        return None
    return instant.tz_localize("UTC") if instant.tzinfo is None else instant.tz_convert("UTC")


def _refuse_overlaps(decisions: pd.DataFrame, file: Path | str | None) -> None:
    rows = decisions[decisions["start_utc"].notna()].sort_values(["animal_id", "start_utc"])
    before = rows.shift()
    overlapping = rows[(rows["animal_id"] == before["animal_id"]) & (rows["start_utc"] <= before["end_utc"])]
    if len(overlapping):
        row, other = overlapping.iloc[0], before.loc[overlapping.index].iloc[0]
        message = f"This window of {row['animal_id']} overlaps that of line {other['line']:.0f}."
        raise BadInput("window-overlap", message, place=Place(file, int(row["line"]), "start_utc"))


def _without_decided(proposed: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    # A decision on a season replaces that season and the year's “no migration”; one on the year replaces the year.
    year = ["animal_id", "bio_year"]
    of_year = pd.MultiIndex.from_frame(proposed[year])
    is_decided = pd.MultiIndex.from_frame(proposed[_KEY]).isin(pd.MultiIndex.from_frame(decisions[_KEY]))
    is_decided |= of_year.isin(pd.MultiIndex.from_frame(decisions.loc[decisions["season"] == "", year]))
    is_decided |= (proposed["season"] == "") & of_year.isin(pd.MultiIndex.from_frame(decisions[year]))
    return proposed[~is_decided]


def _cut_back(proposed: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    cut = proposed.copy()
    for window in migrations(decisions).to_dict("records"):
        start, end = window["start_utc"], window["end_utc"]
        overlaps = (cut["animal_id"] == window["animal_id"]) & (cut["start_utc"] <= end) & (cut["end_utc"] >= start)
        begins_before = overlaps & (cut["start_utc"] < start)
        cut.loc[begins_before, "end_utc"] = start - _SECOND
        cut.loc[overlaps & ~begins_before, "start_utc"] = end + _SECOND
        cut.loc[overlaps, "reason"] += " Cut back to a decided window."
    lost = cut["start_utc"] >= cut["end_utc"]
    cut.loc[lost, ["start_utc", "end_utc"]] = pd.NaT
    return cut
