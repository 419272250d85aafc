"""Counts reasons and remarks as batches of rows go by, and remembers the first row of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa


@dataclass
class Count:
    """How many rows, the index of the first of them in the stream, and the value found there."""

    n_rows: int
    index: int
    example: str | None


@dataclass
class Tally:
    """Counts by code, over all batches so far.

    Parameters
    ----------
    remark_codes : code of each bit of a batch's column ``remarks``, the lowest first
    """

    remark_codes: Sequence[str]
    counts: dict[str, Count] = field(default_factory=dict)
    n_parsed: int = 0
    n_refused: int = 0

    def add(self, batch: pa.RecordBatch) -> bool:
        """Count a batch with columns ``reason``, ``example``, ``remarks``; whether all of its rows were kept."""
        n_refused = batch.num_rows - batch["reason"].null_count
        if n_refused:
            self._add_reasons(batch)
        remarks = batch["remarks"].to_numpy(zero_copy_only=False)
        if remarks.any():
            self._add_remarks(batch, remarks)
        self.n_parsed += batch.num_rows
        self.n_refused += n_refused
        return not n_refused

    def _add_reasons(self, batch: pa.RecordBatch) -> None:
        encoded = batch["reason"].dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        values, firsts, counts = np.unique(codes, return_index=True, return_counts=True)
        for value, first, count in zip(values.tolist(), firsts.tolist(), counts.tolist(), strict=True):
            if value >= 0:
                self._add(encoded.dictionary[value].as_py(), count, first, batch)

    def _add_remarks(self, batch: pa.RecordBatch, remarks: np.ndarray) -> None:
        for bit, code in enumerate(self.remark_codes):
            rows = np.flatnonzero(remarks & (1 << bit))
            if len(rows):
                self._add(code, len(rows), int(rows[0]), batch)

    def _add(self, code: str, n_rows: int, first: int, batch: pa.RecordBatch) -> None:
        if code in self.counts:
            self.counts[code].n_rows += n_rows
        else:
            self.counts[code] = Count(n_rows, self.n_parsed + first, _example(code, batch, first))


def _example(code: str, batch: pa.RecordBatch, row: int) -> str | None:
    """The value behind a code: the column called like it, the row's own position, time or animal, or ``example``."""
    match code:
        case "longitude-wrapped":
            return f"{batch['longitude'][row].as_py() + 360:.10g}"
        case "position-zero":
            return "0, 0"
        case "time-ambiguous":
            return f"{batch['time_utc'].cast(pa.timestamp('us')).cast(pa.string())[row].as_py()} UTC"
        case "study-assumed":
            return str(batch["study_id"][row].as_py())
        case "taxon-missing":
            return str(batch["organism_id"][row].as_py())
    example: str | None = batch[code if code in batch.schema.names else "example"][row].as_py()
    return example
