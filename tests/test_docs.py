"""The reference pages name everything there is."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from wildways.cli.main import COMMANDS
from wildways.model import TABLES
from wildways.model.atlas import (
    AnalysisRequest,
    AtlasHeader,
    LayerStyle,
    ModuleDefinition,
    MovebankStudy,
    Population,
    Source,
)

DOCS = Path(__file__).resolve().parents[1] / "docs"
DEFINITIONS = (AtlasHeader, ModuleDefinition, Source, MovebankStudy, Population, AnalysisRequest, LayerStyle)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_key_of_the_atlas_folder_is_documented(definition: type[BaseModel]) -> None:
    page = (DOCS / "reference" / "atlas-folder.md").read_text(encoding="utf-8")
    for name, field in definition.model_fields.items():
        assert f"| `{name}` |" in page
        assert field.description
        assert field.description in page


def test_every_table_and_column_of_the_store_is_documented() -> None:
    page = (DOCS / "reference" / "evidence-store.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        section = page.split(f"## `{table.name}`\n")[1].split("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section
            assert column.meaning in section


def test_every_command_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"`wildways {name}" in page


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for part in page.read_text(encoding="utf-8").split("](")[1:]:
        target = part.split(")")[0]
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.split("#")[0]).exists(), target
