"""Figures of the Brownian bridges: motion variance, cell size, changes of behaviour."""

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from style import BLUE, GREY, ORANGE, line_at, panels, without_minor_ticks

from wildways.movement import (
    Grid,
    UtilisationDistribution,
    brownian_bridge,
    coarsened,
    cut_sequences,
    dynamic_motion_variance,
    estimate_motion_variance,
    flag_fixes,
    project_tracks,
)
from wildways.simulate import demo_herds, simulate_herd

Floats = NDArray[np.float64]

_CRS = "EPSG:32612"
_LAGS_H = (1, 2, 4, 6, 8, 12)
_CELLS_M = (25, 50, 100, 200, 400, 800)


def motion_variance() -> Figure:
    """Estimates over the truth, for Brownian motion and for deer that follow a winding corridor."""
    figure, (left, right) = panels()
    rng = np.random.default_rng(1)
    brownian = [[_estimate(*_track(rng, 200, lag_h * 3600.0, 16.0)) / 16 for _ in range(60)] for lag_h in _LAGS_H]
    for axes, title, ratios in (
        (left, "Brownian motion, 200 fixes", brownian),
        (right, "Deer on migration, fixes left out", _deer()),
    ):
        boxes = axes.boxplot(ratios, whis=(5, 95), showfliers=False, patch_artist=True, widths=0.6)
        for box in boxes["boxes"]:
            box.set(facecolor="#cfe2ef", edgecolor=BLUE)
        for median in boxes["medians"]:
            median.set(color=BLUE, linewidth=1.6)
        line_at(axes, 1.0)
        axes.set(title=title, xlabel="hours between fixes", ylim=(0, None))
        axes.set_xticks(range(1, len(_LAGS_H) + 1), [str(lag_h) for lag_h in _LAGS_H])
    left.set(ylabel="motion variance, estimated / true", ylim=(0, 1.6))
    return figure


def integration() -> Figure:
    """Distance to the exact distribution by cell size: cell integrals against densities at cell centres."""
    track = _track(np.random.default_rng(2), 120, 7200.0, 4.0)
    grid = Grid.covering(*track[:2], crs=_CRS, cell_m=25, margin_m=8_000)
    given = {"motion_variance_m2_per_s": 4.0, "location_error_m": 20.0}
    exact = brownian_bridge(*track, grid=grid, time_step_s=20.0, **given)
    figure, (axes, of_error) = panels()
    for compat, colour, label in ((None, BLUE, "cell integrals (default)"), ("BBMM", ORANGE, "cell centres (BBMM)")):
        axes.plot(_CELLS_M, [_apart(exact, track, cell, compat, given) for cell in _CELLS_M], "o-", color=colour, ms=4)
        by_error = [_apart_by_error(track, error, compat) for error in (5.0, 10.0, 20.0, 50.0, 100.0)]
        of_error.plot((5, 10, 20, 50, 100), by_error, "o-", color=colour, ms=4, label=label)
    axes.set(xscale="log", yscale="log", xlabel="cell, m", ylabel="share of mass in the wrong cell")
    axes.set(title="Location error 20 m")
    axes.set_xticks(_CELLS_M, [str(cell) for cell in _CELLS_M])
    of_error.set(xscale="log", yscale="log", xlabel="location error, m", title="Cells of 200 m")
    of_error.set_xticks((5, 10, 20, 50, 100), ["5", "10", "20", "50", "100"])
    without_minor_ticks(axes, of_error)
    of_error.set(ylim=axes.get_ylim())
    of_error.legend(loc="center left", bbox_to_anchor=(0, 0.62))
    return figure


def dynamic_variance() -> Figure:
    """The variance along tracks that change their behaviour twice."""
    figure, (axes,) = panels(1)
    rng = np.random.default_rng(3)
    lag_s, true = 3600.0, np.repeat([2.0, 20.0, 5.0], [100, 60, 100])
    runs = []
    for _ in range(30):
        x, y, time = _track(rng, true.size + 1, lag_s, true)
        runs.append(dynamic_motion_variance(x, y, time, location_error_m=20.0).variance_m2_per_s)
    step = np.arange(true.size)
    low, middle, high = np.nanquantile(np.array(runs)[:, 10:-10], (0.05, 0.5, 0.95), axis=0)
    axes.fill_between(step[10:-10], low, high, color="#cfe2ef", label="90 % of 30 tracks", linewidth=0)
    axes.plot(step, runs[0], color=GREY, linewidth=0.8, label="one track")
    axes.plot(step[10:-10], middle, color=BLUE, label="median of 30 tracks")
    axes.step(step, true, where="mid", color=ORANGE, label="truth")
    axes.set(yscale="log", xlabel="step, one an hour", ylabel="motion variance, m²/s", xlim=(0, true.size))
    axes.set_yticks((1, 2, 5, 10, 20, 50), ["1", "2", "5", "10", "20", "50"])
    without_minor_ticks(axes)
    axes.legend(loc="upper right")
    return figure


def _track(rng: np.random.Generator, n: int, lag_s: float, variance: float | Floats) -> tuple[Floats, Floats, Floats]:
    """Brownian motion seen with an error of 20 m."""
    steps = rng.normal(size=(2, n - 1)) * np.sqrt(variance * np.full(n - 1, lag_s))
    way = np.concatenate([np.zeros((2, 1)), np.cumsum(steps, axis=1)], axis=1)
    x, y = way + rng.normal(scale=20, size=(2, n))
    return 500_000 + x, 4_700_000 + y, lag_s * np.arange(n)


def _estimate(x: Floats, y: Floats, time: Floats) -> float:
    return estimate_motion_variance(x, y, time, location_error_m=20.0, max_lag_s=13 * 3600.0)


def _deer() -> list[list[float]]:
    """Ratios for simulated migrations, hourly fixes thinned to each interval."""
    deer = next(herd for herd in demo_herds() if herd.name == "mountain-deer")
    herd = replace(
        deer, n_animals=20, fix_interval_h=1.0, resident_share=0.0, death_share=0.0, unmarked_outlier_share=0.0
    )
    simulated = simulate_herd(replace(herd, n_start_years=1), rng=np.random.default_rng(4))
    sequences, _ = cut_sequences(simulated.fixes, flag_fixes(simulated.fixes), simulated.windows)
    tracks = [track for track in project_tracks(sequences).values() if track.x_m.size > 150]
    ratios: list[list[float]] = []
    for lag_h in _LAGS_H:
        thin = [tuple(column[::lag_h] for column in track) for track in tracks]
        ratios.append([_estimate(*track) / simulated.motion_variance_m2_per_s for track in thin])
    return ratios


def _apart(
    exact: UtilisationDistribution, track: tuple[Floats, ...], cell_m: int, compat: str | None, given: dict[str, float]
) -> float:
    """Total variation distance on cells of `cell_m` to what is exact on cells of 25 m."""
    wide = coarsened(exact, cell_m // 25)
    found = brownian_bridge(*track, grid=wide.grid, compat=compat, **given)
    return _variation(wide, found)


def _apart_by_error(track: tuple[Floats, ...], error_m: float, compat: str | None) -> float:
    given = {"motion_variance_m2_per_s": 4.0, "location_error_m": error_m}
    grid = Grid.covering(*track[:2], crs=_CRS, cell_m=25, margin_m=8_000)
    exact = brownian_bridge(*track, grid=grid, time_step_s=20.0, **given)
    return _apart(exact, track, 200, compat, given)


def _variation(first: UtilisationDistribution, second: UtilisationDistribution) -> float:
    whole = first.grid.union(second.grid)
    both = np.zeros(whole.shape)
    both[whole.slices_of(first.grid)] = first.mass
    both[whole.slices_of(second.grid)] -= second.mass
    return float(np.abs(both).sum() / 2)
