"""The file in which people decide migration windows."""

from pathlib import Path

import pytest

from wildways.analyses.windows_file import read_windows, write_windows
from wildways.model import BadInput, NotFound

HEADER = "animal_id,bio_year,season,start_utc,end_utc,decided_by,decided_on,reason\n"


def _file(folder: Path, text: str) -> Path:
    file = folder / "windows.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_means_that_nobody_decided_anything() -> None:
    assert read_windows(None).empty


def test_rows_keep_their_line_and_their_text(tmp_path: Path) -> None:
    file = _file(tmp_path, HEADER + "0051,2009,spring,2009-04-12,2009-05-20,A,2026-11-20,late\n\nB,2010,autumn,,,,,\n")
    windows = read_windows(file)
    assert windows["animal_id"].tolist() == ["0051", "B"]
    assert windows["line"].tolist() == [2, 4]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    windows = read_windows(_file(tmp_path, HEADER + "A,2009,spring,2009-04-12,2009-05-20,A,2026-11-20,late\n"))
    copy = tmp_path / "copy.csv"
    write_windows(windows.drop(columns="line"), copy)
    assert read_windows(copy).equals(windows)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (HEADER + "A,2009\n", "windows-row", 2),
        (HEADER + 'A,"2009\n', "windows-syntax", None),
    ],
)
def test_a_broken_file_is_refused_by_line(tmp_path: Path, text: str, code: str, line: int | None) -> None:
    file = _file(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_windows(file)
    assert (caught.value.code, caught.value.place.line) == (code, line)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_windows(tmp_path / "none.csv")
