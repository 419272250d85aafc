"""Terms of use: shown before anything is downloaded, accepted by the user alone, kept, asked again."""

import json

import pytest

from tests.connectors.conftest import Bench
from tests.connectors.fake_movebank import TOKEN, refuse
from wildways.connectors import LicenceNotAccepted, Terms
from wildways.connectors.plaintext import one_line, plain_text
from wildways.model import Corrupt, NotAllowed


def acceptances(bench: Bench) -> list[dict[str, str]]:
    return list(json.loads((bench.folder / "licence.json").read_text(encoding="utf-8"))["acceptances"])


def test_terms_are_shown_and_nothing_is_downloaded_before_they_are_accepted(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    with pytest.raises(LicenceNotAccepted) as caught:
        bench.fetch()
    assert caught.value.code == "licence-not-accepted"
    assert caught.value.exit_code == 4
    assert "License Terms: Ask me first." in caught.value.terms.text
    assert not (bench.folder / "events.csv").exists()
    assert not (bench.folder / "licence.json").exists()
    assert "license-md5" not in bench.fake.events_asked[-1]


def test_accepted_terms_are_kept_with_text_md5_time_and_account(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    report = bench.fetch(accept=True)
    assert report.n_rows == 12
    assert "Ask me first." in report.accepted
    (kept,) = acceptances(bench)
    assert (kept["account"], kept["accepted_utc"]) == ("curie", "2026-06-01T12:00:00+00:00")
    assert kept["md5"] == bench.fake.events_asked[-1]["license-md5"] == Terms(kept["html"].encode()).md5
    assert "Ask me first." in kept["text"]


def test_terms_that_were_accepted_are_not_asked_again_though_their_page_tells_the_time(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.fetch(accept=True)
    bench.fake._accepted = ""
    report = bench.fetch()
    assert (report.n_rows, report.accepted) == (12, "")
    assert len(acceptances(bench)) == 1


def test_terms_that_changed_are_asked_again_and_both_are_kept(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.fetch(accept=True)
    bench.fake.terms = "Pay me first."
    with pytest.raises(LicenceNotAccepted) as caught:
        bench.fetch()
    assert caught.value.code == "licence-changed"
    bench.fetch(accept=True)
    assert ["Ask" in kept["text"] for kept in acceptances(bench)] == [True, False]
    bench.fake.terms = "Ask me first."
    with pytest.raises(LicenceNotAccepted):
        bench.fetch()


def test_another_account_has_to_accept_for_itself(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.fetch(accept=True)
    bench.fake._accepted = ""
    environment = {**bench.environment, "MOVEBANK_TOKEN": TOKEN}
    with pytest.raises(LicenceNotAccepted):
        bench.fetch(environment=environment)


def test_terms_that_change_while_they_are_accepted_are_accepted_as_they_are_then(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.fake.tricks.extend([lambda handler: False, refuse(403, "<h1>HTTP Status 403 - Incorrect md5 hash</h1>")])
    assert bench.fetch(accept=True).n_rows == 12


def test_an_acceptance_that_is_never_taken_ends(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.fake.has_agreed = lambda session, md5: False  # type: ignore[method-assign]
    with pytest.raises(NotAllowed) as caught:
        bench.fetch(accept=True)
    assert caught.value.code == "licence-handshake"
    assert len(bench.fake.events_asked) < 10


def test_a_damaged_file_of_acceptances_is_said(bench: Bench) -> None:
    bench.fake.terms = "Ask me first."
    bench.folder.mkdir(parents=True)
    (bench.folder / "licence.json").write_text("[]")
    with pytest.raises(Corrupt, match=r"licence\.json"):
        bench.fetch(accept=True)


def test_pages_become_text_that_does_not_steer_a_terminal() -> None:
    page = "<p>One\x1b[31m two&nbsp;&amp; <b>three</b></p><script>alert(1)</script><br>four\x07"
    assert plain_text(page) == "One[31m two & three\nfour"
    assert one_line(page) == "One[31m two & three four"
    assert one_line("x" * 500, most=10) == "x" * 9 + "…"
