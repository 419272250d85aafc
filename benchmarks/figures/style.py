"""How the figures look: quiet, legible in grey, small as SVG."""

import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

BLUE, ORANGE, GREEN, PURPLE, GREY, BLACK = "#1f6fa8", "#d9700f", "#2a8c5a", "#8a5aa8", "#8a8f94", "#22262a"

_GEOMETRY = re.compile(r'\b(?:d|x|y)="[^"]*"|^[ML] .*|^[CQ] .*|^z.*')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")

mpl.rcParams.update(
    {
        "axes.edgecolor": GREY,
        "axes.labelcolor": BLACK,
        "axes.labelsize": 9,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 9.5,
        "figure.facecolor": "white",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "wildways",
        "text.color": BLACK,
        "xtick.color": BLACK,
        "xtick.labelsize": 8,
        "ytick.color": BLACK,
        "ytick.labelsize": 8,
    }
)


def panels(n: int = 2, *, height: float = 2.9) -> tuple[Figure, list[Axes]]:
    """A figure as wide as a page with panels side by side."""
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = figure.subplots(1, n, squeeze=False)[0]
    return figure, list(axes)


def without_minor_ticks(*all_axes: Axes) -> None:
    """Ticks only where they were asked for, also on logarithmic axes."""
    for axes in all_axes:
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())


def line_at(axes: Axes, value: float, label: str = "", *, vertical: bool = False) -> None:
    """A thin line where the truth is."""
    draw = axes.axvline if vertical else axes.axhline
    draw(value, color=BLACK, linewidth=0.8, linestyle=(0, (4, 3)), label=label or None, zorder=1)


def save(figure: Figure, file: Path) -> int:
    """Write an SVG that does not depend on the day; its size in bytes."""
    figure.savefig(file, metadata={"Date": None, "Creator": None})
    lines = (line.rstrip() for line in file.read_text(encoding="utf-8").splitlines())
    file.write_text("".join(f"{_GEOMETRY.sub(_rounded, line)}\n" for line in lines), encoding="utf-8")
    return file.stat().st_size


def _rounded(geometry: re.Match[str]) -> str:
    return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", geometry[0])
