"""Removes a source, a study or an animal on request, in one transaction; it stays out until it is restored."""
# ruff: noqa: S608 - what is put together are names of ours; values are bound

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wildways.model import EVIDENCE_TABLES, RECORD_TABLES, TABLES, BadInput, Conflict, NotFound
from wildways.readers import quote_name, reader_schema
from wildways.store.history import Change, Commit, account_name
from wildways.store.schema import FILE_TABLES
from wildways.store.withholding import CODE, HINT, MESSAGE, Loss, Scope, as_settings, fingerprint
from wildways.store.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OF_ANIMALS = tuple(name for name in EVIDENCE_TABLES if "organism_id" in TABLES[name].column_names)

_SOURCES = """
SELECT DISTINCT source_id FROM lake.source_file
WHERE module_id = $module_id AND ($source_id IS NULL OR source_id = $source_id) ORDER BY ALL"""
_STUDIES = " UNION ".join(f"SELECT file_no, study_id FROM lake.{quote_name(name)}" for name in EVIDENCE_TABLES)
_STUDIES_OF_ANIMALS = " UNION ".join(
    f"SELECT file_no, study_id FROM lake.{quote_name(name)} WHERE organism_id = $organism_id" for name in _OF_ANIMALS
)
_NAMED = """
SELECT DISTINCT source_id, study_id FROM ({studies}) AS named JOIN lake.source_file AS file USING (file_no)
WHERE module_id = $module_id AND ($source_id IS NULL OR source_id = $source_id)
    AND ($study_id IS NULL OR study_id = $study_id) ORDER BY ALL"""
_OF_STUDY = _NAMED.format(studies=_STUDIES)
_OF_ANIMAL = _NAMED.format(studies=_STUDIES_OF_ANIMALS)
_FILES = """
SELECT file_no, * EXCLUDE (file_no) FROM lake.source_file
WHERE module_id = $module_id AND source_id = $source_id ORDER BY file_no"""
_REMOVALS = """
SELECT study_id, organism_id FROM lake.removal WHERE module_id = $module_id AND source_id = $source_id"""
_LIFTED = """
FROM lake.removal WHERE module_id = $module_id AND ($source_id IS NULL OR source_id = $source_id)
    AND organism_id IS NOT DISTINCT FROM $organism_id
    AND (study_id IS NOT DISTINCT FROM $study_id OR ($study_id IS NULL AND $organism_id IS NOT NULL))"""
_FORGET_EXAMPLES = """
UPDATE lake.finding SET example = NULL WHERE list_contains($numbers, file_no) AND example = $organism_id"""
_HERE = "list_contains($numbers, file_no) AND ($study_id IS NULL OR study_id = $study_id)"
_WHERE = MappingProxyType(
    {
        name: f"{_HERE} AND " + ("($organism_id IS NULL OR organism_id = $organism_id)"
                                 if name in _OF_ANIMALS else "$organism_id IS NULL")
        for name in EVIDENCE_TABLES
    }
)  # fmt: skip
"""Which rows of a table a removal takes."""


@dataclass(frozen=True)
class Removal:
    """Evidence that is kept out on request; empty ids mean all of the study or source."""

    module_id: str
    source_id: str
    study_id: str | None
    organism_id: str | None
    reason: str
    removed_utc: datetime
    removed_by: str


def remove_evidence(
    workspace: Workspace,
    module_id: str,
    source_id: str | None = None,
    study_id: str | None = None,
    organism_id: str | None = None,
    *,
    reason: str,
    removed_by: str | None = None,
) -> tuple[Change, ...]:
    """Remove a source, a study or an animal from the evidence, in one transaction, and keep it out.

    Ingest leaves it out of every file of the source from now on: its rows are refused as ``removed-by-request``, until
    `restore_evidence` lifts that. Earlier snapshots still hold it; `Workspace.purge` erases it for good.

    Parameters
    ----------
    source_id : empty means every source of the module that has the study or animal; alone, it is removed whole
    study_id : empty means all; for an animal, its study where only one has an animal of that id
    organism_id : the animal; empty means all
    reason : why, in words
    removed_by : who; empty means the user account

    Returns
    -------
    Rows removed, by table.

    Raises
    ------
    BadInput : there is no reason
    NotFound : the module has no such evidence
    Conflict : several studies have an animal of that id and none is named; or somebody else is writing
    """
    if not reason.strip():
        raise BadInput("reason-missing", "A removal needs a reason.", hint="Say why; it is kept with the removal.")
    wanted = _Wanted(module_id, source_id, study_id, organism_id)
    commit = Commit(f"remove {wanted}: {reason}")
    with workspace.writing(commit) as connection:
        now, by = datetime.now(UTC), removed_by or account_name() or "unknown"
        for source, study in wanted.find(connection):
            removal = Removal(module_id, source, study, organism_id, reason, now, by)
            _remove(_Lake(connection, commit), removal)
    return commit.changes


def restore_evidence(
    workspace: Workspace,
    module_id: str,
    source_id: str | None = None,
    study_id: str | None = None,
    organism_id: str | None = None,
) -> tuple[Removal, ...]:
    """Lift a removal. The next ingest reads the files of its source anew, and takes in what was left out.

    Parameters
    ----------
    source_id, study_id, organism_id : as they were given to `remove_evidence`

    Returns
    -------
    The removals that were lifted.

    Raises
    ------
    NotFound : nothing like that was removed
    Conflict : somebody else is writing
    """
    wanted = _Wanted(module_id, source_id, study_id, organism_id)
    commit = Commit(f"restore {wanted}")
    with workspace.writing(commit) as connection:
        names = ", ".join(map(quote_name, TABLES["removal"].column_names))
        rows = connection.execute(f"SELECT {names} {_LIFTED}", wanted.given).to_arrow_table().to_pylist()
        if not rows:
            hint = "`wildways log` says what was removed."
            raise NotFound("removal-unknown", f"{str(wanted).capitalize()} was not removed.", hint=hint)
        _Lake(connection, commit).delete("removal", _LIFTED.removeprefix("\nFROM lake.removal WHERE"), wanted.given)
    return tuple(Removal(**row) for row in rows)


@dataclass(frozen=True)
class _Wanted:
    """What a request names."""

    module_id: str
    source_id: str | None
    study_id: str | None
    organism_id: str | None

    @property
    def given(self) -> dict[str, str | None]:
        return dict(vars(self))

    def __str__(self) -> str:
        names = {"animal": self.organism_id, "study": self.study_id, "source": self.source_id}
        parts = [f"{kind} “{name}” of" for kind, name in names.items() if name is not None]
        return " ".join([*parts, f"module “{self.module_id}”"])

    def find(self, connection: "DuckDBPyConnection") -> list[tuple[str, str | None]]:
        """The sources and studies to remove from; no study where a source goes whole."""
        found: list[tuple[str, str | None]]
        if self.study_id is None and self.organism_id is None:
            given = {"module_id": self.module_id, "source_id": self.source_id}
            found = [(source, None) for (source,) in connection.execute(_SOURCES, given).fetchall()]
        elif self.organism_id is None:
            given = {name: value for name, value in self.given.items() if name != "organism_id"}
            found = [(source, study) for source, study in connection.execute(_OF_STUDY, given).fetchall()]
        else:
            found = [(source, study) for source, study in connection.execute(_OF_ANIMAL, self.given).fetchall()]
        if not found:
            message = f"There is no evidence of {self}."
            raise NotFound("evidence-unknown", message, hint="Ids are as the source gives them.")
        studies = sorted({study for _, study in found if study is not None})
        if self.organism_id is not None and len(studies) > 1:
            message = f"{len(studies)} studies have an animal “{self.organism_id}”: {', '.join(studies[:5])}."
            raise Conflict("animal-ambiguous", message, hint="Name the study.")
        return found


@dataclass
class _Lake:
    """The evidence inside the transaction."""

    connection: "DuckDBPyConnection"
    commit: Commit

    def rows(self, query: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.connection.execute(query, given).to_arrow_table().to_pylist()
        return found

    def counts(self, query: str, given: dict[str, Any]) -> dict[int, int]:
        """The result of a query for numbers of files and counts."""
        return dict(self.connection.execute(query, given).fetchall())

    def delete(self, table: str, where: str, given: dict[str, Any]) -> None:
        statement = f"DELETE FROM lake.{quote_name(table)} WHERE {where}"
        ((n_rows,),) = self.connection.execute(statement, given).fetchall()
        self.commit.count(table, n_removed=n_rows)

    def insert(self, table: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
        if not rows:
            return
        self.connection.register("incoming", pa.Table.from_pylist(rows, schema))
        names = ", ".join(map(quote_name, schema.names))
        try:
            self.connection.execute(f"INSERT INTO lake.{quote_name(table)} ({names}) SELECT {names} FROM incoming")
        finally:
            self.connection.unregister("incoming")
        self.commit.count(table, n_added=len(rows))


def _remove(lake: _Lake, removal: Removal) -> None:
    """Take out what one removal is about, note it, and correct the accounts of the files."""
    source = {"module_id": removal.module_id, "source_id": removal.source_id}
    files = lake.rows(_FILES, source)
    numbers = [file["file_no"] for file in files]
    lake.insert("removal", [vars(removal)], TABLES["removal"].schema)
    if removal.study_id is None:
        for table in FILE_TABLES:
            lake.delete(table, "list_contains($numbers, file_no)", {"numbers": numbers})
        return
    given = {"numbers": numbers, "study_id": removal.study_id, "organism_id": removal.organism_id}
    taken = _taken(lake, given)
    for table in EVIDENCE_TABLES:
        lake.delete(table, _WHERE[table], given)
    if removal.organism_id is not None:
        lake.connection.execute(_FORGET_EXAMPLES, {"numbers": numbers, "organism_id": removal.organism_id})
    scopes = [Scope(*row) for row in lake.connection.execute(_REMOVALS, source).fetchall()]
    _correct_accounts(lake, files, _losses(lake, numbers, taken), fingerprint(scopes))


_Taken = tuple[dict[int, int], dict[int, int], dict[int, int]]


def _taken(lake: _Lake, given: dict[str, Any]) -> _Taken:
    """By file: source rows, deployments and animals that a removal is going to take."""
    records = " UNION ALL ".join(f"SELECT file_no, source_row FROM lake.{t} WHERE {_WHERE[t]}" for t in RECORD_TABLES)
    rows = lake.counts(f"SELECT file_no, count(DISTINCT source_row) FROM ({records}) GROUP BY file_no", given)
    deployments, animals = (
        lake.counts(f"SELECT file_no, count(*) FROM lake.{t} WHERE {_WHERE[t]} GROUP BY file_no", given)
        for t in ("deployment", "organism")
    )
    return rows, deployments, animals


def _losses(lake: _Lake, numbers: list[int], taken: _Taken) -> Iterator[tuple[int, Loss]]:
    """By file: what was taken and what is left."""

    def left(tables: tuple[str, ...]) -> dict[int, int]:
        rows = " UNION ALL ".join(f"SELECT file_no FROM lake.{table}" for table in tables)
        query = f"SELECT file_no, count(*) FROM ({rows}) WHERE list_contains($numbers, file_no) GROUP BY file_no"
        return lake.counts(query, {"numbers": numbers})

    records, anything = left(RECORD_TABLES), left(tuple(name for name in EVIDENCE_TABLES if name != "study"))
    for number in numbers:
        yield number, Loss(*(part.get(number, 0) for part in (*taken, records, anything)))


def _correct_accounts(
    lake: _Lake, files: list[dict[str, Any]], losses: Iterator[tuple[int, Loss]], removed: str | None
) -> None:
    """Count the rows that were taken as refused, and note that the files were read with these removals."""
    refused = {}
    for file, (number, loss) in zip(files, losses, strict=True):
        refused[number] = loss.n_rows(file["n_kept"])
        file["n_kept"] -= refused[number]
        file["settings"] = as_settings({**json.loads(file["settings"]), "removed": removed})
    numbers = list(refused)
    known = lake.counts(
        "SELECT file_no, sum(n_rows)::BIGINT FROM lake.finding "
        "WHERE code = $code AND list_contains($numbers, file_no) GROUP BY file_no",
        {"code": CODE, "numbers": numbers},
    )
    lake.delete("finding", "code = $code AND list_contains($numbers, file_no)", {"code": CODE, "numbers": numbers})
    lake.delete("source_file", "list_contains($numbers, file_no)", {"numbers": numbers})
    number_field = pa.field("file_no", pa.int64())
    lake.insert("source_file", files, pa.schema([number_field, *TABLES["source_file"].schema]))
    found = [
        {"file_no": number, "code": CODE, "refused": True, "n_rows": n_rows, "message": MESSAGE, "hint": HINT}
        for number, n_rows in ((number, refused[number] + known.get(number, 0)) for number in numbers)
        if n_rows
    ]
    lake.insert("finding", found, pa.schema([number_field, *reader_schema(TABLES["finding"])]))
