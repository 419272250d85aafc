"""A release appears all at once or not at all."""

import fcntl
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from wildways.model import BadInput, Conflict
from wildways.release.folder import new_release

DAY = date(2026, 11, 23)


def visible(releases: Path) -> list[str]:
    return sorted(path.name for path in releases.iterdir() if not path.name.startswith("."))


def write_one(releases: Path, name: str | None = None) -> None:
    with new_release(releases, name, DAY) as folder:
        (folder / "data").mkdir()
        (folder / "data" / "a.txt").write_text("a")
        assert folder.name not in visible(releases)


def test_releases_are_named_after_the_day_and_counted(tmp_path: Path) -> None:
    for _ in range(3):
        write_one(tmp_path)
    assert visible(tmp_path) == ["2026-11-23", "2026-11-23.2", "2026-11-23.3"]


def test_files_of_a_release_are_read_only(tmp_path: Path) -> None:
    write_one(tmp_path, "first")
    assert (tmp_path / "first" / "data" / "a.txt").stat().st_mode & 0o222 == 0


def test_a_name_is_used_once(tmp_path: Path) -> None:
    write_one(tmp_path, "first")
    with pytest.raises(Conflict) as error:
        write_one(tmp_path, "first")
    assert error.value.code == "release-exists"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-x", "a b", "x" * 65, "é", "a\n"])
def test_a_name_that_could_do_harm_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput) as error:
        write_one(tmp_path, name)
    assert error.value.code == "release-name"
    assert visible(tmp_path) == []


def test_a_failed_release_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_release(tmp_path, None, DAY) as folder:
            (folder / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_two_releases_at_once_are_a_conflict(tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict) as error:
            write_one(tmp_path)
    assert error.value.code == "release-in-progress"


def test_a_killed_release_shows_nothing_and_the_next_one_clears_up(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom datetime import date\nfrom pathlib import Path\n"
        "from wildways.release.folder import new_release\n"
        "with new_release(Path(sys.argv[1]), 'killed', date(2026, 11, 23)) as folder:\n"
        "    (folder / 'half').write_text('half')\n    print('writing', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert visible(tmp_path) == []
    write_one(tmp_path, "next")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "next"]
