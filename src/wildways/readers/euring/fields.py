"""The fields of EURING records: where they stand, and what their codes mean, from the tables in ``data``."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.readers.fields import load_table

Codes = NDArray[np.uint8]
"""Characters of a field, one row a record: shape (n_records, width), printable ASCII."""

Mask = NDArray[np.bool_]

DASH, BLANK, DOT = b"- ."

ALPHABET = bytes(code for code in range(32, 127) if chr(code) not in '"\\')
"""Printable ASCII but for quotes and backslashes, which no EURING code has and JSON would have to escape."""


@dataclass(frozen=True)
class EuringField:
    """A field: its place among the fields of a record, its width in characters, and where it stands in fixed width.

    Parameters
    ----------
    width : 0 for the later fields, which may have any
    span : characters in the fixed-width form; an empty slice for the later fields, which that form does not have
    is_verbatim : whether the evidence keeps the field's own value
    """

    name: str
    index: int
    width: int
    span: slice
    is_verbatim: bool


@cache
def load_euring_fields() -> dict[str, EuringField]:
    """All 64 fields by name, in order."""
    fields, start = {}, 0
    for index, row in enumerate(load_table("euring/fields.csv")):
        width = int(row["width"])
        span = slice(start, start + width)
        fields[row["field"]] = EuringField(row["field"], index, width, span, row["verbatim"] == "yes")
        start += width
    return fields


def fixed_fields() -> list[EuringField]:
    """The 33 fields of the fixed-width form, which every form begins with."""
    return [field for field in load_euring_fields().values() if field.width]


def alphabet(letters: bytes) -> Mask:
    """Which of the 256 characters are among some."""
    return np.isin(np.arange(256), list(letters))


def consists_of(codes: Codes, letters: Mask) -> Mask:
    """Which records have nothing but characters of an alphabet in a field."""
    consists = np.ones(len(codes), dtype=bool)
    for column in codes.T:
        consists &= letters[column]
    return consists


_EMPTY = alphabet(b"- ")


def is_blank(codes: Codes) -> Mask:
    """Which records leave a field empty: nothing but dashes and blanks."""
    return consists_of(codes, _EMPTY)


def as_texts(codes: Codes) -> pa.StringArray:
    """The field as texts, one a record."""
    n_records, width = codes.shape
    offsets = np.arange(n_records + 1, dtype=np.int32) * np.int32(width)
    content = np.ascontiguousarray(codes)
    return pa.StringArray.from_buffers(n_records, pa.py_buffer(offsets), pa.py_buffer(content))


def as_numbers(codes: Codes) -> NDArray[np.int64]:
    """The field as whole numbers; -1 where it has anything but digits."""
    numbers, is_number = np.zeros(len(codes), dtype=np.int64), np.ones(len(codes), dtype=bool)
    for column in codes.T:
        digit = column - np.uint8(48)
        is_number &= digit < 10
        numbers = numbers * 10 + digit
    return np.where(is_number, numbers, -1)


def as_keys(codes: Codes) -> NDArray[np.int64]:
    """Codes of one or two characters as numbers, the same as ``int.from_bytes`` gives."""
    keys = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        keys = keys * 256 + column
    return keys


def translate(texts: pa.StringArray, meaning: Callable[[str], str | None]) -> pa.StringArray:
    """Each text's meaning; `meaning` is asked once for each different text."""
    encoded = texts.dictionary_encode()
    meanings = pa.array([meaning(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return meanings.take(encoded.indices)


def content_of(texts: pa.BinaryArray) -> bytes:
    """The bytes of all texts together, perhaps among others."""
    content = texts.buffers()[2]
    return b"" if content is None else bytes(memoryview(content))


def decode(texts: pa.BinaryArray) -> tuple[pa.StringArray, Mask]:
    """Texts from UTF-8, or from Latin-1 where they are not UTF-8, and which those are."""
    try:
        return texts.cast(pa.string()), np.zeros(len(texts), dtype=bool)
    except pa.ArrowInvalid:
        pairs = [(None, False) if text is None else _decode(text) for text in texts.to_pylist()]
    decoded, is_latin_1 = zip(*pairs, strict=True)
    return pa.array(decoded, pa.string()), np.array(is_latin_1)


def find_words(field: str, codes: Codes) -> tuple[NDArray[np.int64], Mask]:
    """Where the words of codes stand in `words_of`, -1 for none, and which codes are neither known nor blank."""
    indices = _indices_of(field)[as_keys(codes)]
    return indices, (indices < 0) & ~is_blank(codes)


def say(field: str, indices: NDArray[np.int64]) -> pa.StringArray:
    """The words found by `find_words`; empty where there are none."""
    return _words_of(field).take(pa.array(indices, mask=indices < 0))


def find_accuracy(field: str, codes: Codes) -> tuple[NDArray[np.float64], Mask]:
    """Metres or days either side that an accuracy code stands for, NaN where none, and which codes are known."""
    values, known = _accuracies(field)
    return values[codes[:, 0]], known[codes[:, 0]]


def _decode(text: bytes) -> tuple[str, bool]:
    try:
        return text.decode(), False
    except UnicodeDecodeError:
        return text.decode("latin-1"), True


@cache
def _rows_of(table: str, field: str) -> tuple[dict[str, str], ...]:
    return tuple(row for row in load_table(table) if row["field"] == field)


@cache
def _words_of(field: str) -> pa.StringArray:
    return pa.array([row["words"] for row in _rows_of("euring/codes.csv", field)], pa.string())


@cache
def _indices_of(field: str) -> NDArray[np.int64]:
    rows = _rows_of("euring/codes.csv", field)
    indices = np.full(256 ** len(rows[0]["code"]), -1)
    for index, row in enumerate(rows):
        indices[int.from_bytes(row["code"].encode())] = index
    return indices


@cache
def _accuracies(field: str) -> tuple[NDArray[np.float64], Mask]:
    values, known = np.full(256, np.nan), np.zeros(256, dtype=bool)
    for row in _rows_of("euring/accuracies.csv", field):
        known[ord(row["code"])] = True
        values[ord(row["code"])] = float(row["value"] or "nan")
    return values, known
