"""Tables as they are published."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.model import Corrupt
from wildways.release.tables import escape_cell, read_columns, unescape_cell, write_csv, write_parquet


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "\tx", "\rx", "\0x", "-cmd", "'=1", "''=1", "-"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert escape_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.5", "-.5", "--------", "deer", "", "'quoted'", "a=b", "é"])
def test_other_text_is_left_alone(text: str) -> None:
    assert escape_cell(text) == text


@given(st.text(alphabet=st.sampled_from("'=+@-\t\r\0.09a")))
def test_escaped_text_can_be_read_back(text: str) -> None:
    assert unescape_cell(escape_cell(text)) == text
    assert not escape_cell(text).startswith(("=", "+", "@", "\t", "\r", "\0"))


def test_a_table_is_written_as_csv_with_plain_numbers_and_iso_times(tmp_path: Path) -> None:
    table = pa.table(
        {
            "note": ["=1", "a,b", None],
            "longitude": [-109.5, float("nan"), 0.1],
            "time_utc": pa.array([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None, None], pa.timestamp("ns", tz="UTC")),
            "is_used": [True, False, None],
        }
    )
    write_csv(table, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["note", "longitude", "time_utc", "is_used"],
        ["'=1", "-109.5", "2026-01-02T03:04:05Z", "true"],
        ["a,b", "", "", "false"],
        ["", "0.1", "", ""],
    ]


def test_only_named_columns_are_read_and_times_become_microseconds(tmp_path: Path) -> None:
    time = pa.array([datetime(2026, 1, 2, tzinfo=UTC)], pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"n": [1], "time": time, "private": ["x"]}), tmp_path / "in.parquet")
    table = read_columns(tmp_path / "in.parquet", ["n", "time"])
    write_parquet(table, tmp_path / "out.parquet", {"title": "T"})
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.column_names == ["n", "time"]
    assert back.schema.field("time").type == pa.timestamp("us", tz="UTC")
    assert back.schema.metadata == {b"title": b"T"}


def test_a_file_that_is_not_parquet_is_reported(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_bytes(b"not parquet")
    with pytest.raises(Corrupt) as error:
        read_columns(tmp_path / "in.parquet", ["n"])
    assert error.value.code == "product-unreadable"


def test_a_declared_column_that_is_missing_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1]}), tmp_path / "in.parquet")
    with pytest.raises(Corrupt, match="“season”") as error:
        read_columns(tmp_path / "in.parquet", ["n", "season"])
    assert error.value.code == "product-columns"
