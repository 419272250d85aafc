"""The values of a EURING record as its file has them, as JSON; written for all records at once."""

import json
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.readers.euring.fields import (
    ALPHABET,
    as_texts,
    content_of,
    decode,
    fixed_fields,
    load_euring_fields,
    translate,
)
from wildways.readers.euring.layout import Records


def write_verbatim(records: Records) -> pa.StringArray:
    """One JSON object a record: field → value with its padding; an empty field of fixed width is dashes.

    The characters of EURING codes need no escape in JSON, so a record is the template with its codes filled in.
    """
    fields = load_euring_fields().values()
    later = [field.name for field in fields if field.is_verbatim and field.name in records.extras]
    template, slots = _template(is_open=bool(later))
    texts = np.empty((len(records), len(template)), dtype=np.uint8)
    texts[:] = np.frombuffer(template, dtype=np.uint8)
    for slot, span in slots:
        texts[:, slot] = records.codes[:, span]
    pairs = [_pairs(name, records.extras[name]) for name in later]
    return pc.binary_join_element_wise(as_texts(texts), *pairs, "}", "") if later else as_texts(texts)


@cache
def _template(*, is_open: bool) -> tuple[bytes, list[tuple[slice, slice]]]:
    """The object without values, open where more follows, and for each field where its value goes and comes from."""
    template = b"{"
    slots: list[tuple[slice, slice]] = []
    for field in (field for field in fixed_fields() if field.is_verbatim):
        template += (b"," if slots else b"") + f'"{field.name}":"'.encode()
        slots.append((slice(len(template), len(template) + field.width), field.span))
        template += b"-" * field.width + b'"'
    return template if is_open else template + b"}", slots


def _pairs(name: str, values: pa.BinaryArray) -> pa.StringArray:
    """``,"name":"value"`` for the records that have a value, else nothing."""
    texts, _ = decode(values)
    if content_of(values).translate(None, ALPHABET):
        texts = translate(texts, lambda text: json.dumps(text)[1:-1])
    return pc.fill_null(pc.binary_join_element_wise(f',"{name}":"', texts, '"', ""), "")
