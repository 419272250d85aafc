"""Lines of EURING 2000+ and 2020: where their fields between bars are, and the fixed-width form of the first 33."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from wildways.readers.euring.fields import (
    BLANK,
    DASH,
    Codes,
    EuringField,
    Mask,
    content_of,
    fixed_fields,
    load_euring_fields,
)

N_REQUIRED = 30
"""Fields that matter; distance, direction and elapsed time can be computed and may be left out."""

N_FIELDS = 64
EXTRAS = ("place_name", "latitude", "longitude", "current_place_code")

FIXED_WIDTH = 94
REQUIRED_WIDTH = 81
REGULAR_WIDTH = REQUIRED_WIDTH + N_REQUIRED
"""Characters of the required fields, each with its bar."""

PADDING = b"|" * REGULAR_WIDTH
"""What must follow a block: windows and searches of bars that begin in its last line reach beyond it."""

_BAR = ord("|")
_BAR_AT = np.cumsum([field.width + 1 for field in fixed_fields()[:N_REQUIRED]]) - 1
_CODE_AT = np.setdiff1d(np.arange(REGULAR_WIDTH), _BAR_AT)

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Fault:
    """Why some lines are no records: code of the finding, field concerned, and which."""

    code: str
    field: str | None
    is_faulty: Mask


class PipedLines:
    """The lines of a block that have bars.

    Parameters
    ----------
    content : the block's bytes, and `PADDING`
    starts, ends : of each line
    """

    def __init__(self, content: Codes, starts: Positions, ends: Positions) -> None:
        bars = np.flatnonzero(content == _BAR)
        first_bars = np.searchsorted(bars, starts)
        self.n_bars: Positions = np.searchsorted(bars, ends) - first_bars
        self._content, self._bars, self._n_lines = content, bars, len(starts)
        self._is_right = (self.n_bars >= N_REQUIRED - 1) & (self.n_bars < N_FIELDS)
        self._chosen = np.flatnonzero(self._is_right)
        self._starts, self._ends = starts[self._chosen], ends[self._chosen]
        self._first_bars = first_bars[self._chosen]

    def lay_out(self, codes: Codes) -> Iterator[Fault]:
        """Copy the fields of the fixed-width form; at fault are lines with other numbers of fields, or wrong widths."""
        yield Fault("field-count", None, ~self._is_right & (self.n_bars > 0))
        copied = np.empty((len(self._chosen), FIXED_WIDTH), dtype=np.uint8)
        irregular = self._copy_regular(copied)
        for field in fixed_fields():
            chosen = irregular if field.index < N_REQUIRED else np.arange(len(copied))
            if len(chosen):
                is_faulty = self._copy(field, chosen, copied) & (field.index < N_REQUIRED)
                if is_faulty.any():
                    yield Fault("field-width", field.name, spread(is_faulty, self._chosen[chosen], self._n_lines))
        codes[self._chosen] = copied

    def extras(self) -> dict[str, pa.BinaryArray]:
        """The later fields that any line has."""
        if not len(self._chosen):
            return {}
        rows = pa.array(np.cumsum(self._is_right) - 1, mask=~self._is_right)
        found = {name: self._texts(load_euring_fields()[name].index) for name in EXTRAS}
        return {name: texts.take(rows) for name, texts in found.items() if texts is not None}

    def _copy_regular(self, copied: Codes) -> Positions:
        """Copy the required fields of the lines where all have their width, at once; the other lines are returned."""
        windows = sliding_window_view(self._content, REGULAR_WIDTH)[self._starts]
        is_regular = self._bars[self._first_bars + N_REQUIRED - 1] == self._starts + _BAR_AT[-1]
        is_regular &= (windows[:, _BAR_AT] == _BAR).all(axis=1)
        copied[:, :REQUIRED_WIDTH] = windows[:, _CODE_AT]
        return np.flatnonzero(~is_regular)

    def _copy(self, field: EuringField, chosen: Positions, copied: Codes) -> Mask:
        """Copy one field of some lines, dashes where it is empty; at fault are other widths than the field's."""
        starts, ends = self._span(field.index, chosen)
        lengths = ends - starts
        values = sliding_window_view(self._content, field.width)[starts]
        if (lengths != field.width).any():
            values = np.where(np.arange(field.width) < lengths[:, None], values, BLANK)
            values[lengths == 0] = DASH
        copied[chosen, field.span] = values
        is_faulty: Mask = (lengths > 0) & (lengths != field.width)
        return is_faulty

    def _span(self, index: int, chosen: Positions | slice) -> tuple[Positions, Positions]:
        """Where a field of some lines starts and ends; both at the line's end where the line has fewer fields."""
        line_starts, line_ends, first_bars = self._starts[chosen], self._ends[chosen], self._first_bars[chosen]
        starts = line_starts if index == 0 else self._bars[first_bars + index - 1] + 1
        return np.minimum(starts, line_ends), np.minimum(self._bars[first_bars + index], line_ends)

    def _texts(self, index: int) -> pa.BinaryArray | None:
        """A later field as it is between its bars but for blanks around it, empty where nothing is left."""
        starts, ends = self._span(index, slice(None))
        if not (ends > starts).any():
            return None
        offsets = np.append(np.column_stack([starts, ends]).ravel(), ends[-1]).astype(np.int32)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._content)]
        fields_and_gaps = pa.BinaryArray.from_buffers(pa.binary(), len(offsets) - 1, buffers)
        texts = fields_and_gaps.take(pa.array(np.arange(len(starts)) * 2))
        if b" " in content_of(texts):
            texts = pc.replace_substring_regex(texts, "^ +| +$", "")
        return pc.if_else(pc.equal(pc.binary_length(texts), 0), None, texts)


def spread(is_faulty: Mask, chosen: Positions, n_lines: int) -> Mask:
    """A mask over some lines as one over all."""
    spread_out = np.zeros(n_lines, dtype=bool)
    spread_out[chosen[is_faulty]] = True
    return spread_out
