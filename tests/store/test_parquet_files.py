"""Fixes as Parquet files of the lake: what was written is read back, whole or not at all, wherever the lake lies."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.files import row, source, write
from tests.store.ingesting import ingest
from wildways.model import BadInput, LimitReached
from wildways.store import Workspace, ingest_source
from wildways.store.parquet_files import write_parquet

TEXTS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("source_row", pa.int64()),
        ("study_id", TEXTS),
        ("organism_id", TEXTS),
        ("time_utc", pa.timestamp("us", tz="UTC")),
        ("longitude", pa.float64()),
        ("uncertainty_m", pa.float32()),
        ("visible", pa.bool_()),
        ("country", pa.string()),
    ]
)
NAMES = st.sampled_from(["", "a", "b", "Équus hemionus", "名"])
ROWS = st.fixed_dictionaries(
    {
        "source_row": st.integers(1, 2**40),
        "study_id": NAMES,
        "organism_id": NAMES,
        "time_utc": st.datetimes(timezones=st.just(UTC)),
        "longitude": st.floats(-180, 180),
        "uncertainty_m": st.none() | st.floats(0, 100, width=32),
        "visible": st.none() | st.booleans(),
        "country": st.none() | NAMES,
    }
)


def _batch(rows: list[dict[str, object]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


@given(st.lists(st.lists(ROWS, max_size=5), max_size=5), st.sampled_from([1, 2**20]))
def test_what_was_written_is_read_back_in_one_file_or_many(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[dict[str, object]]], file_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("lake") / "fix"
    batches = [_batch(rows) for rows in parts]
    written = list(write_parquet(folder, "fix", 7, SCHEMA, batches, file_bytes=file_bytes))
    rows = [{"file_no": 7, **row} for part in parts for row in part]
    assert [row for file, _ in written for row in pq.read_table(file).to_pylist()] == rows
    assert [pq.read_metadata(file).num_rows for file, _ in written] == [n_rows for _, n_rows in written]
    assert len(written) == min(1, len(rows))
    assert {file for file, _ in written} == set(folder.iterdir())


def test_batches_share_row_groups_and_long_streams_several_files(tmp_path: Path) -> None:
    n_rows = 50_000
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array(range(n_rows), pa.int64()),
            *[pa.repeat(name, n_rows).cast(pa.string()).dictionary_encode() for name in ("s", "a")],
            pa.array(range(n_rows), SCHEMA.field("time_utc").type),
            pa.array([float(number) for number in range(n_rows)]),
            *[pa.nulls(n_rows, SCHEMA.field(name).type) for name in SCHEMA.names[5:]],
        ],
        schema=SCHEMA,
    )
    written = list(write_parquet(tmp_path, "fix", 1, SCHEMA, [batch] * 8, file_bytes=100_000))
    files = [pq.read_metadata(file) for file, _ in written]
    assert [[file.row_group(group).num_rows for group in range(file.num_row_groups)] for file in files] == [
        [100_000, 100_000],
        [100_000, 100_000],
    ]


def test_a_required_value_that_is_empty_leaves_no_file(tmp_path: Path) -> None:
    batch = _batch([{"source_row": 1, "organism_id": "a"}])
    with pytest.raises(pa.ArrowInvalid, match="study_id"):
        list(write_parquet(tmp_path, "fix", 1, SCHEMA, [batch]))
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def breaking() -> Iterator[pa.RecordBatch]:
        yield _batch(
            [
                {
                    "source_row": 1,
                    "study_id": "s",
                    "organism_id": "a",
                    "time_utc": datetime(2020, 1, 1, tzinfo=UTC),
                    "longitude": 1.0,
                }
            ]
        )
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(write_parquet(tmp_path, "fix", 1, SCHEMA, breaking()))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_limit_and_costs_nothing_stored(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_table(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [row(), row()], name="b.csv")
    ingest(workspace, "a.csv")
    before = _evidence(workspace)
    monkeypatch.setattr(pq.ParquetWriter, "write_table", write_table)
    with pytest.raises(LimitReached) as caught:
        ingest(workspace, "b.csv")
    assert (caught.value.code, workspace.counts()["fix"], _evidence(workspace)) == ("disk", 1, before)


def test_an_ingest_that_is_refused_after_its_fixes_leaves_no_file(workspace: Workspace, tmp_path: Path) -> None:
    write(tmp_path, [row()], name="a.csv")
    write(tmp_path, [], name="empty.csv")
    with pytest.raises(BadInput, match=r"empty\.csv"):
        ingest(workspace, "a.csv", "empty.csv")
    assert _evidence(workspace) == []


@pytest.mark.parametrize("way", ["relative", "up and down", "link"])
def test_files_are_named_relative_to_the_workspace_however_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    atlas, target = tmp_path / "atlas", tmp_path / "target"
    atlas.mkdir()
    target.mkdir()
    write(atlas, [row()], name="a.csv")
    monkeypatch.chdir(atlas)
    (atlas / "link").symlink_to(target)
    folder = {
        "relative": Path(".wildways"),
        "up and down": atlas / ".." / "atlas" / ".wildways",
        "link": atlas / "link" / "w",
    }[way]
    with Workspace.open(folder) as workspace:
        ingest_source(workspace, "ungulates", source(), [Path("a.csv")], folder=atlas)
        real = Path(os.path.realpath(workspace.folder))
    moved = real.rename(tmp_path / "moved")
    with Workspace.open(moved) as workspace:
        with workspace.writing():
            pass
        assert workspace.fixes(module_id="ungulates").num_rows == 1


def _evidence(workspace: Workspace) -> list[Path]:
    return sorted((workspace.folder / "evidence").rglob("*.parquet"))
