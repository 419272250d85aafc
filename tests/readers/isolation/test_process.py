"""The life of a reading process: started, used again, left early, ended with its parent, confined."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.readers.files import row, source, write
from tests.readers.isolation.hostile import NO_FIX
from wildways.model import BadInput, Corrupt
from wildways.readers import ReadingOptions
from wildways.readers.isolation import ReadingProcess, open_worker
from wildways.readers.isolation.confinement import landlock_version

IS_LINUX = sys.platform == "linux"

PARENT = """
import signal, sys
from pathlib import Path
from wildways.model import Source
from wildways.readers.isolation import open_worker

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may ignore it
with open_worker() as worker:
    print(worker.process_id, worker.make_room(None), flush=True)
    source = Source(id="a", path="a", licence="CC0-1.0")
    with worker.reader("hostile").read(Path(sys.argv[1]), source) as reading:
        print("reading", flush=True)
        reading.fixes().read_all()
"""


def _behave(folder: Path, behaviour: str) -> Path:
    file = folder / "file"
    file.write_text(behaviour)
    return file


def _names(worker: ReadingProcess, file: Path, **options: object) -> list[str]:
    with worker.reader("hostile").read(file, source(), ReadingOptions(**options)) as reading:
        reading.fixes().read_all()
        names: list[str] = reading.tables()["study"]["name"].to_pylist()
        return names


def test_one_process_reads_many_files(worker: ReadingProcess, tmp_path: Path) -> None:
    process = worker.process_id
    for _ in range(20):
        _names(worker, _behave(tmp_path, "nothing"))
    assert worker.process_id == process


def test_a_reading_that_was_not_entered_is_forgotten_and_may_be_entered_later(
    worker: ReadingProcess, tmp_path: Path
) -> None:
    few, more = (write(tmp_path, [row()] * n, name=f"{n}.csv") for n in (1, 2))
    reader = worker.reader("movebank-csv")
    readings = [reader.read(file, source()) for file in (few, more)]
    assert [reading.names_study for reading in readings] == [True, True]
    for reading, n_rows in zip(readings, (1, 2), strict=True):
        with reading:
            assert reading.fixes().read_all().num_rows == n_rows
            assert reading.account.n_rows == n_rows


def test_a_reading_may_be_left_early(worker: ReadingProcess, tmp_path: Path) -> None:
    process = worker.process_id
    file = _behave(tmp_path, "endless")
    with worker.reader("hostile").read(file, source()) as reading:
        assert reading.fixes().read_next_batch() == NO_FIX
    with worker.reader("hostile").read(file, source()):
        pass
    _names(worker, _behave(tmp_path, "nothing"))
    assert worker.process_id == process


def test_the_reading_of_a_process_that_was_closed_leaves_without_complaint(
    worker: ReadingProcess, tmp_path: Path
) -> None:
    with worker.reader("hostile").read(_behave(tmp_path, "nothing"), source()):
        worker.close()


def test_a_process_reads_one_file_at_a_time(worker: ReadingProcess, tmp_path: Path) -> None:
    reader, file = worker.reader("hostile"), _behave(tmp_path, "nothing")
    with reader.read(file, source()) as reading:
        with pytest.raises(RuntimeError, match="one file at a time"):
            reader.read(file, source())
        with pytest.raises(RuntimeError, match="one file at a time"):
            reader.claims(file)
        assert reading.fixes().read_all().num_rows == 0


def test_the_account_does_not_come_before_the_fixes(worker: ReadingProcess, tmp_path: Path) -> None:
    file = write(tmp_path, [row()])
    with worker.reader("movebank-csv").read(file, source()) as reading:
        fixes = reading.fixes()
        with pytest.raises(RuntimeError, match="consume them first"):
            _ = reading.account
        del fixes


def test_a_file_whose_name_is_no_text_is_read_and_named(worker: ReadingProcess, tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"d\xc3\xa9j\xe0 \xf0\x9f\xa6\x8c.csv")
    try:
        file.write_text("raise enter")
    except OSError:
        pytest.skip("the file system knows no such names")
    with pytest.raises(BadInput) as caught:
        _names(worker, file)
    assert caught.value.code == "reader-failed"
    assert caught.value.place.file == str(file)


def test_a_closed_process_is_gone_with_its_folder(hostile: str, tmp_path: Path) -> None:
    with open_worker() as worker:
        room, process = worker.make_room(None), worker.process_id
        assert room.is_dir()
    assert worker.process_id is None
    assert not room.exists()
    if IS_LINUX:
        assert not Path(f"/proc/{process}").exists()


@pytest.mark.skipif(not IS_LINUX, reason="Landlock is a part of Linux")
def test_a_reader_writes_in_its_scratch_folder_only_and_reaches_no_network(
    worker: ReadingProcess, hostile_folder: Path, tmp_path: Path
) -> None:
    if landlock_version() < 1:
        pytest.skip("this Linux has no Landlock")
    names = _names(worker, _behave(tmp_path, "try"), scratch_folder=tmp_path / "scratch")
    expected = ["scratch", "null", *([] if landlock_version() >= 4 else ["network: ConnectionRefusedError"]), "child"]
    assert names == expected
    assert not (hostile_folder / "outside").exists()


def test_a_scratch_folder_that_was_removed_and_made_again_may_be_written_in(
    worker: ReadingProcess, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    for _ in range(2):
        assert "scratch" in _names(worker, _behave(tmp_path, "try"), scratch_folder=scratch)
        shutil.rmtree(scratch)


def test_folders_in_the_scratch_folder_may_come_and_go(hostile: str, tmp_path: Path) -> None:
    with open_worker(scratch_folder=tmp_path / "scratch") as worker:
        process = worker.process_id
        for _ in range(2):
            inner = tmp_path / "scratch" / "writer"
            assert "scratch" in _names(worker, _behave(tmp_path, "try"), scratch_folder=inner)
            shutil.rmtree(inner)
        assert worker.process_id == process


@pytest.mark.skipif(not IS_LINUX, reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("behaviour", ["hang", "compute", "endless"])
def test_the_process_ends_with_its_parent(
    behaviour: str, number: signal.Signals, hostile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    file = _behave(tmp_path, behaviour)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        process, _, room = parent.stdout.readline().strip().partition(" ")
        assert parent.stdout.readline() == "reading\n"
        parent.send_signal(number)
        parent.wait(10)
    last = time.monotonic() + 10
    while Path(f"/proc/{process}/cmdline").exists() and Path(f"/proc/{process}/cmdline").read_bytes():
        assert time.monotonic() < last
        time.sleep(0.02)
    assert not list(Path(room).glob("*"))


@pytest.mark.skipif(not IS_LINUX, reason="sends signals")
def test_an_interrupt_of_the_terminal_does_not_reach_the_process(worker: ReadingProcess, tmp_path: Path) -> None:
    _names(worker, _behave(tmp_path, "nothing"))
    process = worker.process_id
    assert process is not None
    assert os.getpgid(process) != os.getpgid(0)
    os.kill(process, signal.SIGINT)
    _names(worker, _behave(tmp_path, "nothing"))
    assert worker.process_id == process


def test_a_process_that_cannot_start_is_no_fault_of_the_file(
    hostile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wildways.readers.isolation.starting._COMMAND", (sys.executable, "-c", "raise SystemExit(4)"))
    with open_worker() as worker, pytest.raises(Corrupt) as caught:
        _names(worker, _behave(tmp_path, "nothing"))
    assert caught.value.code == "reading-process"
    assert "exit code 4" in caught.value.message
