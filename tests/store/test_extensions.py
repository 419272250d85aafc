"""Extensions come from the installed packages, without network and without a home folder."""

import os
import subprocess
import sys

import duckdb
import pytest

from wildways.model import NotFound
from wildways.store import extensions
from wildways.store.extensions import find_extension, load_extension

OFFLINE = """
from pathlib import Path
from wildways.readers import open_engine
from wildways.store import load_extension
engine = open_engine(memory_limit="500MB", threads=1, spill_folder=Path("spill"))
for name in ("sqlite_scanner", "ducklake", "spatial"):
    load_extension(engine, name)
print(engine.execute("SELECT count(*) FROM duckdb_extensions() WHERE loaded AND extension_name IN "
                     "('ducklake', 'sqlite_scanner', 'spatial')").fetchall())
"""


@pytest.mark.parametrize("name", ["sqlite_scanner", "ducklake", "spatial"])
def test_each_extension_lies_in_a_package_for_the_running_duckdb(name: str) -> None:
    file = find_extension(name)
    assert file is not None
    assert file.is_absolute()
    assert f"v{duckdb.__version__}" in file.parts


def test_all_extensions_load_where_there_is_no_home_folder(tmp_path) -> None:
    environment = {**os.environ, "HOME": "/nonexistent"}
    result = subprocess.run(
        [sys.executable, "-c", OFFLINE], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.stdout == "[(3,)]\n", result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_answered_with_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(extensions, "find_extension", lambda name: None)
    with duckdb.connect() as connection:
        connection.execute("SET extension_directory = $folder", {"folder": str(tmp_path)})
        connection.execute("SET custom_extension_repository = $folder", {"folder": str(tmp_path)})
        with pytest.raises(NotFound, match="duckdb-extension-sqlite==") as caught:
            load_extension(connection, "sqlite_scanner")
    assert caught.value.code == "extension-missing"


def test_the_command_line_can_import_the_store_without_duckdb() -> None:
    script = "import sys, wildways.store, wildways.readers; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
