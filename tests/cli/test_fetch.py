"""``wildways fetch`` as a user runs it."""

import json

import pytest

from tests.connectors.conftest import Bench, _no_proxies, bench, make_bench  # noqa: F401
from wildways.cli.main import run


@pytest.fixture
def ready(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:  # noqa: F811
    """The bench, its credentials in the environment."""
    for name, value in bench.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MOVEBANK_TOKEN", raising=False)
    return bench


def test_an_atlas_is_fetched_ingested_and_brought_up_to_date(ready: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fetch", str(ready.atlas), "--json"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert (source["rows"], source["added"], source["full"]) == (12, 12, True)
    assert run(["ingest", str(ready.atlas), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [(file["kept"], file["refused"]) for file in files] == [(12, 0), (2, 0)]
    assert run(["fetch", str(ready.atlas), "--source", "albatrosses"]) == 0
    assert "12 events in data/movebank/2911040" in capsys.readouterr().out
    assert run(["ingest", str(ready.atlas), "--json"]) == 0
    assert all(file["already_stored"] for file in json.loads(capsys.readouterr().out)["files"])


def test_terms_are_shown_with_exit_code_four_and_accepted_with_a_flag(
    ready: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    ready.fake.terms = "Ask me first."
    assert run(["fetch", str(ready.atlas)]) == 4
    said = capsys.readouterr()
    assert "License Terms: Ask me first." in said.out
    assert "--accept-licence" in said.err
    assert run(["fetch", str(ready.atlas), "--json"]) == 4
    said = capsys.readouterr()
    assert "Ask me first." in json.loads(said.out)["licences"][0]["text"]
    assert json.loads(said.err)["error"]["code"] == "licence-not-accepted"
    assert run(["fetch", str(ready.atlas), "--accept-licence"]) == 0
    assert "Ask me first." in capsys.readouterr().out


def test_errors_name_the_remedy(
    ready: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOVEBANK_PASSWORD", "wrong")
    assert run(["fetch", str(ready.atlas)]) == 4
    said = capsys.readouterr().err
    assert "MOVEBANK_TOKEN" in said
    assert "wrong" not in said
    assert run(["fetch", str(ready.atlas), "--source", "none"]) == 5


def test_remarks_are_said(ready: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    ready.fake.study.license_type = "CC_BY"
    assert run(["fetch", str(ready.atlas)]) == 0
    assert "noted [licence-differs]" in capsys.readouterr().out
