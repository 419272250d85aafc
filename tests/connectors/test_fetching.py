"""Which sources are fetched, and where their files may go."""

from pathlib import Path

import pytest

from tests.connectors.conftest import Bench
from wildways.connectors import find_fetched
from wildways.model import BadInput, MovebankStudy, NotFound, Source, open_atlas


def write_source(bench: Bench, **changed: str) -> None:
    keys = {"path": '"data/movebank/2911040/*.csv"', "licence": '"CC0-1.0"'} | changed
    lines = "\n".join(f"{key} = {value}" for key, value in keys.items())
    source = f'[[sources]]\nid = "s"\n{lines}\n[sources.movebank]\nstudy_id = 2911040\n'
    (bench.atlas / "modules" / "seabirds.toml").write_text(f'id = "seabirds"\ntitle = "x"\n{source}')


@pytest.mark.parametrize(
    "path",
    [
        "../out/*.csv",
        "/somewhere/*.csv",
        "*.csv",
        ".wildways/x/*.csv",
        "releases/*.csv",
        "modules/*.csv",
        "data/*/*.csv",
        "data/m/events.csv",
        "data/m/deer*.csv",
        "data/../../x/*.csv",
    ],
)
def test_files_go_into_a_data_folder_of_the_atlas_and_nowhere_else(bench: Bench, path: str) -> None:
    write_source(bench, path=f'"{path}"')
    with pytest.raises(BadInput) as caught:
        bench.fetch()
    assert caught.value.place.field == "sources.s.path"
    assert bench.fake.asked == []


def test_a_link_does_not_lead_out_of_the_atlas(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (bench.atlas / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput):
        bench.fetch()


@pytest.mark.parametrize(("key", "value"), [("time_zone", '"UTC"'), ("crs", '"EPSG:4326"'), ("reader", '"gpx"')])
def test_keys_that_would_misread_what_comes_are_refused(bench: Bench, key: str, value: str) -> None:
    write_source(bench, **{key: value})
    with pytest.raises(BadInput) as caught:
        bench.fetch()
    assert caught.value.place.field == f"sources.s.{key}"


def test_two_sources_do_not_share_a_folder(bench: Bench) -> None:
    file = bench.atlas / "modules" / "seabirds.toml"
    text = file.read_text()
    file.write_text(text + text[text.index("[[sources]]") :].replace("albatrosses", "others"))
    with pytest.raises(BadInput, match="same folder"):
        find_fetched(open_atlas(bench.atlas))


def test_sources_are_found_by_either_name(bench: Bench) -> None:
    atlas = open_atlas(bench.atlas)
    assert len(find_fetched(atlas, ("albatrosses",))) == 1
    assert len(find_fetched(atlas, ("seabirds.albatrosses",))) == 1
    with pytest.raises(NotFound, match=r"seabirds\.albatrosses"):
        find_fetched(atlas, ("storks",))


def test_an_atlas_without_such_sources_says_how_to_make_one(bench: Bench) -> None:
    (bench.atlas / "modules" / "seabirds.toml").unlink()
    with pytest.raises(NotFound, match=r"\[sources\.movebank\]"):
        find_fetched(open_atlas(bench.atlas))


def test_every_key_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "atlas-folder.md"
    text = page.read_text(encoding="utf-8")
    for name, field in {**MovebankStudy.model_fields, "movebank": Source.model_fields["movebank"]}.items():
        assert f"| `{name}` |" in text
        assert field.description
        assert field.description in text
