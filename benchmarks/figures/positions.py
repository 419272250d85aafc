"""Figures of what is made of positions: smoothed Argos tracks, kernel densities."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import chi2
from style import BLACK, BLUE, GREEN, GREY, ORANGE, line_at, panels, without_minor_ticks

from wildways.movement import Grid, fit_ctcrw, isopleth_area, kernel_density, position_covariance, smooth

Floats = NDArray[np.float64]
Observed = tuple[Floats, Floats, Floats, Floats]

_CLASSES, _SHARES = ("3", "2", "1", "0", "A", "B"), (0.05, 0.10, 0.15, 0.10, 0.25, 0.35)
_STEP_S = 300.0
_LEVELS = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
_FIXES = (25, 50, 100, 200, 400, 800, 1600)


def smoother() -> Figure:
    """Error of smoothed hourly positions, and how often their ellipses hold the truth."""
    figure, (left, right) = panels()
    rng = np.random.default_rng(5)
    a_day = (2, 4, 8, 16, 32)
    errors = np.array([_errors(rng, rate) for rate in a_day]).T / 1000
    for values, style, colour, label in zip(
        errors,
        ("s-", "o-", "o:"),
        (GREY, BLUE, BLUE),
        ("fixes", "smoothed, at the fixes", "smoothed, every hour between"),
        strict=True,
    ):
        left.plot(a_day, values, style, color=colour, ms=4, label=label)
    left.set(xscale="log", ylim=(0, None), xlabel="fixes a day", ylabel="root mean square error, km")
    left.set_xticks(a_day, [str(rate) for rate in a_day])
    without_minor_ticks(left)
    left.legend(loc="upper right")
    for inflation, scaled, colour, label in (
        (1.0, False, BLUE, "errors as stated"),
        (2.0, False, ORANGE, "errors twice as large as stated"),
        (2.0, True, GREEN, "the same, error scale estimated"),
    ):
        held = np.mean([_held(rng, inflation, scaled) for _ in range(12)], axis=0)
        right.plot(_LEVELS * 100, held * 100, "o-", color=colour, ms=4, label=label)
    right.plot((50, 100), (50, 100), color=BLACK, linewidth=0.8, linestyle=(0, (4, 3)))
    right.set(xlabel="ellipse should hold, %", ylabel="it holds the truth, %", xlim=(48, 101), ylim=(0, 102))
    right.legend(loc="lower right")
    return figure


def kernel_areas() -> Figure:
    """Areas of 95 % isopleths over the true ones: one centre, and two."""
    figure, (left, right) = panels()
    rng = np.random.default_rng(6)
    for axes, apart, title in ((left, 0.0, "One centre"), (right, 10.0, "Two centres, ten standard deviations apart")):
        for rule, colour, label in (("reference", BLUE, "reference bandwidth"), ("lscv", GREEN, "cross-validation")):
            fixes = _FIXES if rule == "reference" else _FIXES[1:]
            ratios = np.array([[_area_ratio(rng, n, apart, rule) for _ in range(15)] for n in fixes])
            low, middle, high = np.quantile(ratios, (0.1, 0.5, 0.9), axis=1)
            axes.fill_between(fixes, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(fixes, middle, "o-", color=colour, ms=4, label=label)
        line_at(axes, 1.0)
        axes.set(xscale="log", xlabel="independent fixes", title=title)
        axes.set_xticks(_FIXES, [str(n) for n in _FIXES])
        without_minor_ticks(axes)
    sizes = np.array(_FIXES)
    left.plot(sizes, 1 + sizes ** (-1 / 3), color=BLACK, linewidth=0.8, linestyle=":", label="expected: 1 + n$^{-1/3}$")
    left.set(ylabel="area of the 95 % isopleth / true", ylim=(0, 2))
    right.set(ylim=(0, None))
    left.legend(loc="lower right")
    return figure


def _walk(rng: np.random.Generator, n: int, inflation: float, *, days: int = 40) -> tuple[Floats, Floats, Observed]:
    """An animal at 1 m/s that forgets its direction in 8 h: its way every five minutes, and n fixes of it."""
    time = np.arange(0, days * 86_400.0, _STEP_S)
    kept = np.exp(-_STEP_S / (8 * 3600))
    velocity = lfilter([1.0], [1.0, -kept], rng.normal(scale=np.sqrt((1 - kept**2) / 2), size=(2, time.size)))
    way = np.cumsum(velocity * _STEP_S, axis=1)
    at = np.sort(rng.choice(time.size, n, replace=False))
    covariance = position_covariance(rng.choice(_CLASSES, n, p=_SHARES))
    error = np.einsum("nij,nj->in", np.linalg.cholesky(covariance), rng.normal(size=(n, 2)))
    x, y = way[:, at] + inflation * error
    return time, way, (time[at], x, y, covariance)


def _errors(rng: np.random.Generator, fixes_a_day: int) -> tuple[float, ...]:
    """Root mean square errors over six animals: of fixes, smoothed at their times, smoothed every hour; metres."""
    squares = []
    for _ in range(6):
        time, way, seen = _walk(rng, 40 * fixes_a_day, 1.0)
        hours = np.arange(np.ceil(seen[0][0] / 3600) * 3600, seen[0][-1], 3600.0)
        fit = fit_ctcrw(*seen)
        there, hourly = (smooth(fit, *seen, at_s=at) for at in (seen[0], hours))
        found = ((seen[0], *seen[1:3]), (seen[0], there.x_m, there.y_m), (hours, hourly.x_m, hourly.y_m))
        squares.append([np.square(np.array([x, y]) - _at(way, time, at)).sum(axis=0).mean() for at, x, y in found])
    return tuple(np.sqrt(np.mean(squares, axis=0)))


def _at(way: Floats, time: Floats, at: Floats) -> Floats:
    return way[:, np.searchsorted(time, at)]


def _held(rng: np.random.Generator, inflation: float, scaled: bool) -> Floats:
    """Share of hourly positions whose ellipses of each level hold the truth."""
    time, way, (seen_s, x, y, covariance) = _walk(rng, 400, inflation)
    fit = fit_ctcrw(seen_s, x, y, covariance, estimate_error_scale=scaled)
    hours = np.arange(np.ceil(seen_s[0] / 3600) * 3600, seen_s[-1], 3600.0)
    found = smooth(fit, seen_s, x, y, covariance, at_s=hours)
    miss = (np.array([found.x_m, found.y_m]) - _at(way, time, hours)).T
    squared = np.einsum("ni,nij,nj->n", miss, np.linalg.inv(found.covariance_m2), miss)
    return np.array([(squared <= chi2.ppf(level, 2)).mean() for level in _LEVELS])


def _area_ratio(rng: np.random.Generator, n: int, apart: float, rule: str) -> float:
    """Area of the 95 % isopleth over that of the distribution the fixes were drawn from; standard deviation 1 km."""
    x, y = rng.normal(scale=1000, size=(2, n))
    x += np.where(rng.random(n) < 0.5, 0.0, apart * 1000)
    grid = Grid.covering(x, y, crs="EPSG:32612", cell_m=100, margin_m=25_000)
    found = isopleth_area(kernel_density(x, y, grid=grid, bandwidth_m=rule), 0.95)
    n_centres = 2 if apart else 1
    return found / (n_centres * 2 * np.pi * 1000**2 * -np.log(0.05))
