"""The demonstration atlas."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from wildways.model import Conflict, open_atlas
from wildways.movement import speed_limit_for
from wildways.simulate import demo_herds, write_demo_atlas


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo_atlas(tmp_path_factory.mktemp("demo") / "atlas")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_demonstration_is_a_sound_atlas_with_its_data(folder: Path) -> None:
    atlas = open_atlas(folder)
    module = atlas.module("ungulates")
    assert len(module.populations) >= 3
    assert {population.taxon for population in module.populations} == set(module.taxa)
    assert all((folder / source.path).is_file() for source in module.sources)
    assert [request.method for request in module.analyses] == ["corridors"]


def test_everything_shown_says_that_it_is_simulated(folder: Path) -> None:
    atlas = open_atlas(folder)
    assert atlas.header.simulated
    module = atlas.module("ungulates")
    titles = [atlas.header.title, module.title, *(population.title for population in module.populations)]
    for title in titles:
        assert set(title) == {"en", "fr", "es"}
        assert all("simul" in text for text in title.values())
    for source in module.sources:
        assert "simulated" in pd.read_csv(folder / source.path, nrows=1)["study-name"].iloc[0].lower()
        assert source.licence == "CC0-1.0"


def test_populations_are_large_enough_for_all_classes(folder: Path) -> None:
    rows = 0
    for file in (folder / "data").iterdir():
        frame = pd.read_csv(file, usecols=["individual-local-identifier"])
        rows += len(frame)
        assert 25 <= frame["individual-local-identifier"].nunique() <= 40
    assert 100_000 <= rows <= 200_000


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert _digests(write_demo_atlas(tmp_path / "again")) == _digests(folder)
    assert _digests(write_demo_atlas(tmp_path / "other", seed=1)) != _digests(folder)


def test_an_atlas_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(Conflict) as error:
        write_demo_atlas(folder)
    assert error.value.code == "atlas-exists"


def test_speeds_of_the_demonstrations_taxa_are_known() -> None:
    assert all(speed_limit_for(herd.taxon) for herd in demo_herds())
