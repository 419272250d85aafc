"""The atlas folder: what is accepted, and how a mistake is named."""

from pathlib import Path

import pytest

from wildways.model import Access, BadInput, NotFound, atlas_schema, module_schema, open_atlas

HEADER = '[atlas]\nid = "test"\ntitle = "Test"\n'
MODULE = """
id = "ungulates"
title = { en = "Ungulates", fr = "Ongulés" }

[[sources]]
id = "deer"
path = "data/*.csv"
licence = "CC0-1.0"

[[populations]]
id = "range"
title = "Range"
taxon = "Odocoileus hemionus"
sources = ["deer"]

[[analyses]]
method = "corridors"
populations = ["range"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "atlas.toml").write_text(HEADER)
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "ungulates.toml").write_text(MODULE)
    return tmp_path


def _break(folder: Path, old: str, new: str) -> BadInput:
    file = folder / "modules" / "ungulates.toml"
    file.write_text(MODULE.replace(old, new))
    with pytest.raises(BadInput) as caught:
        open_atlas(folder)
    assert caught.value.place.file == file
    return caught.value


def test_a_sound_folder_opens_with_defaults_filled_in(folder: Path) -> None:
    atlas = open_atlas(folder)
    source = atlas.module("ungulates").sources[0]
    assert atlas.header.title == {"en": "Test"}
    assert source.access is Access.PRODUCTS
    assert source.reader == "movebank-csv"


def test_a_folder_without_atlas_toml_is_not_an_atlas(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        open_atlas(tmp_path)
    assert caught.value.code == "atlas-missing"
    assert "wildways new" in caught.value.hint


def test_a_misspelt_key_is_named_with_its_file(folder: Path) -> None:
    error = _break(folder, "licence =", "lisence =")
    assert error.code == "definition"
    assert error.place.field is not None
    assert error.place.field.startswith("sources.0.")
    assert "1 more" in error.hint


def test_toml_that_is_not_toml_says_where(folder: Path) -> None:
    error = _break(folder, 'id = "ungulates"', 'id = "ungulates')
    assert error.code == "toml-syntax"
    assert "line 2" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('sources = ["deer"]', 'sources = ["moose"]', "populations.0.sources"),
        ('populations = ["range"]', 'populations = ["valley"]', "analyses.0.populations"),
        ('id = "ungulates"', 'id = "birds"', "id"),
        ('title = { en = "Ungulates", fr = "Ongulés" }', "title = {}", "title"),
        ('licence = "CC0-1.0"', 'licence = "CC0-1.0"\naccess = "secret"', "sources.0.access"),
        ('licence = "CC0-1.0"', 'licence = "CC0-1.0"\nembargo_until = "soon"', "sources.0.embargo_until"),
    ],
)
def test_a_name_that_does_not_exist_or_a_wrong_value_is_refused(folder: Path, old: str, new: str, field: str) -> None:
    assert _break(folder, old, new).place.field == field


def test_an_unknown_module_is_not_found(folder: Path) -> None:
    with pytest.raises(NotFound, match="It has: ungulates"):
        open_atlas(folder).module("birds")


@pytest.mark.parametrize("schema", [atlas_schema(), module_schema()])
def test_every_key_of_the_schema_is_explained(schema: dict[str, object]) -> None:
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    for definition in definitions.values():
        for name, key in definition.get("properties", {}).items():
            assert key.get("description"), name
