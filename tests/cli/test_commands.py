"""The commands as a user runs them, from nothing to a release."""

import json
import shutil
from pathlib import Path

import pytest

from wildways.cli.main import run
from wildways.model import Catalogue


@pytest.fixture(scope="module")
def deer(demo_atlas: Path) -> Path:
    """The smallest file of the demonstration: native Movebank CSV."""
    return min((demo_atlas / "data").glob("*.csv"), key=lambda file: file.stat().st_size)


def test_any_movebank_file_becomes_a_map_without_an_atlas_folder(
    deer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "map"
    assert run(["map", str(deer), "--out", str(out), "--no-serve", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    catalogue = Catalogue.model_validate_json((out / "catalogue.json").read_text())
    assert {product.role for product in catalogue.products} == {
        "corridors",
        "footprint",
        "routes",
        "sequences",
        "stopovers",
        "use",
    }
    (file,) = said["files"]
    assert file["rows"] == file["kept"] + file["refused"]
    assert run(["verify", str(out)]) == 0


def test_tracks_without_a_migration_are_refused_with_the_reason(
    deer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.csv"
    short.write_text("".join(deer.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8")
    assert run(["map", str(short), "--out", str(tmp_path / "map"), "--no-serve"]) == 3
    assert "0 migrations of 0 animals among 1 tracked" in capsys.readouterr().err
    assert not (tmp_path / "map").exists()


def test_an_existing_map_is_not_overwritten(deer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["map", str(deer), "--out", str(tmp_path), "--no-serve"]) == 6
    assert "--out" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["map", str(tmp_path / "none.csv"), "--no-serve", "--json"]) == 5
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["code"] == "file-missing"
    assert error["file"].endswith("none.csv")


def test_a_new_atlas_is_sound_and_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "My Atlas"
    assert run(["new", str(folder)]) == 0
    assert "wildways ingest" in capsys.readouterr().out
    assert run(["status", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modules"] == ["ungulates"]
    assert run(["new", str(folder)]) == 6


def test_the_demonstration_run_again_computes_and_publishes_nothing(
    demo_atlas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", str(demo_atlas), "--no-serve", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert all(done["unchanged"] for done in said["runs"])
    assert len(list((demo_atlas / "releases").glob("*/catalogue.json"))) == 1


def test_an_atlas_may_be_named_relative_to_where_one_stands(
    deer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "atlas"]) == 0
    shutil.copy(deer, tmp_path / "atlas" / "data" / "deer.csv")
    source = '[[sources]]\nid = "deer"\npath = "data/*.csv"\nlicence = "CC0-1.0"\n'
    with (tmp_path / "atlas" / "modules" / "ungulates.toml").open("a") as module:
        module.write(source)
    capsys.readouterr()
    assert run(["ingest", "atlas", "--json"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["path"] == "data/deer.csv"
    assert file["kept"] > 0


def test_status_tells_evidence_products_and_releases(demo_atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", str(demo_atlas), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["evidence"]["fix"] == sum(file["kept"] for file in status["files"])
    assert len(status["products"]) == 6 * 4
    assert len(status["releases"]) == 1
    assert run(["status", str(demo_atlas)]) == 0
    assert "release" in capsys.readouterr().out


def test_a_misspelt_key_stops_every_command_and_names_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["new", str(tmp_path / "atlas")])
    module = tmp_path / "atlas" / "modules" / "ungulates.toml"
    module.write_text(module.read_text().replace("taxa =", "taxon ="))
    for command in ("ingest", "build", "release", "status"):
        capsys.readouterr()
        assert run([command, str(tmp_path / "atlas")]) == 3
        said = capsys.readouterr().err
        assert "ungulates.toml" in said
        assert "taxon" in said


def test_wrong_usage_exits_with_two() -> None:
    assert run(["serve", "--port", "many"]) == 2
    assert run(["nothing"]) == 2


def test_methods_formats_and_schemas_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in (
        (["methods", "corridors"], "location_error_m"),
        (["methods", "--json"], "footprint_level"),
        (["formats"], "movebank-csv"),
        (["schema", "module"], "embargo_until"),
        (["schema", "atlas"], "languages"),
    ):
        assert run(arguments) == 0
        assert expected in capsys.readouterr().out


def test_an_unknown_method_names_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["methods", "teleport"]) == 5
    assert "corridors" in capsys.readouterr().err
