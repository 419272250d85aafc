"""Sound files of every reader give the same through a reading process as without one."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.readers.corpus import Seed
from tests.readers.files import NOW, source
from tests.readers.mutation_run import write_mutation
from wildways.model import WildwaysError
from wildways.readers import ReadAgain, Reader, ReadingOptions, get_reader, list_readers
from wildways.readers.isolation import ReadingProcess, open_worker

NAMES = [reader.name for reader in list_readers()]
SETTINGS = ({}, {"study": "Mine", "taxon": "Cervus elaphus", "time_zone": "US/Mountain"}, {"crs": "EPSG:32612"})


@pytest.fixture(scope="module")
def worker() -> Iterator[ReadingProcess]:
    """One process for all files."""
    with open_worker() as worker:
        yield worker


def _outcome(reader: Reader, file: Path, settings: Mapping[str, object], *, is_thorough: bool) -> tuple[object, ...]:
    """All that a reading gives, or how it fails."""
    options = ReadingOptions(now=NOW, is_thorough=is_thorough, threads=1)
    try:
        reading = reader.read(file, source(**settings), options)
        with reading:
            stream = reading.fixes()
            fixes = stream.read_all()
            tables = {name: (table.schema, table.to_pylist()) for name, table in reading.tables().items()}
            return reading.names_study, stream.schema, fixes.to_pylist(), tables, reading.account
    except WildwaysError as error:
        return type(error), error.args
    except ReadAgain:
        return (ReadAgain,)


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_file_gives_the_same(
    name: str, seeds: tuple[Seed, ...], worker: ReadingProcess, tmp_path: Path
) -> None:
    plain, isolated = get_reader(name), worker.reader(name)
    process = worker.process_id
    for seed in seeds:
        if seed.reader != name:
            continue
        file = seed.write(tmp_path)
        assert isolated.claims(file) == seed.is_claimed
        for settings in SETTINGS:
            for is_thorough in (False, True):
                expected = _outcome(plain, file, {**seed.settings, **settings}, is_thorough=is_thorough)
                assert _outcome(isolated, file, {**seed.settings, **settings}, is_thorough=is_thorough) == expected
    assert worker.process_id == process


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_gives_the_same(
    name: str, seeds: tuple[Seed, ...], worker: ReadingProcess, tmp_path: Path
) -> None:
    plain, isolated = get_reader(name), worker.reader(name)
    for seed in seeds:
        for number in range(2 if seed.reader == name else 0):
            file = write_mutation(seed, number, tmp_path)
            expected = _outcome(plain, file, seed.settings, is_thorough=False)
            assert _outcome(isolated, file, seed.settings, is_thorough=False) == expected


def test_a_reader_at_work_in_a_process_is_a_reader_by_the_same_name(worker: ReadingProcess) -> None:
    for plain, isolated in zip(list_readers(), worker.readers(), strict=True):
        assert isinstance(isolated, Reader)
        assert (isolated.name, isolated.version, isolated.description) == (
            plain.name,
            plain.version,
            plain.description,
        )


def test_a_file_that_is_missing_is_refused_as_without_a_process(worker: ReadingProcess, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    for plain, isolated in zip(list_readers(), worker.readers(), strict=True):
        file = tmp_path / "missing"
        assert not isolated.claims(file)
        expected = _outcome(plain, file, {}, is_thorough=False)
        assert _outcome(isolated, file, {}, is_thorough=False) == expected
