"""What was removed on request stays out: leaves it out of what a reader yields, and accounts for its rows."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.model import RECORD_TABLES, Finding
from wildways.readers import Account

CODE = "removed-by-request"
MESSAGE = "These rows are of evidence that was removed on request."
HINT = "`wildways restore` lets the next ingest read them again."


@dataclass(frozen=True, order=True)
class Scope:
    """What of a source was removed: a study, an animal of a study, or with neither all of it."""

    study_id: str | None = None
    organism_id: str | None = None


def fingerprint(scopes: Sequence[Scope]) -> str | None:
    """What tells two lists of removals apart without naming anything; nothing where there is none."""
    if not scopes:
        return None
    named = sorted({(scope.study_id or "", scope.organism_id or "") for scope in scopes})
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]


def as_settings(settings: Mapping[str, Any]) -> str:
    """What a reading depends on, as it is stored: JSON."""
    return json.dumps(settings, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class Loss:
    """What a removal took from a file, and what it left.

    Parameters
    ----------
    n_source_rows : rows of the file whose records were taken
    n_deployments, n_animals : of these tables, taken
    n_records_left, n_left : records, and anything but studies, that stay
    """

    n_source_rows: int = 0
    n_deployments: int = 0
    n_animals: int = 0
    n_records_left: int = 0
    n_left: int = 0

    def n_rows(self, n_kept: int) -> int:
        """Rows of the file that are refused now, of those that were kept.

        All where nothing is left; else those that gave the records; where the file gives no records, a row is a
        deployment, or an animal if it has no deployments.
        """
        if not (self.n_source_rows or self.n_deployments or self.n_animals):
            return 0
        if not self.n_left:
            return n_kept
        if self.n_source_rows or self.n_records_left:
            return min(self.n_source_rows, n_kept)
        return min(self.n_deployments or self.n_animals, n_kept)


class Withholding:
    """Leaves the removed out of one file's evidence.

    Parameters
    ----------
    scopes : what was removed of the file's source
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self._scopes = sorted(set(scopes), key=lambda scope: (scope.study_id or "", scope.organism_id or ""))
        self._rows: list[NDArray[np.int64]] = []
        self._taken: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def keep(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of a batch that were not removed."""
        if not self._scopes:
            return batch
        is_removed = self._is_removed(batch)
        n_removed = int(is_removed.sum())
        self._taken[table] += n_removed
        self._left[table] += batch.num_rows - n_removed
        if not n_removed:
            return batch
        if table in RECORD_TABLES:
            self._rows.append(batch["source_row"].to_numpy(zero_copy_only=False)[is_removed])
        return batch.filter(pa.array(~is_removed))

    def keep_table(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows of a table that were not removed."""
        if not self._scopes:
            return rows
        return pa.Table.from_batches([self.keep(table, batch) for batch in rows.to_batches()], rows.schema)

    def account(self, account: Account) -> Account:
        """The account of the file after that."""
        n_rows = self._loss().n_rows(account.n_kept)
        if not n_rows:
            return account
        finding = Finding(CODE, MESSAGE, n_rows, refused=True, hint=HINT)
        return replace(account, n_kept=account.n_kept - n_rows, findings=(*account.findings, finding))

    def _loss(self) -> Loss:
        return Loss(
            n_source_rows=len(np.unique(np.concatenate(self._rows))) if self._rows else 0,
            n_deployments=self._taken["deployment"],
            n_animals=self._taken["organism"],
            n_records_left=sum(self._left[table] for table in RECORD_TABLES),
            n_left=sum(n_left for table, n_left in self._left.items() if table != "study"),
        )

    def _is_removed(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        is_removed = np.zeros(batch.num_rows, dtype=np.bool_)
        for scope in self._scopes:
            if scope.organism_id is not None and "organism_id" not in batch.schema.names:
                continue
            is_of_scope = np.ones(batch.num_rows, dtype=np.bool_)
            for name in ("study_id", "organism_id"):
                wanted = getattr(scope, name)
                if wanted is not None:
                    is_of_scope &= _equals(batch[name], wanted)
            is_removed |= is_of_scope
        return is_removed


def _equals(column: pa.Array, text: str) -> NDArray[np.bool_]:
    if pa.types.is_dictionary(column.type):
        index = column.dictionary.index(text).as_py()
        is_equal = pc.equal(column.indices, index)
    else:
        is_equal = pc.equal(column, text)
    found: NDArray[np.bool_] = is_equal.fill_null(False).to_numpy(zero_copy_only=False)
    return found
