"""Figures of populations: dates of migration, corridors by number of animals, representativeness."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from style import BLUE, GREEN, GREY, ORANGE, PURPLE, line_at, panels

from wildways.movement import (
    Footprint,
    Grid,
    PlaneTracks,
    UtilisationDistribution,
    accumulate_area,
    assess_representativeness,
    brownian_bridge,
    choose_crs,
    count_footprints,
    cut_sequences,
    flag_fixes,
    footprint_of,
    kernel_density,
    project_tracks,
    propose_windows,
    usable,
)
from wildways.simulate import demo_herds, simulate_herd

Booleans = NDArray[np.bool_]

_KEYS = ["animal_id", "bio_year", "season"]
_LAGS_H = (2, 3, 4, 6, 8, 12)
_SIZES = (5, 10, 20, 30, 50, 80)
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)


def migration_dates() -> Figure:
    """Errors of proposed dates, and their shares within so many days."""
    figure, (left, right) = panels()
    herds = [_dates(number) for number in range(len(demo_herds()))]
    errors = pd.concat([moves for _, moves in herds])
    bins = np.arange(-5, 5.01, 0.5)
    for column, colour, label in (("start", BLUE, "departure"), ("end", ORANGE, "arrival")):
        left.hist(errors[column].clip(-4.9, 4.9), bins, histtype="step", color=colour, label=label, linewidth=1.6)
    line_at(left, 0.0, vertical=True)
    left.set(xlabel="proposed less true, days (last bars: and more)", ylabel="migrations")
    left.legend(loc="upper left")
    shares = np.linspace(0, 8, 161)
    for (name, moves), colour in zip(herds, _COLOURS, strict=True):
        size = np.sort(np.abs(moves.to_numpy().ravel()))
        right.plot(shares, 100 * np.searchsorted(size, shares, side="right") / size.size, color=colour, label=name)
    line_at(right, 2.0, vertical=True)
    right.set(xlim=(0, 8), ylim=(0, 102), xlabel="error at most, days", ylabel="share of dates, %")
    right.legend(loc="lower right")
    return figure


def corridor_recovery() -> Figure:
    """What is lost of a corridor by the time between fixes, and by the number of animals."""
    figure, (by_lag, by_number) = panels()
    rng = np.random.default_rng(8)
    for name, colour in zip(("mountain-deer", "steppe-antelopes"), (BLUE, ORANGE), strict=True):
        hourly, variance = _spring_moves(name, 200)
        grid, animals = hourly.grid(1000, margin_m=40_000), list(hourly.by_animal())
        true = _used(_footprints(hourly, animals[:30], grid, 1), grid)
        for given, style in ((None, "o-"), (variance, "o:")):
            found = [_used(_footprints(hourly, animals[:30], grid, lag_h, given), grid) for lag_h in _LAGS_H]
            by_lag.plot(_LAGS_H, [_jaccard(each, true) for each in found], style, color=colour, ms=4)
        footprints = _footprints(hourly, animals, grid, 4)
        whole, pool = _used(footprints[100:], grid), footprints[:100]
        drawn = [[rng.choice(100, n, replace=False) for _ in range(25)] for n in _SIZES]
        like = [[_jaccard(_used([pool[k] for k in pick], grid), whole) for pick in picks] for picks in drawn]
        low, middle, high = np.quantile(like, (0.1, 0.5, 0.9), axis=1)
        by_number.fill_between(_SIZES, low, high, color=colour, alpha=0.18, linewidth=0)
        by_number.plot(_SIZES, middle, "o-", color=colour, ms=4, label=name.replace("-", " "))
    by_number.plot([], [], ":", color=GREY, label="true motion variance given")
    for axes in (by_lag, by_number):
        line_at(axes, 0.8)
        axes.set(ylim=(0, 1))
    by_lag.set(ylabel="Jaccard index, high use", xlabel="hours between fixes", title="30 animals, against their truth")
    by_lag.set_xticks(_LAGS_H, [str(lag_h) for lag_h in _LAGS_H])
    by_number.set(xlabel="animals tracked", title="Every 4 h, against 100 other animals")
    by_number.legend(loc="lower right")
    return figure


def representativeness() -> Figure:
    """Inclusion and area by number of animals, where animals share a range and where each has its own."""
    figure, (left, right) = panels()
    for spread_m, colour, label in ((0.0, BLUE, "one range for all"), (12_000.0, ORANGE, "each its own range")):
        uds = _ranges(spread_m)
        rng = np.random.default_rng(9)
        found = assess_representativeness(uds, rng=rng)
        grown = accumulate_area([footprint_of(ud, 0.95) for ud in uds], rng=rng)
        for axes, curve, unit in ((left, found.curve, 0.01), (right, grown, 1e6)):
            axes.plot(curve.sizes, curve.means / unit, "o", color=colour, ms=3, label=label)
            if curve.asymptote and curve.half:
                to = np.linspace(0, 40, 41)
                axes.plot(to, curve.asymptote * to / (curve.half + to) / unit, color=colour, linewidth=1)
        left.annotate(f"{found.share:.0%}", (33, found.curve.means[-1] * 100), color=colour, va="bottom", fontsize=9)
    left.set(ylabel="use of the others inside the core, %", ylim=(0, None))
    right.set(ylabel="area used, km²", ylim=(0, None))
    for axes in (left, right):
        axes.set(xlabel="animals", xlim=(0, 40))
    left.legend(loc="lower right")
    return figure


def _dates(number: int) -> tuple[str, pd.DataFrame]:
    """Errors of start and end, days, of one demonstration herd."""
    herd = replace(demo_herds()[number], n_animals=20, resident_share=0.1, tracking_days=(365, 400), death_share=0.0)
    simulated = simulate_herd(herd, rng=np.random.default_rng(11))
    fixes = simulated.fixes[usable(flag_fixes(simulated.fixes))].reset_index(drop=True)
    moves = simulated.windows.dropna().merge(propose_windows(fixes), on=_KEYS, suffixes=("", "_found"))
    day = pd.Timedelta(days=1)
    errors = {name: (moves[f"{name}_utc_found"] - moves[f"{name}_utc"]) / day for name in ("start", "end")}
    return herd.name.replace("-", " "), pd.DataFrame(errors).dropna()


def _spring_moves(name: str, n_animals: int) -> tuple[PlaneTracks, float]:
    """Hourly positions without error of migrants between the true dates of a spring; the true motion variance."""
    herd = next(herd for herd in demo_herds() if herd.name == name)
    clean = {"location_error_m": 0.1, "missing_share": 0.0, "gap_share": 0.0, "death_share": 0.0, "resident_share": 0.0}
    clean |= {"marked_outlier_share": 0.0, "unmarked_outlier_share": 0.0, "fix_interval_h": 1.0}
    herd = replace(herd, n_animals=n_animals, n_start_years=1, tracking_days=(240, 250), **clean)
    simulated = simulate_herd(herd, rng=np.random.default_rng(7))
    fixes = simulated.fixes
    spring = simulated.windows[simulated.windows["season"] == "spring"]
    sequences, _ = cut_sequences(fixes, flag_fixes(fixes), spring)
    return project_tracks(sequences, crs=simulated.crs), simulated.motion_variance_m2_per_s


def _footprints(
    hourly: PlaneTracks, animals: list[str], grid: Grid, lag_h: int, variance: float | None = None
) -> list[Footprint]:
    """Of every so many hours, seen with an error of 15 m where hours are left out."""
    rng = np.random.default_rng(lag_h)
    moves, found = hourly.by_animal(), []
    for animal in animals:
        x, y, time = (column[::lag_h] for column in moves[animal][0])
        error_m = 15.0 if lag_h > 1 else 1.0
        x, y = (column + rng.normal(scale=error_m, size=column.size) for column in (x, y))
        given = {"motion_variance_m2_per_s": variance, "location_error_m": error_m, "max_lag_s": 13 * 3600.0}
        found.append(footprint_of(brownian_bridge(x, y, time, grid=grid, **given)))
    return found


def _jaccard(first: Booleans, second: Booleans) -> float:
    return float((first & second).sum() / (first | second).sum())


def _used(footprints: list[Footprint], grid: Grid) -> Booleans:
    """High use: cells that a fifth of the animals used."""
    needed = max(1, int(np.ceil(0.2 * len(footprints) - 1e-9)))
    return np.asarray(count_footprints(footprints, grid) >= needed)


def _ranges(spread_m: float) -> list[UtilisationDistribution]:
    """Kernel densities of 30 animals with 120 fixes each, homes scattered by `spread_m`."""
    rng = np.random.default_rng(10)
    crs = choose_crs([10.0], [60.0])
    homes = rng.normal(scale=max(spread_m, 300.0), size=(30, 2))
    fixes = homes[:, :, None] + rng.normal(scale=3000, size=(30, 2, 120))
    grid = Grid.covering(fixes[:, 0].ravel(), fixes[:, 1].ravel(), crs=crs, cell_m=500, margin_m=10_000)
    return [kernel_density(x, y, grid=grid) for x, y in fixes]
