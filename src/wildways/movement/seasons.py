"""When did animals migrate: windows proposed from net displacement, for people to review."""

import zlib
from datetime import date

import numpy as np
import pandas as pd

from wildways.model import MovementClass, Season
from wildways.movement.cascade import Confidence, Verdict, judge_year
from wildways.movement.date_errors import date_errors
from wildways.movement.displacement import BIO_YEAR_START, net_displacement
from wildways.movement.legs import AnimalYear, Leg, SeasonRules, find_legs
from wildways.movement.logistic import DisplacementModel, fit_models
from wildways.movement.projection import geodesic_distances

PROPOSAL_COLUMNS = (
    "animal_id",
    "bio_year",
    "season",
    "start_utc",
    "end_utc",
    "movement_class",
    "displacement_m",
    "confidence",
    "start_se_days",
    "end_se_days",
    "method",
    "decided_by",
    "decided_on",
    "reason",
)
METHOD = "net-displacement"
AUTOMATIC = "automatic"

_SPRING_CENTRE = 105
_DAY = np.timedelta64(1, "D")
_SECOND = np.timedelta64(1, "s")
_NUMBERS = ("displacement_m", "start_se_days", "end_se_days")
_NO_ERRORS = (float("nan"), float("nan"))


def propose_windows(
    fixes: pd.DataFrame,
    *,
    bio_year_start: tuple[int, int] = BIO_YEAR_START,
    rules: SeasonRules | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Propose migration windows from net displacement.

    For every animal-year, models of staying, of one move and of moving out and back are fitted to daily net
    displacement; of those whose every move is large and clear enough, the one of least AIC is taken. A move begins
    on the last day the animal was where it had stayed and ends on the first day it is where it then stays: see
    :func:`~wildways.movement.legs.find_legs`. Moves of an animal-year that was watched only in part are proposed too.

    In the northern hemisphere a move with its midpoint from 15 January to 14 July is “spring”, any other “autumn”; in
    the southern the names are exchanged. The two moves of a year never share a name: see :func:`season_names`.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``; only usable ones
    bio_year_start : month and day
    rules : default :class:`SeasonRules`
    seed : of the standard errors; those of an animal-year do not depend on the others

    Returns
    -------
    One row a move, and one row an animal-year without any (season "", no dates): `PROPOSAL_COLUMNS`. ``start_utc`` is
    midnight at the beginning of a day, ``end_utc`` one second before midnight at the end of one; ``displacement_m`` is
    the geodesic distance between the positions of those days, or the greatest net displacement where nothing moved.
    ``movement_class`` and ``confidence`` (A, B, C) are of the animal-year, see
    :func:`~wildways.movement.cascade.judge_year`; ``start_se_days`` and ``end_se_days`` the standard errors of the
    dates, see :func:`~wildways.movement.date_errors.date_errors`.

    References
    ----------
    Bunnefeld et al. (2011), Journal of Animal Ecology 80, doi:10.1111/j.1365-2656.2010.01776.x;
    Spitz, Hebblewhite and Stephenson (2017), Ecography 40, doi:10.1111/ecog.02587
    """
    rules = rules or SeasonRules()
    daily = net_displacement(fixes, bio_year_start=bio_year_start)
    rows = [row for year in _years(daily) for row in _propose(year, rules, seed)]
    frame = pd.DataFrame(rows, columns=list(PROPOSAL_COLUMNS))
    for column in ("start_utc", "end_utc"):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    return frame.astype(
        {"bio_year": "int64", **dict.fromkeys(_NUMBERS, "float64"), "animal_id": fixes["animal_id"].dtype}
    )


def season_names(midpoints: list[date], *, is_north: bool) -> list[Season]:
    """Name the moves of one animal-year, at most two, so that no name is used twice.

    A lone move is named by the half of the year its midpoint lies in. Of two, the one nearer to 15 April is named
    after that half, which is the same unless both lie in one half.
    """
    first, second = (Season.SPRING, Season.AUTUMN) if is_north else (Season.AUTUMN, Season.SPRING)
    if len(midpoints) == 2:
        is_in_order = _days_from_centre(midpoints[0]) <= _days_from_centre(midpoints[1])
        return [first, second] if is_in_order else [second, first]
    return [first if (1, 15) <= (midpoint.month, midpoint.day) < (7, 15) else second for midpoint in midpoints]


def _days_from_centre(midpoint: date) -> int:
    apart = abs(midpoint.timetuple().tm_yday - _SPRING_CENTRE)
    return min(apart, 365 - apart)


def _years(daily: pd.DataFrame) -> list[AnimalYear]:
    return [
        AnimalYear(
            str(animal_id),
            int(rows["bio_year"].iloc[0]),
            rows["date_utc"].to_numpy(dtype="datetime64[D]"),
            rows["day"].to_numpy(dtype=np.float64),
            rows["displacement_m"].to_numpy(),
            rows["longitude"].to_numpy(),
            rows["latitude"].to_numpy(),
        )
        for (animal_id, _), rows in daily.groupby(["animal_id", "bio_year"], sort=False)
    ]


def _propose(year: AnimalYear, rules: SeasonRules, seed: int) -> list[tuple[object, ...]]:
    if len(year.day) < rules.min_days:
        reason = f"Only {len(year.day)} days with fixes; {rules.min_days} are needed."
        verdict = Verdict(MovementClass.UNDETERMINED, Confidence.C, reason)
        return [_row(year, None, "", verdict, float(year.displacement_m.max()), _NO_ERRORS, reason)]
    legs = _find_moves(year, rules)
    rng = np.random.default_rng([seed, zlib.crc32(year.animal_id.encode()), year.bio_year])
    errors = [date_errors(year, legs, number, rules, rng=rng) for number in range(len(legs))]
    verdict = judge_year(year, legs, errors, rules)
    if not legs:
        return [_row(year, None, "", verdict, float(year.displacement_m.max()), _NO_ERRORS, f"{verdict.reason}.")]
    midpoints = [(year.date[0] + np.timedelta64(round(leg.midpoint_day - year.day[0]), "D")).item() for leg in legs]
    names = season_names(midpoints, is_north=bool(np.mean(year.latitude) >= 0))
    return [
        _row(year, leg, name, verdict, _distance(year, leg), error, f"{verdict.reason}{leg.remark}.")
        for leg, name, error in zip(legs, names, errors, strict=True)
    ]


def _row(
    year: AnimalYear,
    leg: Leg | None,
    season: str,
    verdict: Verdict,
    displacement_m: float,
    se_days: tuple[float, float],
    reason: str,
) -> tuple[object, ...]:
    start = year.date[leg.first].astype("datetime64[s]") if leg else None
    end = (year.date[leg.last] + _DAY).astype("datetime64[s]") - _SECOND if leg else None
    head = (year.animal_id, year.bio_year, str(season), start, end, str(verdict.movement_class), displacement_m)
    return (*head, str(verdict.confidence), *se_days, METHOD, AUTOMATIC, "", reason)


def _distance(year: AnimalYear, leg: Leg) -> float:
    ends = [leg.first, leg.last]
    (lon_a, lon_b), (lat_a, lat_b) = year.longitude[ends], year.latitude[ends]
    return float(geodesic_distances(lon_a, lat_a, lon_b, lat_b))


def _find_moves(year: AnimalYear, rules: SeasonRules) -> list[Leg]:
    resident, one, two = fit_models(year.day, year.displacement_m, min_stay_days=rules.min_stay_days)
    return _best(year, [model for model in (one, two) if model], resident.aic - rules.aic_gain, rules)


def _best(year: AnimalYear, models: list[DisplacementModel], bar: float, rules: SeasonRules) -> list[Leg]:
    best: list[Leg] = []
    for model in models:
        if model.aic <= bar and (legs := find_legs(year, model, rules)):
            best, bar = legs, model.aic - rules.aic_gain
    return best
