"""``wildways review``."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wildways.cli.main import run
from wildways.simulate import demo_herds, simulate_herd
from wildways.simulate.movebank import write_movebank_csv

MODULE = """
id = "ungulates"
title = "Ungulates"

[[sources]]
id = "deer"
path = "data/*.csv"
licence = "CC0-1.0"

[[populations]]
id = "deer"
title = "Deer"
taxon = "{taxon}"

[[populations]]
id = "others"
title = "Others"
taxon = "Cervus elaphus"
"""


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review") / "atlas"
    for name in ("data", "modules"):
        (folder / name).mkdir(parents=True)
    herd = replace(demo_herds()[2], n_animals=2, tracking_days=(360, 364), death_share=0.0)
    fixes = simulate_herd(herd, rng=np.random.default_rng(5)).fixes
    write_movebank_csv(fixes, folder / "data" / "deer.csv", study=herd.study, taxon=herd.taxon)
    (folder / "atlas.toml").write_text('[atlas]\nid = "test"\ntitle = "Test"\n', encoding="utf-8")
    (folder / "modules" / "ungulates.toml").write_text(MODULE.format(taxon=herd.taxon), encoding="utf-8")
    return folder


def test_before_anything_is_ingested_it_says_so(atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(atlas), "--population", "deer", "--no-open"]) == 5
    assert "wildways ingest" in capsys.readouterr().err


def test_it_writes_the_page_into_the_private_workspace(atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", str(atlas)]) == 0
    assert run(["review", str(atlas), "--population", "deer", "--no-open", "--reviewer", "Ada"]) == 0
    said = capsys.readouterr().out
    page = atlas / ".wildways" / "review" / "ungulates.deer.html"
    assert "keep it private" in said
    assert "windows/deer.csv" in said
    assert '"reviewer":"Ada"' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--no-open"], 3, "Choose one"),
        (["--population", "none", "--no-open"], 5, "no population “none”"),
        (["--population", "others", "--no-open"], 5, "No usable fix"),
        (["--population", "deer", "--out", "page.txt"], 3, "no .html file"),
    ],
)
def test_what_it_cannot_do_it_says(
    atlas: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    run(["ingest", str(atlas)])
    assert run(["review", str(atlas), *arguments]) == code
    assert words in capsys.readouterr().err
