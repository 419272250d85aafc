"""The reference page says what is true: its example runs, its figures and codes are those of the package."""

import re
from collections import Counter
from pathlib import Path

import wildways.taxonomy
from wildways.taxonomy import NameStatus, taxa
from wildways.taxonomy.tables import read_table, synonyms

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "taxonomy.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(example, "docs/reference/taxonomy.md", "exec"), {})  # noqa: S102


def test_functions_statuses_and_codes_are_documented() -> None:
    for name in wildways.taxonomy.__all__:
        if name.islower():
            assert f"`{name}(" in PAGE
    assert all(f"| `{status}` |" in PAGE for status in NameStatus)
    code = Path(wildways.taxonomy.listing.__file__).read_text(encoding="utf-8")
    for error in re.findall(r'(?:BadInput|NotFound|LimitReached)\(\s*"([a-z0-9-]+)"', code):
        assert f"`{error}`" in PAGE


def test_the_figures_are_those_of_the_data() -> None:
    groups = Counter(taxon.group for taxon in taxa().values())
    mammals = sum(taxon.class_name == "Mammalia" for taxon in taxa().values()) - groups["ungulates"]
    rest = len(taxa()) - groups["birds"] - groups["ungulates"] - mammals
    figures = f"{len(taxa()):,} species: {groups['birds']:,} birds"
    assert figures in PAGE
    assert f"{groups['ungulates']} ungulates, {mammals} other mammals and {rest} turtles, sharks and fish" in PAGE
    assert f"{len(synonyms())} synonyms" in PAGE
    listed = [row["taxon_id"] for row in read_table("cms_listing.csv")]
    birds = sum(taxa()[taxon_id].group == "birds" for taxon_id in set(listed))
    assert f"{len(listed)} listings of {len(set(listed))} species, {birds} of them birds" in PAGE
