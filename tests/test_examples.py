"""Examples in the docs and in docstrings run."""

import ast
import doctest
import importlib
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "use-the-methods-alone.md"
DOCTESTED = ("data_arrays", "frames", "plane_tracks")
_MOST_LINES, _MOST_BYTES = 3, 60_000


def _blocks() -> list[str]:
    return [part.split("```")[0] for part in PAGE.read_text(encoding="utf-8").split("```python\n")[1:]]


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the page defines, after all of its examples have run in turn."""
    space: dict[str, Any] = {}
    for number, block in enumerate(_blocks(), start=1):
        exec(compile(block, f"{PAGE.name}, example {number}", "exec"), space)  # noqa: S102
    return space


def test_every_method_is_shown_in_three_lines() -> None:
    is_setup = ("import", "from wildways.simulate", "hours =")
    for block in _blocks():
        if not block.startswith(is_setup):
            assert len(ast.parse(block).body) <= _MOST_LINES, block


def test_the_page_on_single_methods_runs_and_its_results_are_sound(names: dict[str, Any]) -> None:
    truth = names["herd"].windows
    assert {"spring", "autumn"} <= set(names["windows"]["season"])
    assert len(names["moves"].by_animal()) >= 0.6 * truth["animal_id"].nunique()
    for name in ("bridge", "dynamic", "kernel", "line", "occurrence"):
        assert names[name].mass.sum() == pytest.approx(1)
    assert list(names["corridors"]["class"])
    assert names["animals"].max() <= len(names["uds"])
    assert 0.5 < names["likeness"] <= 1
    assert names["trips"]["animal_id"].nunique() == 12
    assert names["sites"]


@pytest.mark.parametrize("module", DOCTESTED)
def test_examples_of_docstrings_run(module: str) -> None:
    results = doctest.testmod(importlib.import_module(f"wildways.movement.{module}"))
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize(
    "page", sorted((PAGE.parents[1] / "reference" / "methods").glob("*.md")), ids=lambda page: page.stem
)
def test_figures_of_method_pages_are_there_and_small(page: Path) -> None:
    shown = {part.split(")")[0] for part in page.read_text(encoding="utf-8").split("](figures/")[1:]}
    assert all((page.parent / "figures" / name).stat().st_size < _MOST_BYTES for name in shown)


def test_every_figure_is_shown_on_a_page() -> None:
    folder = PAGE.parents[1] / "reference" / "methods"
    pages = "".join(page.read_text(encoding="utf-8") for page in folder.glob("*.md"))
    assert {figure.name for figure in (folder / "figures").iterdir() if figure.name not in pages} == set()
