"""What the words of Darwin Core archives for events, sensors and receivers stand for."""

from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from wildways.readers.fields import load_table

_PHRASES = "dwca/events.csv"


@cache
def load_phrases(kind: str) -> Mapping[str, str]:
    """Phrase → what it stands for, of one kind: ``event``, ``sensor`` or ``receiver``."""
    return {row["phrase"]: row["value"] for row in load_table(_PHRASES) if row["kind"] == kind}


def simplify(phrase: str) -> str:
    """A phrase as the table spells it: lower case, single blanks."""
    return " ".join(phrase.lower().replace("-", " ").replace("_", " ").split())


def sensors_of(protocols: pa.Array) -> pa.Array:
    """Movebank's names of the sensors that protocols stand for; other protocols as they are."""
    encoded = protocols.dictionary_encode()
    names = [load_phrases("sensor").get(simplify(text), text) for text in encoded.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(encoded.indices)
