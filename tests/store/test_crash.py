"""Writers that are killed or meet: only whole files are ever seen, and the workspace goes on."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readers.files import row, write
from wildways.store import Workspace

N_KILLS = int(os.environ.get("WILDWAYS_TEST_KILLS", "10"))
N_FILES = 4
N_ROWS = 3_000

INGEST = """
import sys
from pathlib import Path
from wildways.model import Source, WildwaysError
from wildways.store import Workspace, ingest_source
folder, source_id, *files = sys.argv[1:]
print("ready", flush=True)
try:
    with Workspace.open(Path(folder) / ".wildways", threads=1) as workspace:
        for file in files:
            source = Source(id=source_id, path=file, licence="CC0-1.0")
            ingest_source(workspace, "ungulates", source, [Path(file)], folder=Path(folder))
            print(file, flush=True)
except WildwaysError as error:
    sys.exit(error.code)
"""


def _start(folder: Path, source_id: str, files: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", INGEST, str(folder), source_id, *files]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Files of some thousand rows each."""
    names = [f"{number}.csv" for number in range(N_FILES)]
    for number, name in enumerate(names):
        write(
            tmp_path,
            [row(event_id=str(index), tag_local_identifier=name) for index in range(N_ROWS + number)],
            name=name,
        )
    return names


def _assert_whole(folder: Path, source_id: str, acknowledged: list[str]) -> None:
    with Workspace.open(folder / ".wildways", read_only=True) as workspace:
        stored = workspace.source_files("ungulates", [source_id])
        fixes = workspace.fixes(module_id="ungulates", source_ids=[source_id])
    assert set(acknowledged) <= set(stored["path"].to_pylist())
    assert fixes.num_rows == sum(stored["n_kept"].to_pylist())
    for path, sha256, n_kept in zip(
        *(stored[name].to_pylist() for name in ("path", "source_file_id", "n_kept")), strict=True
    ):
        assert n_kept == N_ROWS + int(Path(path).stem)
        assert fixes["source_file_id"].to_pylist().count(sha256) == n_kept


def test_a_killed_ingest_shows_whole_files_only_and_the_next_one_finishes(tmp_path: Path, files: list[str]) -> None:
    rng = random.Random(11)
    for number in range(N_KILLS):
        with _start(tmp_path, f"source-{number}", files) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                process.wait(timeout=rng.uniform(0.0, 1.6))
            except subprocess.TimeoutExpired:
                process.kill()
            acknowledged = process.stdout.read().split()
        if (tmp_path / ".wildways" / "catalogue.sqlite").exists():
            _assert_whole(tmp_path, f"source-{number}", acknowledged)
    with _start(tmp_path, "source-0", files) as process:
        _, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    _assert_whole(tmp_path, "source-0", files)
    evidence = {path.name for path in (tmp_path / ".wildways" / "evidence").rglob("*.parquet")}
    with Workspace.open(tmp_path / ".wildways") as workspace, workspace.writing() as connection:
        tracked = connection.execute("SELECT path FROM __ducklake_metadata_lake.ducklake_data_file").fetchall()
    assert evidence == {Path(path).name for (path,) in tracked}


def test_two_ingests_at_once_follow_each_other_or_one_is_told(tmp_path: Path, files: list[str]) -> None:
    with Workspace.open(tmp_path / ".wildways"):
        pass
    processes = [_start(tmp_path, source_id, files) for source_id in ("first", "second", "first")]
    results = [(process.communicate(timeout=120), process.returncode) for process in processes]
    for (_, error), code in results:
        assert code == 0 or error.strip() == "workspace-busy", error
    assert any(code == 0 for _, code in results)
    for source_id, ((output, _), _) in zip(("first", "second", "first"), results, strict=True):
        _assert_whole(tmp_path, source_id, output.split()[1:])


def test_two_processes_may_make_the_workspace_at_once(tmp_path: Path, files: list[str]) -> None:
    processes = [_start(tmp_path, f"source-{number}", files[:1]) for number in range(2)]
    for process in processes:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
    with Workspace.open(tmp_path / ".wildways", read_only=True) as workspace:
        assert workspace.counts()["source_file"] == 2
