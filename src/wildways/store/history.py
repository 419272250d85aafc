"""What a transaction did: its message, who made it, rows added and removed by table. Kept with every snapshot."""

import getpass
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wildways.model import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SNAPSHOTS = """
SELECT snapshot_id, epoch_us(snapshot_time), commit_message, commit_extra_info, author FROM lake.snapshots()
WHERE snapshot_id > 0 ORDER BY snapshot_id"""
_DESCRIBE = "CALL lake.set_commit_message($author, $message, extra_info => $changes)"


@dataclass(frozen=True)
class Change:
    """Rows of a table that a snapshot added and removed; a row that was replaced counts as both."""

    table: str
    n_added: int
    n_removed: int


@dataclass(frozen=True)
class Snapshot:
    """The evidence as it stood after one change.

    Parameters
    ----------
    number : what `snapshot=` of the reading functions takes
    made_utc : when it was made
    message : what was done
    changes : by table, in the order of `wildways.model.TABLES`; tables that did not change are left out
    author : name of the user account that did it
    """

    number: int
    made_utc: datetime
    message: str
    changes: tuple[Change, ...]
    author: str = ""


@dataclass
class Commit:
    """A transaction in the making; what it did is counted while it does it.

    Parameters
    ----------
    message : what is done, for the history
    """

    message: str
    author: str = field(default_factory=lambda: account_name())
    _added: Counter[str] = field(default_factory=Counter)
    _removed: Counter[str] = field(default_factory=Counter)

    def count(self, table: str, *, n_added: int = 0, n_removed: int = 0) -> None:
        """Count rows of a table."""
        self._added[table] += n_added
        self._removed[table] += n_removed

    @property
    def changes(self) -> tuple[Change, ...]:
        """Rows added and removed so far, by table."""
        changes = (Change(table, self._added[table], self._removed[table]) for table in TABLES)
        return tuple(change for change in changes if change.n_added or change.n_removed)

    def describe(self, connection: "DuckDBPyConnection") -> None:
        """Write it down in the snapshot that the connection's transaction will make."""
        changes = {change.table: [change.n_added, change.n_removed] for change in self.changes}
        given = {"author": self.author, "message": self.message, "changes": json.dumps(changes)}
        connection.execute(_DESCRIBE, given)


def read_history(connection: "DuckDBPyConnection") -> list[Snapshot]:
    """The snapshots there are, the first one first."""
    return [
        Snapshot(number, datetime.fromtimestamp(made_us / 1e6, UTC), message or "", _changes(changes), author or "")
        for number, made_us, message, changes, author in connection.execute(_SNAPSHOTS).fetchall()
    ]


def account_name() -> str:
    """The user account this process runs under; empty where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _changes(text: str | None) -> tuple[Change, ...]:
    return tuple(Change(table, *counts) for table, counts in json.loads(text or "{}").items())
