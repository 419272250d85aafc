"""The lines that records start on agree with Python's own CSV parser."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wildways.readers import lines
from wildways.readers.lines import read_layout

FIELDS = st.text(alphabet='ab,"\n', max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=st.lists(st.lists(FIELDS, min_size=2, max_size=3), min_size=1, max_size=12),
    blanks=st.sets(st.integers(1, 11)),
    line_end=st.sampled_from(["\n", "\r\n"]),
    is_closed=st.booleans(),
    block=st.integers(1, 9),
)
def test_records_and_blank_lines_are_where_pythons_parser_sees_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    records: list[list[str]],
    blanks: set[int],
    line_end: str,
    is_closed: bool,
    block: int,
) -> None:
    parts, record_lines, blank_lines, line = [], [], [], 1
    for index, record in enumerate(records):
        if index in blanks:
            parts.append(line_end)
            blank_lines.append(line)
            line += 1
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerow(record)
        parts.append(buffer.getvalue())
        record_lines.append(line)
        line += parts[-1].count("\n")
    content = "".join(parts)
    file = tmp_path / "records.csv"
    file.write_bytes((content if is_closed else content.removesuffix(line_end)).encode())
    monkeypatch.setattr(lines, "_BLOCK", block)
    layout = read_layout(file)
    assert layout.record_lines.tolist() == record_lines
    assert layout.blank_lines.tolist() == blank_lines
    events = sorted([(line, "record") for line in record_lines] + [(line, "blank") for line in blank_lines])
    ordinals = [number for number, (_, kind) in enumerate(events, start=1) if kind == "record"]
    assert layout.rows_of(np.array(ordinals)).tolist() == list(range(len(records)))


def test_a_row_beyond_broken_quotes_falls_back_to_its_number(tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text('a,b\n1,"2\n3,4\n5,6\n')
    assert read_layout(file).line_of(3) == 4


def test_only_as_much_is_scanned_as_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK", 16)
    file = tmp_path / "long.csv"
    file.write_text("a,b\n" * 1000)
    assert len(read_layout(file, max_row=3).record_lines) < 10
