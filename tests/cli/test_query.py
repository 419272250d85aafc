"""Asking the evidence on the command line: query, sql, log, remove, restore."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pytest

from tests.store.evidence_rows import DEER, write_atlas
from wildways.cli.main import run
from wildways.cli.query import KINDS
from wildways.model import RECORD_TABLES

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas with evidence of every kind; not to be changed."""
    return write_atlas(tmp_path_factory.mktemp("query") / "atlas")


def said(capsys: Captured, *arguments: object) -> Any:
    """What a command says as JSON."""
    assert run([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_kinds_of_the_help_are_those_of_the_store() -> None:
    assert KINDS == RECORD_TABLES


def test_query_counts_by_kind_taxon_and_country_and_names_the_terms(atlas: Path, capsys: Captured) -> None:
    assert run(["query", str(atlas), "--taxon", DEER]) == 0
    out = capsys.readouterr().out
    assert "4 records of 1 animals, 2010 to 2019" in out
    assert "CC0-1.0, access private: 1" in out
    counted = said(capsys, "query", atlas, "--taxon", DEER, "--kind", "fix,site", "--period", "2015..2016")
    assert counted["total"]["n_records"] == 2
    assert {row["country"] for row in counted["by_kind_taxon_country"]} == {"IND"}


def test_query_gives_the_records_and_what_may_not_leave(atlas: Path, capsys: Captured) -> None:
    records = said(capsys, "query", atlas, "--rows", "--bbox", "165,0,-165,30")["records"]
    assert [record["kind"] for record in records] == ["site", "site", "link", "link"]
    assert {record["access"] for record in records} == {"private"}
    assert run(["query", str(atlas), "--rows", "--limit", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


@pytest.mark.parametrize("name", ["found.parquet", "found.gpkg", "found.geojson"])
def test_query_writes_layers_that_a_gis_opens(atlas: Path, tmp_path: Path, capsys: Captured, name: str) -> None:
    assert said(capsys, "query", atlas, "--out", tmp_path / name)["not_open"] == 9
    read = geopandas.read_parquet if name.endswith("parquet") else geopandas.read_file
    layer = read(tmp_path / name)
    assert len(layer) == 17
    assert layer.crs.to_epsg() == 4326
    assert set(layer.geometry.dropna().geom_type) == {"Point", "LineString", "MultiLineString", "Polygon"}
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_query_writes_csv_with_shapes_as_wkt(atlas: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "found.csv"
    assert run(["query", str(atlas), "--kind", "drawn", "--out", str(out)]) == 0
    assert "may not be passed on" in capsys.readouterr().err
    header, row = out.read_text(encoding="utf-8").splitlines()
    assert "POLYGON" in row
    assert "2010-01-01T00:00:00" in row
    assert '"geometry"' in header


def test_query_neither_overwrites_nor_guesses_a_format(atlas: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "found.csv").touch()
    assert run(["query", str(atlas), "--out", str(tmp_path / "found.csv")]) == 6
    assert run(["query", str(atlas), "--out", str(tmp_path / "found.xlsx")]) == 3
    assert run(["query", str(atlas), "--bbox", "1,2,3"]) == 2


def test_a_misspelt_taxon_is_answered_with_suggestions(atlas: Path, capsys: Captured) -> None:
    assert run(["query", str(atlas), "--taxon", "Ciconia ciconnia"]) == 3
    assert "Did you mean Ciconia ciconia?" in capsys.readouterr().err


def test_nothing_found_is_said(atlas: Path, capsys: Captured) -> None:
    assert run(["query", str(atlas), "--animal", "nobody"]) == 0
    assert capsys.readouterr().out == "No evidence.\n"


def test_sql_answers_as_text_json_csv_and_parquet(atlas: Path, tmp_path: Path, capsys: Captured) -> None:
    statement = "SELECT kind, count(*) AS n FROM evidence WHERE kind IN ('fix', 'link') GROUP BY kind ORDER BY kind"
    assert said(capsys, "sql", atlas, statement)["rows"] == [{"kind": "fix", "n": 5}, {"kind": "link", "n": 3}]
    assert run(["sql", str(atlas), statement, "--csv"]) == 0
    assert capsys.readouterr().out == "kind,n\nfix,5\nlink,3\n"
    assert run(["sql", str(atlas), statement, "--out", str(tmp_path / "found.parquet")]) == 0
    assert run(["sql", str(atlas), statement, "--limit", "1"]) == 0
    assert "more rows than 1" in capsys.readouterr().err


def test_sql_changes_nothing(atlas: Path, capsys: Captured) -> None:
    assert run(["sql", str(atlas), "DELETE FROM fix"]) == 4
    assert "Only one SELECT" in capsys.readouterr().err


def test_log_tells_the_latest_change_first(atlas: Path, capsys: Captured) -> None:
    snapshots = said(capsys, "log", atlas)["snapshots"]
    numbers = [snapshot["number"] for snapshot in snapshots]
    assert numbers == sorted(numbers, reverse=True)
    assert snapshots[-1]["message"] == "make the workspace"
    assert run(["log", str(atlas), "--limit", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"{numbers[0]}  ")


def test_an_animal_is_removed_logged_restored_and_erased(tmp_path: Path, capsys: Captured) -> None:
    atlas = write_atlas(tmp_path / "atlas")
    target = ["--module", "plains", "--animal", "a"]
    assert run(["remove", str(atlas), *target, "--reason", "withdrawn"]) == 3
    assert "3 fix records" in capsys.readouterr().err
    removed = said(capsys, "remove", atlas, *target, "--reason", "withdrawn", "--yes")
    assert (removed["records"], removed["removed"]["fix"]) == ({"fix": 3}, 3)
    assert said(capsys, "query", atlas, "--animal", "a")["total"]["n_records"] == 0
    latest, *earlier = said(capsys, "log", atlas)["snapshots"]
    assert "withdrawn" in latest["message"]
    then = ["--as-of", earlier[0]["number"]]
    assert said(capsys, "query", atlas, "--animal", "a", *then)["total"]["n_records"] == 3
    assert said(capsys, "restore", atlas)["removals"][0]["reason"] == "withdrawn"
    assert len(said(capsys, "restore", atlas, *target)["restored"]) == 1
    assert said(capsys, "restore", atlas)["removals"] == []
    assert run(["restore", str(atlas), *target]) == 5
    ring = ["--module", "plains", "--animal", "ring 7", "--reason", "asked", "--yes", "--purge-history"]
    assert said(capsys, "remove", atlas, *ring)["purged"]["n_snapshots"] > 0
    assert run(["query", str(atlas), "--as-of", str(earlier[0]["number"])]) == 5


def test_status_counts_the_records_by_kind_taxon_and_country(atlas: Path, capsys: Captured) -> None:
    records = said(capsys, "status", atlas)["records"]
    assert records["kind"] == {"fix": 5, "site": 5, "link": 3, "encounter": 2, "detection": 1, "drawn": 1}
    assert records["taxon"] == {"Ciconia ciconia": 12, DEER: 4, "unknown": 1}
    assert records["country"]["IND"] == 3
    assert run(["status", str(atlas)]) == 0
    assert "by taxon: Ciconia ciconia 12, " in capsys.readouterr().out
