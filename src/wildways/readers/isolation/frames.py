"""Frames between a reading process and its parent: a kind, a length and so many bytes, JSON or Arrow."""

import io
import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from wildways.readers.isolation.flatbuffers import is_compressed

MAX_JSON_BYTES = 32_000_000
MAX_ARROW_BYTES = 256_000_000

_HEADER = struct.Struct("<4scQ")
_MAGIC = b"wway"
_JSON, _ARROW = b"J", b"A"
_MOST = {_JSON: MAX_JSON_BYTES, _ARROW: MAX_ARROW_BYTES}

Message = Mapping[str, Any]


class Readable(Protocol):
    """A stream to read frames from, for example a file without a buffer."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer as far as bytes are there; returns how many, 0 at the end."""
        ...


class BrokenFrame(Exception):
    """What came is no frame, or not the one that was due."""


def write_message(stream: BinaryIO, message: Message) -> None:
    """Write a frame of JSON.

    Raises
    ------
    BrokenFrame : it is larger than a frame may be; nothing was written
    """
    content = json.dumps(message).encode()
    if len(content) > MAX_JSON_BYTES:
        raise BrokenFrame(f"a message of {len(content):,} bytes")
    stream.write(_HEADER.pack(_MAGIC, _JSON, len(content)) + content)
    stream.flush()


def write_batch(stream: BinaryIO, batch: pa.RecordBatch) -> None:
    """Write a batch as a frame, or as several where it is too large for one; its buffers are not copied.

    Raises
    ------
    BrokenFrame : one row is larger than a frame may be
    """
    pieces = _Pieces()
    with pa.ipc.new_stream(pa.PythonFile(pieces, "w"), batch.schema) as sink:
        sink.write_batch(batch)
    if pieces.n_bytes > MAX_ARROW_BYTES:
        middle = batch.num_rows // 2
        if not middle:
            raise BrokenFrame(f"a row of {pieces.n_bytes:,} bytes")
        write_batch(stream, batch.slice(0, middle))
        write_batch(stream, batch.slice(middle))
        return
    stream.write(_HEADER.pack(_MAGIC, _ARROW, pieces.n_bytes))
    for piece in pieces.pieces:
        stream.write(piece)
    stream.flush()


def read_frame(stream: Readable) -> Message | pa.RecordBatch:
    """Read the next frame; the values of a batch lie in the frame, and none was checked yet but for their lengths.

    Raises
    ------
    EOFError : the stream ends
    BrokenFrame : what came is no frame
    """
    header = bytearray(_HEADER.size)
    _fill(stream, memoryview(header))
    magic, kind, n_bytes = _HEADER.unpack(header)
    if magic != _MAGIC or n_bytes > _MOST.get(kind, -1):
        raise BrokenFrame(f"{bytes(header)!r} is no header of a frame")
    content = pa.allocate_buffer(n_bytes)
    _fill(stream, memoryview(content).cast("B"))
    return _message(content) if kind == _JSON else _batch(content)


def _message(content: pa.Buffer) -> Message:
    try:
        message = json.loads(content.to_pybytes())
    except (ValueError, RecursionError) as error:
        raise BrokenFrame(f"a message cannot be read: {error}") from error
    if not isinstance(message, dict):
        raise BrokenFrame("a message is no object")
    return message


def _batch(content: pa.Buffer) -> pa.RecordBatch:
    try:
        for part in pa.ipc.MessageReader.open_stream(content):
            if is_compressed(part.metadata):
                raise BrokenFrame("a batch is compressed")
        batch = pa.ipc.open_stream(content).read_next_batch()
        batch.validate(full=True)
        _ = batch.schema.names  # which may be no text
    except (pa.ArrowException, OSError, ValueError, StopIteration) as error:
        raise BrokenFrame(f"a batch cannot be read: {error}") from error
    return batch


def _fill(stream: Readable, buffer: memoryview) -> None:
    while buffer:
        n_read = stream.readinto(buffer)
        if not n_read:
            raise EOFError
        buffer = buffer[n_read:]


class _Pieces(io.RawIOBase):
    """Collects what is written, without copying buffers."""

    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self.n_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        n_bytes = piece.size if isinstance(piece, pa.Buffer) else len(piece)
        self.pieces.append(piece)
        self.n_bytes += n_bytes
        return int(n_bytes)
