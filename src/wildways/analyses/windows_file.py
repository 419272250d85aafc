"""The file in which people decide migration windows: who, when, why."""

import csv
from pathlib import Path

import pandas as pd

from wildways.model import BadInput, NotFound, Place
from wildways.movement import WINDOW_COLUMNS


def read_windows(file: Path | None) -> pd.DataFrame:
    """Read decided windows; every cell as text, plus ``line`` (the header is line 1). No file gives no rows.

    Raises
    ------
    NotFound : the file does not exist
    BadInput : it is not CSV, or a row has another number of cells than the header; names the line
    """
    if file is None:
        return pd.DataFrame(columns=[*WINDOW_COLUMNS, "line"], dtype=object)
    if not file.is_file():
        raise NotFound("windows-missing", "There is no such windows file.", place=Place(file))
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput("windows-syntax", f"The windows file cannot be read: {error}.", place=Place(file)) from error
    for line, row in rows:
        if len(row) != len(header):
            raise BadInput(
                "windows-row", f"The row has {len(row)} cells, the header {len(header)}.", place=Place(file, line)
            )
    table = pd.DataFrame([row for _, row in rows], columns=header, dtype=object)
    table["line"] = [line for line, _ in rows]
    return table


def write_windows(windows: pd.DataFrame, file: Path) -> None:
    """Write windows in the form that `read_windows` reads; other columns are kept for the reader's eye."""
    order = [*WINDOW_COLUMNS, *(name for name in windows.columns if name not in WINDOW_COLUMNS)]
    windows[order].to_csv(file, index=False, date_format="%Y-%m-%d", encoding="utf-8")
