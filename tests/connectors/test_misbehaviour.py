"""Movebank when it is busy, slow, cut off, or says no: tried again, refused with a reason, never believed."""

import stat
from pathlib import Path

import pytest

from tests.connectors.conftest import Bench
from tests.connectors.fake_movebank import FORBIDDEN, NO_DATA, Trick, behave, cut, refuse, say, stall
from tests.connectors.test_movebank import fail, stored
from wildways.connectors import web
from wildways.connectors.lock import cache_folder, only_one
from wildways.model import BadInput, Conflict, Corrupt, LimitReached, NotAllowed

ERROR_PAGE = (
    "<!doctype html><html><head><title>Oops</title></head><body>The server encountered an internal error</body>"
)
RATE_LIMIT = "You have triggered a rate limiting mechanism."


@pytest.mark.parametrize(
    ("trick", "wait"),
    [
        (refuse(429, RATE_LIMIT, retry_after="7"), 7),
        (refuse(429, RATE_LIMIT, retry_after="Mon, 01 Jun 2026 12:00:42 GMT"), 42),
        (refuse(429, RATE_LIMIT, retry_after="soon"), web.FIRST_WAIT_SECONDS),
        (refuse(429, RATE_LIMIT, retry_after="99999"), web.LONGEST_WAIT_SECONDS),
        (refuse(500, ERROR_PAGE), web.FIRST_WAIT_SECONDS),
        (refuse(503), web.FIRST_WAIT_SECONDS),
        (say(ERROR_PAGE), web.FIRST_WAIT_SECONDS),
        (cut(150), web.FIRST_WAIT_SECONDS),
        (cut(150, promise=None), web.FIRST_WAIT_SECONDS),
        (cut(0, promise=None), web.FIRST_WAIT_SECONDS),
    ],
)
def test_what_failed_once_is_tried_again_after_a_while(bench: Bench, trick: Trick, wait: float) -> None:
    bench.fake.tricks.append(trick)
    assert bench.fetch().n_rows == 12
    assert bench.clock.waits == [wait]
    assert len(stored(bench)) == 12


def test_waits_grow_and_end(bench: Bench) -> None:
    bench.fake.tricks.extend([refuse(500, "<p>NullPointerException</p>")] * web.TRIES)
    error = fail(bench, LimitReached, "service-busy")
    assert bench.clock.waits == [10, 20, 40, 80, 160]
    assert "HTTP 500: NullPointerException" in error.message


@pytest.mark.parametrize("promise", [100_000, None])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_cut_off_is_never_believed(bench: Bench, promise: int | None, chunked: bool) -> None:
    bench.fetch()
    before = bench.events
    bench.fake.chunked = chunked
    bench.fake.tricks.extend([cut(300, promise=promise)] * web.TRIES)
    fail(bench, Corrupt, "download-incomplete", refresh=True)
    assert bench.events == before


@pytest.mark.parametrize("n_bytes", range(180, 200, 3))
def test_wherever_a_chunked_body_ends_without_its_last_chunk_it_is_noticed(bench: Bench, n_bytes: int) -> None:
    bench.fake.chunked = True
    bench.fake.tricks.append(cut(n_bytes, promise=None))
    assert bench.fetch().n_rows == 12
    assert len(bench.clock.waits) == 1


def test_an_error_page_in_the_midst_of_data_is_noticed(bench: Bench) -> None:
    bench.fake.tricks.append(say("event_id,tag_id,timestamp,sensor_type_id\n1,2,3,4\n<html>HTTP Status 500</html>\n"))
    assert bench.fetch().n_rows == 12
    assert bench.clock.waits == [10]


def test_a_missing_column_is_noticed(bench: Bench) -> None:
    bench.fake.tricks.extend([say("timestamp,location_lat\n2008-06-01 00:00:00.000,1\n")] * web.TRIES)
    assert "event_id" in fail(bench, Corrupt, "download-incomplete").message


@pytest.mark.parametrize(("chunked", "zipped"), [(True, False), (False, True), (True, True)])
def test_bodies_come_in_pieces_and_packed(bench: Bench, chunked: bool, zipped: bool) -> None:
    bench.fake.chunked, bench.fake.zipped = chunked, zipped
    assert bench.fetch().n_rows == 12


def test_silence_is_not_waited_for_without_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {**(web.Web.__init__.__kwdefaults__ or {}), "silence_seconds": 0.2}
    monkeypatch.setattr(web.Web.__init__, "__kwdefaults__", quick)
    bench.fake.tricks.append(stall(0.5))
    bench.clock.real_seconds = 0.4
    assert bench.fetch().n_rows == 12
    assert bench.clock.waits[0] == 10


def test_a_service_that_is_not_there_is_said(bench: Bench) -> None:
    environment = bench.environment | {"MOVEBANK_SERVER": "http://127.0.0.1:9"}
    with pytest.raises(LimitReached, match=r"127\.0\.0\.1 could not answer in 6 tries"):
        bench.fetch(environment=environment)


@pytest.mark.parametrize("trick", [refuse(403, "<h1>HTTP Status 403 - Forbidden</h1>"), say(FORBIDDEN)])
def test_data_that_may_not_be_downloaded_are_said(bench: Bench, trick: Trick) -> None:
    bench.fake.tricks.append(trick)
    error = fail(bench, NotAllowed, "study-not-permitted")
    assert "owner" in error.hint
    assert bench.clock.waits == []


def test_a_study_that_may_only_be_looked_at_is_said(bench: Bench) -> None:
    bench.fake.study.download_access = "false"
    fail(bench, NotAllowed, "study-not-permitted")
    assert bench.fake.events_asked == []


def test_a_window_without_data_is_empty_and_a_study_without_any_is_refused(bench: Bench) -> None:
    bench.fetch()
    bench.fake.tricks.append(say(NO_DATA))
    assert bench.fetch().n_rows == 12
    bench.fake.tricks.append(say(NO_DATA))
    fail(bench, NotAllowed, "study-without-events", refresh=True)
    assert len(stored(bench)) == 12


def test_other_refusals_are_said_as_they_are(bench: Bench) -> None:
    bench.fake.tricks.append(refuse(418, "short and stout"))
    assert "HTTP 418. It says: short and stout" in fail(bench, BadInput, "request-refused").message


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    bench.fake.tricks.append(refuse(302))
    fail(bench, BadInput, "request-refused")


def test_one_fetch_at_a_time_however_many_are_started(bench: Bench) -> None:
    import threading

    reports: list[int] = []
    threads = [threading.Thread(target=lambda: reports.append(_patient(bench))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert reports == [12, 12, 12]
    assert bench.fake.most_at_once == 1


def _patient(bench: Bench) -> int:
    import time

    for _ in range(200):
        try:
            return bench.fetch().n_rows
        except Conflict:
            time.sleep(0.05)
    return -1


def test_a_fetch_waits_for_another_one_and_then_says_so(bench: Bench, tmp_path: Path) -> None:
    (folder,) = {cache_folder(bench.environment)}
    bench.fetch()
    (lock,) = folder.glob("*.lock")
    with only_one(lock, "testing", bench.clock):
        fail(bench, Conflict, "fetch-busy")
    assert sum(bench.clock.waits) == 30
    assert bench.fetch().n_rows == 12


def test_a_lock_that_cannot_be_made_is_said(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(BadInput, match="XDG_CACHE_HOME"):
        bench.fetch(environment=bench.environment | {"XDG_CACHE_HOME": str(file)})


def test_what_is_stored_is_for_its_owner_to_share(bench: Bench) -> None:
    bench.fake.tricks.append(behave)
    bench.fetch()
    (lock,) = cache_folder(bench.environment).glob("*.lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
