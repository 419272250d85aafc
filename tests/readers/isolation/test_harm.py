"""Whatever a file makes of its reader: a defined error in bounded time, and the next file is read."""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.readers.files import source
from tests.readers.isolation.hostile import LIMIT, WHOLE
from wildways.model import BadInput, LimitReached, WildwaysError
from wildways.readers import ReadAgain, ReadingOptions
from wildways.readers.isolation import ReadingProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the behaviours are those of Linux")

ENDINGS = {
    "abort": (BadInput, "reading-crashed", "SIGABRT"),
    "fault": (BadInput, "reading-crashed", "SIGSEGV"),
    "exit": (BadInput, "reading-crashed", "exit code 0"),
    "system-exit": (BadInput, "reading-crashed", "exit code 5"),
    "leave-child": (BadInput, "reading-crashed", "SIGABRT"),
    "half": (BadInput, "reading-crashed", "exit code 1"),
    "killed": (LimitReached, "reading-killed", "memory"),
    "close": (LimitReached, "reading-killed", "hostile"),
    "hang": (LimitReached, "reading-stalled", "4 seconds"),
    "hoard": (LimitReached, "reading-memory", "memory"),
    "hoard-in-c": (LimitReached, "reading-memory", "memory"),
    "raise": (BadInput, "reader-failed", "ZeroDivisionError: by nothing"),
    "garbage": (BadInput, "reading-invalid", "GET /"),
    "claim-much": (BadInput, "reading-invalid", "header"),
    "no-json": (BadInput, "reading-invalid", "message"),
    "deep-json": (BadInput, "reading-invalid", "message"),
    "no-object": (BadInput, "reading-invalid", "object"),
    "wrong-error": (BadInput, "reading-invalid", "SystemExit"),
    "wrong-account": (BadInput, "reading-invalid", "-1"),
    "wrong-table": (BadInput, "reading-invalid", "etc"),
    "wrong-columns": (BadInput, "reading-invalid", "columns"),
    "no-arrow": (BadInput, "reading-invalid", "batch"),
    "compressed": (BadInput, "reading-invalid", "compressed"),
    "out-of-bounds": (BadInput, "reading-invalid", "batch"),
}


def _read(worker: ReadingProcess, folder: Path, text: str, **options: object) -> tuple[str, ...]:
    file = folder / "file"
    file.write_text(text)
    with worker.reader("hostile").read(file, source(), ReadingOptions(**{"name": "the file", **options})) as reading:
        assert reading.fixes().read_all().num_rows == 0
        return tuple(reading.tables()["study"]["name"].to_pylist())


@pytest.mark.parametrize("behaviour", ENDINGS)
def test_a_file_that_harms_its_reader_is_named_and_the_next_is_read(
    behaviour: str, worker: ReadingProcess, tmp_path: Path
) -> None:
    kind, code, part = ENDINGS[behaviour]
    _read(worker, tmp_path, "nothing")
    start = time.monotonic()
    with pytest.raises(WildwaysError) as caught:
        _read(worker, tmp_path, behaviour)
    assert time.monotonic() - start < 20
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert part in caught.value.message
    assert caught.value.hint
    assert caught.value.place.file == "the file"
    _read(worker, tmp_path, "nothing")


@pytest.mark.parametrize("moment", ["prepare", "enter"])
@pytest.mark.parametrize("behaviour", ["abort", "hang", "raise", "garbage"])
def test_harm_is_noticed_at_every_moment(behaviour: str, moment: str, worker: ReadingProcess, tmp_path: Path) -> None:
    with pytest.raises(WildwaysError) as caught:
        _read(worker, tmp_path, f"{behaviour} {moment}")
    assert caught.value.code == ENDINGS[behaviour][1]
    _read(worker, tmp_path, "nothing")


@pytest.mark.parametrize("behaviour", ["abort", "raise", "hang"])
def test_what_fails_after_the_account_does_no_harm(behaviour: str, worker: ReadingProcess, tmp_path: Path) -> None:
    assert _read(worker, tmp_path, f"{behaviour} leave") == ()
    assert _read(worker, tmp_path, "nothing") == ()


@pytest.mark.parametrize("behaviour", ["abort", "raise", "hang"])
def test_a_file_that_harms_the_look_at_its_beginning_is_not_claimed(
    behaviour: str, worker: ReadingProcess, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text(f"{behaviour} claims")
    assert not worker.reader("hostile").claims(file)
    file.write_text("nothing")
    assert worker.reader("hostile").claims(file)


@pytest.mark.parametrize("behaviour", ["print", "read-input"])
def test_standard_streams_are_not_those_of_the_answers(behaviour: str, worker: ReadingProcess, tmp_path: Path) -> None:
    assert _read(worker, tmp_path, behaviour) == ()


@pytest.mark.parametrize(("behaviour", "whole"), [("raise-whole", WHOLE), ("raise-limit", LIMIT)])
@pytest.mark.parametrize("moment", ["prepare", "enter", "fixes"])
def test_an_error_arrives_whole(
    behaviour: str, whole: WildwaysError, moment: str, worker: ReadingProcess, tmp_path: Path
) -> None:
    with pytest.raises(type(whole)) as caught:
        _read(worker, tmp_path, f"{behaviour} {moment}")
    assert caught.value.args == whole.args
    assert type(caught.value.place.file) is type(whole.place.file)


def test_the_wish_to_read_again_arrives(worker: ReadingProcess, tmp_path: Path) -> None:
    before = worker.process_id
    with pytest.raises(ReadAgain):
        _read(worker, tmp_path, "raise-again")
    _read(worker, tmp_path, "nothing")
    assert worker.process_id == before


def test_a_failure_carries_the_traceback_of_the_process_as_a_note(worker: ReadingProcess, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _read(worker, tmp_path, "raise")
    assert "wildways_hostile.py" in caught.value.__notes__[0]


@pytest.mark.parametrize("behaviour", ["compute", "endless"])
def test_a_file_that_takes_too_much_computing_time_is_named(
    behaviour: str, quick_worker: ReadingProcess, tmp_path: Path
) -> None:
    with pytest.raises(LimitReached) as caught:
        _read(quick_worker, tmp_path, behaviour)
    assert caught.value.code == "reading-time"
    assert caught.value.place.file == "the file"
    _read(quick_worker, tmp_path, "nothing")


def test_the_computing_time_of_earlier_files_does_not_count(quick_worker: ReadingProcess, tmp_path: Path) -> None:
    for _ in range(3):
        _read(quick_worker, tmp_path, "compute-a-little")


@pytest.mark.parametrize("is_given", [True, False])
def test_intermediate_files_of_a_crash_are_removed(is_given: bool, worker: ReadingProcess, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with pytest.raises(BadInput):
        _read(worker, tmp_path, "litter", scratch_folder=scratch if is_given else None)
    assert not list(tmp_path.rglob("much"))
    assert not is_given or not list(scratch.iterdir())


def test_a_process_that_a_reader_left_is_ended_with_it(worker: ReadingProcess, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        _read(worker, tmp_path, "leave-child")
    last = time.monotonic() + 5
    while any(b"wildways-left-child" in command for command in _commands()):
        assert time.monotonic() < last
        time.sleep(0.05)


def _commands() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield process.read_bytes()
