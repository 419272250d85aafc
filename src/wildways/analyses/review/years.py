"""What the review page shows of an animal-year: displacement, track, and what is proposed or decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wildways.analyses.contract import PopulationEvidence
from wildways.analyses.quality.rules import cleaning_rules
from wildways.model import ModuleDefinition, NotFound
from wildways.movement import (
    WINDOW_COLUMNS,
    net_displacement,
    prepare_tracks,
    propose_windows,
    resolve_windows,
    usable,
)
from wildways.movement.windows import DECIDED

FILE_COLUMNS = (*WINDOW_COLUMNS, "movement_class")
"""Columns of the file that the page saves."""

_KEY = ["animal_id", "bio_year", "season"]
_YEAR = _KEY[:2]


@dataclass(frozen=True)
class ReviewRules:
    """How the corridors analysis of the population prepares its tracks, where a module says so."""

    bio_year_start: tuple[int, int] = (2, 1)
    speed_limit_mps: float | None = None
    smoothing_step_h: float | None = None

    @classmethod
    def of(cls, module: ModuleDefinition, population_id: str) -> "ReviewRules":
        """Those of the module's corridors analysis of this population, else the defaults."""
        for request in module.analyses:
            if request.method == "corridors" and (not request.populations or population_id in request.populations):
                own = request.parameters
                month, day = (int(part) for part in str(own.get("bio_year_start", "02-01")).split("-"))
                return cls((month, day), own.get("speed_limit_mps"), own.get("smoothing_step_h"))
        return cls()


@dataclass(frozen=True)
class Review:
    """What one page shows, ready to be written as JSON."""

    file: str
    """Where the saved file belongs, relative to the atlas folder."""
    title: dict[str, str]
    years: list[dict[str, Any]]
    kept: list[list[str]]
    """Decided rows of years without any fix: they are written back as they are."""


def collect_review(evidence: PopulationEvidence, rules: ReviewRules) -> Review:
    """Gather every animal-year of a population, with its windows as the corridors analysis would use them.

    Raises
    ------
    NotFound : no usable fix is stored of this population
    BadInput : the windows file is wrong; names line and field
    """
    group = cleaning_rules(evidence.population.taxon, rules.speed_limit_mps)
    prepared = prepare_tracks(evidence.fixes, group.rules, step_h=rules.smoothing_step_h)
    living = prepared.positions[usable(prepared.flags)]
    proposed = propose_windows(living, bio_year_start=rules.bio_year_start)
    if proposed.empty:
        message = f"No usable fix of {evidence.population.id} is stored."
        raise NotFound("review-empty", message, hint="Run `wildways ingest`, and see `wildways quality`.")
    decided = evidence.decided_windows
    windows = resolve_windows(proposed, decided, file=evidence.population.windows)
    daily = net_displacement(living, bio_year_start=rules.bio_year_start)
    texts = _texts(decided)
    years = list(_years(daily, windows, proposed, texts, rules.bio_year_start))
    shown = {(year["animal"], year["year"]) for year in years}
    kept = [list(row.values()) for key, row in texts.items() if key[:2] not in shown]
    file = evidence.population.windows or Path("windows") / f"{evidence.population.id}.csv"
    return Review(Path(file).as_posix(), dict(evidence.population.title), years, kept)


def _texts(decided: pd.DataFrame) -> dict[tuple[str, int, str], dict[str, str]]:
    """The cells of the decided rows as they were written, by animal, year and season."""
    rows = decided.reindex(columns=list(FILE_COLUMNS)).astype(object).to_dict("records")
    cells = [{str(name): "" if pd.isna(text) else str(text).strip() for name, text in row.items()} for row in rows]
    return {(row["animal_id"], int(float(row["bio_year"])), row["season"]): row for row in cells}


def _years(
    daily: pd.DataFrame,
    windows: pd.DataFrame,
    proposed: pd.DataFrame,
    texts: dict[tuple[str, int, str], dict[str, str]],
    start: tuple[int, int],
) -> Iterator[dict[str, Any]]:
    windows_of = {key: rows.to_dict("records") for key, rows in windows.groupby(_YEAR)}
    proposals = {key: rows.iloc[0] for key, rows in proposed.groupby(_YEAR)}
    for key, days in daily.groupby(_YEAR, sort=True):
        animal, number = str(days["animal_id"].iloc[0]), int(days["bio_year"].iloc[0])
        rows, proposal = windows_of.get(key, []), proposals[key]
        own = {season: row for (name, year, season), row in texts.items() if (name, year) == (animal, number)}
        dated = [row for row in rows if pd.notna(row["start_utc"])]
        yield {
            "animal": animal,
            "year": number,
            "start": f"{number:04d}-{start[0]:02d}-{start[1]:02d}",
            "class": rows[0]["movement_class"] if rows else proposal["movement_class"],
            "decidedClass": next((row["movement_class"] for row in own.values()), ""),
            "confidence": proposal["confidence"],
            "reason": proposal["reason"],
            "comment": next((row["reason"] for row in own.values() if row["reason"]), ""),
            "days": days["day"].tolist(),
            "km": (days["displacement_m"] / 1000).round(2).tolist(),
            "lon": days["longitude"].round(5).tolist(),
            "lat": days["latitude"].round(5).tolist(),
            "windows": [_window(row, own) for row in sorted(dated, key=lambda row: row["start_utc"])],
            "removed": [_removed(row) for row in own.values() if not row["start_utc"]],
        }


def _window(row: dict[Any, Any], own: dict[str, dict[str, str]]) -> dict[str, Any]:
    is_decided = row["method"] == DECIDED
    text = own[row["season"]] if is_decided else {}
    return {
        "season": row["season"],
        "start": text.get("start_utc") or row["start_utc"].strftime("%Y-%m-%d"),
        "end": text.get("end_utc") or row["end_utc"].strftime("%Y-%m-%d"),
        "se": [None if pd.isna(row[name]) else round(row[name], 2) for name in ("start_se_days", "end_se_days")],
        "decided": is_decided,
        **_who(text),
    }


def _removed(text: dict[str, str]) -> dict[str, str]:
    return {"season": text["season"], **_who(text)}


def _who(text: dict[str, str]) -> dict[str, str]:
    names = {"by": "decided_by", "on": "decided_on", "why": "reason"}
    return {name: text.get(column, "") for name, column in names.items()}
