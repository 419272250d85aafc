"""Files whose names are not UTF-8, as systems allow: read where the libraries can, else refused by a clear message."""

import os
from pathlib import Path

import pytest

from tests.readers.corpus import Seed, movebank_events
from tests.readers.mutation_run import check, read
from wildways.cli.main import run
from wildways.model import BadInput
from wildways.readers import list_readers

NAME = os.fsdecode(b"d\xe9er")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with such a name."""
    folder = tmp_path / NAME
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this system takes no such names")
    return folder


def test_every_reader_reads_such_a_file_or_says_why_not(seeds: tuple[Seed, ...], folder: Path) -> None:
    for reader in list_readers():
        seed = next(seed for seed in seeds if seed.reader == reader.name)
        file = seed.write(folder)
        if reader.name == "drawn":
            assert not reader.claims(file)
            with pytest.raises(BadInput) as caught:
                read(reader, file, seed.settings)
            assert caught.value.code == "file-name"
        else:
            assert reader.claims(file)
            check(*read(reader, file, seed.settings))


def test_ingest_and_inspect_refuse_such_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(folder.parent / "atlas")]) == 0
    file = folder.parent / "atlas" / f"{NAME}.csv"
    file.write_bytes(movebank_events())
    source = 'id = "deer"\npath = "*.csv"\nreader = "movebank-csv"\nlicence = "CC0-1.0"\n'
    module = folder.parent / "atlas" / "modules" / "deer.toml"
    module.write_text(f'id = "deer"\ntitle = {{ en = "Deer" }}\n\n[[sources]]\n{source}')
    for command in (["ingest", str(folder.parent / "atlas"), "--module", "deer"], ["inspect", str(file)]):
        assert run(command) == 3
        assert "Rename it." in capsys.readouterr().err
