"""Two periods compared, animals as replicates: bootstrap, and a null model in which the period does not matter."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.model.errors import BadInput

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

MIN_ANIMALS = 3
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Shift:
    """A difference, second period less first.

    Parameters
    ----------
    value : in the unit of what was compared
    interval : that holds 95 % of it when animals are drawn anew from those there are
    p_value : share of arrangements of the null model, the real one among them, with a difference as great either way
    """

    value: float
    interval: tuple[float, float]
    p_value: float


def units_of(
    table: pd.DataFrame, first: str, second: str, columns: tuple[str, ...]
) -> tuple[pd.DataFrame, Codes, pd.DataFrame]:
    """The pairs of animal and period (codes), the pair of each row, and the rows of both periods."""
    require_columns(table, ("animal_id", "period", *columns))
    used = table[table["period"].isin([first, second])]
    keys = pd.DataFrame(
        {"animal": pd.factorize(used["animal_id"])[0], "period": (used["period"] == second).astype(int)}
    )
    unit, pairs = pd.factorize(pd.MultiIndex.from_frame(keys))
    units = pd.DataFrame(list(pairs), columns=["animal", "period"])
    require_animals(units)
    return units, unit.astype(np.intp), used


def compare_periods(
    units: pd.DataFrame, compare: Callable[[Floats, Floats], Floats], rng: np.random.Generator, n_draws: int
) -> list[Shift]:
    period, animal = units["period"].to_numpy(np.intp), units["animal"].to_numpy(np.intp)
    value = compare(*_weights(period))
    drawn: list[Floats] = []
    n_animals = int(animal.max()) + 1
    while len(drawn) < n_draws:
        times = np.bincount(rng.integers(0, n_animals, n_animals), minlength=n_animals)[animal]
        before, after = _weights(period)
        if (before * times).any() and (after * times).any():
            drawn.append(compare(before * times, after * times))
    null = np.abs([compare(*_weights(shuffled(units, rng))) for _ in range(n_draws)])
    low, high = np.quantile(np.array(drawn), INTERVAL, axis=0)
    return [
        Shift(float(v), (float(low[k]), float(high[k])), p_value(null[:, k], abs(float(v))))
        for k, v in enumerate(value)
    ]


def _weights(period: Codes) -> tuple[Floats, Floats]:
    return (period == 0).astype(np.float64), (period == 1).astype(np.float64)


def shuffled(units: pd.DataFrame, rng: np.random.Generator) -> Codes:
    """Periods under the null model."""
    animal, period = units["animal"].to_numpy(np.intp), units["period"].to_numpy(np.intp).copy()
    times = np.bincount(animal)
    single = times[animal] == 1
    period[single] = rng.permutation(period[single])
    exchanged = rng.integers(0, 2, times.size)[animal].astype(np.bool_) & ~single
    period[exchanged] = 1 - period[exchanged]
    return period


def p_value(null: Floats, value: float) -> float:
    return float((np.count_nonzero(null >= value - 1e-12) + 1) / (null.size + 1))


def require_animals(units: pd.DataFrame) -> None:
    numbers = [int((units["period"] == code).sum()) for code in (0, 1)]
    if min(numbers) < MIN_ANIMALS:
        raise BadInput(
            "shift-animals",
            f"There are {numbers[0]} and {numbers[1]} animals in the two periods; {MIN_ANIMALS} of each are needed.",
        )


def require_columns(table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise BadInput(
            "fixes-column", f"The table has no column “{missing[0]}”.", hint=f"It needs {', '.join(columns)}."
        )
