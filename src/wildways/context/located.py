"""Where records lie, as columns for a table: country, possible countries and sea area."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wildways.context._border_kernels import Words


@dataclass(frozen=True)
class Located:
    """Three dictionary arrays of texts with one entry a position; null where nothing can be said.

    country : the country whose land holds the position itself; null at sea and where it is not agreed
    countries : codes of all that are possible, ``country`` among them, in alphabetical order and parted by a space;
        null where no other than ``country`` is
    sea_area : the sea that holds the position; null on land
    """

    country: pa.DictionaryArray
    countries: pa.DictionaryArray
    sea_area: pa.DictionaryArray


def encoded(numbers: NDArray[np.integer], is_known: NDArray[np.bool_], texts: list[str]) -> pa.DictionaryArray:
    """Texts by their numbers, null where unknown."""
    values = pa.array(texts, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(numbers, mask=~is_known), values)


def set_texts(sets: Words, codes: list[str]) -> list[str]:
    """Sets of countries as codes parted by spaces, alphabetically."""
    return [" ".join(codes[k] for k in np.flatnonzero(row)) for row in _flags(sets)]


def count_countries(sets: Words) -> NDArray[np.int64]:
    """Countries in each set."""
    return np.asarray(_flags(sets).sum(axis=1, dtype=np.int64))


def sole_country(sets: Words) -> NDArray[np.int16]:
    """Number of the first country in each set."""
    return np.asarray(_flags(sets).argmax(axis=1), dtype=np.int16)


def _flags(sets: Words) -> NDArray[np.uint8]:
    """One column a country, (n, 256)."""
    return np.unpackbits(sets.astype("<u8").view(np.uint8).reshape(len(sets), 32), axis=1, bitorder="little")
