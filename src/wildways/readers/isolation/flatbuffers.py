"""Looks into the metadata of Arrow messages for compression, which could make little into more than memory holds."""

import struct

_HEADER_TYPE, _HEADER = 1, 2
_DICTIONARY, _RECORD_BATCH = 2, 3
_DATA_OF_DICTIONARY = 1
_COMPRESSION = 3


def is_compressed(metadata: object) -> bool:
    """Whether a message of Arrow IPC holds compressed buffers.

    Parameters
    ----------
    metadata : the message's flatbuffer, anything that offers bytes

    Raises
    ------
    ValueError : it is none

    References
    ----------
    Apache Arrow, columnar format 1.5: Message.fbs. FlatBuffers: internals.
    """
    buffer = memoryview(metadata)  # type: ignore[arg-type]
    try:
        message = _follow(buffer, 0)
        kind_at, header_at = _field(buffer, message, _HEADER_TYPE), _field(buffer, message, _HEADER)
        if kind_at is None or header_at is None:
            return False
        table, kind = _follow(buffer, header_at), buffer[kind_at]
        if kind == _DICTIONARY:
            data_at = _field(buffer, table, _DATA_OF_DICTIONARY)
            if data_at is None:
                return False
            table = _follow(buffer, data_at)
        return kind in (_DICTIONARY, _RECORD_BATCH) and _field(buffer, table, _COMPRESSION) is not None
    except (struct.error, IndexError) as error:
        raise ValueError("the metadata of a message is broken") from error


def _follow(buffer: memoryview, at: int) -> int:
    """Where the table lies that is referred to."""
    return at + int(struct.unpack_from("<I", buffer, at)[0])


def _field(buffer: memoryview, table: int, number: int) -> int | None:
    """Where a field of a table lies; None where it is left out."""
    index = table - int(struct.unpack_from("<i", buffer, table)[0])
    if index < 0:
        raise IndexError(index)
    if 4 + 2 * number >= struct.unpack_from("<H", buffer, index)[0]:
        return None
    offset = int(struct.unpack_from("<H", buffer, index + 4 + 2 * number)[0])
    return table + offset if offset else None
