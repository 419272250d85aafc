"""``wildways inspect`` as a user runs it: what is said, what is written, what is refused."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.readers.files import row, write
from wildways.cli.main import COMMANDS, run
from wildways.model import ModuleDefinition, open_atlas


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command under its name."""
    monkeypatch.setitem(COMMANDS, "inspect", ("wildways.cli.inspect", "Say what a file holds."))


@pytest.fixture
def deer(tmp_path: Path) -> Path:
    """A file of three rows, one of them bad."""
    return write(tmp_path, [row(), row(individual_local_identifier="0052"), row(location_lat="95")])


def test_a_file_is_told_in_plain_lines(deer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(deer)]) == 0
    said = capsys.readouterr().out
    for part in (
        *("movebank-csv", "rows: 3", "evidence: 2 fix", "taxa: Odocoileus hemionus", "animals: 2"),
        *("2020-05-01 10:00 to", "-109.5000 42.5000", "3 rows = 2 kept + 1 refused", "latitude-range", "line 4"),
    ):
        assert part in said


def test_scripts_get_one_json_object(deer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(deer), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["reader"], said["rows"], said["kept"], said["refused"]) == ("movebank-csv", 3, 2, 1)
    assert (said["bbox"], said["animals"], said["records"]) == ([-109.5, 42.5, -109.5, 42.5], 2, {"fix": 2})
    assert said["start_utc"] == "2020-05-01T10:00:00+00:00"
    assert said["findings"][0]["line"] == 4


def test_the_module_written_into_an_atlas_can_be_ingested(
    deer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    atlas = tmp_path / "atlas"
    assert run(["new", str(atlas)]) == 0
    assert run(["inspect", str(deer), "--write", str(atlas)]) == 0
    assert "modules/deer.toml" in capsys.readouterr().out
    (source,) = open_atlas(atlas).module("deer").sources
    assert (source.path, source.licence) == (deer.as_posix(), "NOASSERTION")
    assert run(["ingest", str(atlas), "--module", "deer"]) == 0
    assert "2 kept" in capsys.readouterr().out


def test_a_module_can_be_written_anywhere_and_is_named_after_its_file(deer: Path, tmp_path: Path) -> None:
    out = tmp_path / "red_desert.toml"
    assert run(["inspect", str(deer), "--write", str(out)]) == 0
    assert ModuleDefinition.model_validate(tomllib.loads(out.read_text(encoding="utf-8"))).id == "red_desert"


def test_nothing_is_overwritten_and_bad_names_and_places_are_refused(
    deer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deer.toml"
    out.write_text("mine")
    assert run(["inspect", str(deer), "--write", str(out)]) == 6
    assert out.read_text() == "mine"
    assert run(["inspect", str(deer), "--write", str(tmp_path / "Red Desert.toml")]) == 3
    assert "red-desert.toml" in capsys.readouterr().err
    assert run(["inspect", str(deer), "--write", str(tmp_path / "nowhere")]) == 5
    assert "wildways new" in capsys.readouterr().err


def test_the_reader_can_be_named_and_says_what_the_source_must_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, ["2020-01-01,1,2,a"], columns=["when", "lon", "lat", "deer"])
    assert run(["inspect", str(file)]) == 3
    assert "when, lon, lat, deer" in capsys.readouterr().err
    assert run(["inspect", str(file), "--reader", "movebank-csv"]) == 0
    assert "needs columns in the module" in capsys.readouterr().out
    assert run(["inspect", str(file), "--reader", "movebank"]) == 5


def test_a_missing_file_and_a_file_of_no_kind_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(tmp_path / "none.csv")]) == 5
    (tmp_path / "noise").write_bytes(b"\0\1")
    capsys.readouterr()
    assert run(["inspect", str(tmp_path / "noise"), "--json"]) == 3
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "format-unknown"
