"""Frames: what was written is read, whatever else comes is refused."""

import io
import struct
from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.readers.isolation import frames
from wildways.readers.isolation.columns import Filler
from wildways.readers.isolation.flatbuffers import is_compressed
from wildways.readers.isolation.frames import BrokenFrame, read_frame, write_batch, write_message

BATCH = pa.record_batch(
    {
        "number": [1, None, 3, 4],
        "text": ["a", None, "ü" * 500, ""],
        "again": pa.array(["x", "y", None, "x"]).dictionary_encode(),
        "time": pa.array([1, 2, 3, 4], pa.timestamp("us", "UTC")),
        "shape": [b"\0", None, b"", b"\xff" * 100],
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _stream(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def _written(batch: pa.RecordBatch) -> bytes:
    sink = io.BytesIO()
    write_batch(sink, batch)
    return sink.getvalue()


def _compressed(batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_message_that_was_written_is_read(message: dict[str, object]) -> None:
    sink = io.BytesIO()
    write_message(sink, message)
    assert read_frame(_stream(sink.getvalue())) == message


@given(st.integers(0, 4), st.integers(0, 4))
def test_a_part_of_a_batch_that_was_written_is_read(start: int, n_rows: int) -> None:
    part = BATCH.slice(start, n_rows)
    found = read_frame(_stream(_written(part)))
    assert isinstance(found, pa.RecordBatch)
    assert found.schema == part.schema
    assert found.to_pylist() == part.to_pylist()


def test_a_batch_too_large_for_a_frame_is_split() -> None:
    with patch.object(frames, "MAX_ARROW_BYTES", 3000):
        stream = _stream(_written(pa.concat_batches([BATCH] * 3)))
    rows, n_bytes = [], len(stream.getvalue())
    while stream.tell() < n_bytes:
        found = read_frame(stream)
        assert isinstance(found, pa.RecordBatch)
        rows += found.to_pylist()
    assert rows == BATCH.to_pylist() * 3


def test_a_row_too_large_for_a_frame_is_refused() -> None:
    with patch.object(frames, "MAX_ARROW_BYTES", 500), pytest.raises(BrokenFrame, match="a row of"):
        _written(BATCH)


def test_a_message_too_large_for_a_frame_is_refused() -> None:
    with pytest.raises(BrokenFrame, match="32,000,0"):
        write_message(io.BytesIO(), {"text": "x" * 32_000_000})


@given(st.binary(max_size=200))
def test_whatever_else_comes_is_refused(content: bytes) -> None:
    with pytest.raises((BrokenFrame, EOFError)):
        read_frame(_stream(content))


@given(st.data())
def test_a_frame_that_was_changed_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_written(BATCH))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(13, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_frame(_stream(bytes(content)))
        assert isinstance(found, pa.RecordBatch)
        whole = Filler(BATCH.schema).fill(found)
    except BrokenFrame:
        return
    assert whole.schema == BATCH.schema
    whole.validate(full=True)


@given(st.integers(0, 4000))
def test_a_frame_that_was_cut_is_no_frame(n_bytes: int) -> None:
    content = _written(BATCH)
    with pytest.raises(EOFError):
        read_frame(_stream(content[: min(n_bytes, len(content) - 1)]))


def test_compressed_batches_and_dictionaries_are_told_from_others() -> None:
    plain = pa.BufferOutputStream()
    with pa.ipc.new_stream(plain, BATCH.schema) as stream:
        stream.write_batch(BATCH)
    parts = [list(pa.ipc.MessageReader.open_stream(content)) for content in (plain.getvalue(), _compressed(BATCH))]
    kinds = [[(part.type, is_compressed(part.metadata)) for part in found] for found in parts]
    assert kinds == [
        [("schema", False), ("dictionary", False), ("record batch", False)],
        [("schema", False), ("dictionary", True), ("record batch", True)],
    ]


@given(st.binary(max_size=64))
def test_broken_metadata_are_refused_or_hold_nothing_compressed(content: bytes) -> None:
    try:
        is_compressed(content)
    except ValueError:
        return


def test_metadata_that_point_outside_are_refused() -> None:
    with pytest.raises(ValueError, match="broken"):
        is_compressed(struct.pack("<Ii", 4, 1 << 20))
