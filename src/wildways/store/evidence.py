"""One question to all kinds of evidence: the records as common rows, or their counts."""
# ruff: noqa: S608 - what is put together are names and numbers of ours; values are bound

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self, Unpack

import pyarrow as pa

from wildways.model import Atlas, BadInput, NotFound, open_atlas
from wildways.store.evidence_rows import Files, complete
from wildways.store.evidence_sql import EVIDENCE, FILE_COLUMNS, KINDS, rows_of, union
from wildways.store.lake import explained
from wildways.store.selection import Conditions, Filters, TaxonChoice, choose_taxon, conditions_of
from wildways.store.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from geopandas import GeoDataFrame

COUNTED_BY = MappingProxyType(
    {
        **{name: name for name in ("kind", "evidence_class", "study_id", "organism_id", "taxon", "accepted_taxon")},
        **{name: name for name in ("position_of", "country", "sea_area", "in_country")},
        "year": "CAST(date_part('year', start_utc AT TIME ZONE 'UTC') AS INTEGER)",
    }
)
"""What records may be counted by, besides the columns that follow from the file → expression."""

_PART = """file_no, study_id AS part_study, organism_id AS part_organism, count(*) AS n_rows,
    min(start_utc) AS first_utc, max(end_utc) AS last_utc"""
_COUNTS = """CAST(coalesce(sum(n_rows), 0) AS BIGINT) AS n_records,
    count(DISTINCT (file.module_id, file.source_id, part_study, part_organism))
        FILTER (part_organism IS NOT NULL) AS n_animals,
    min(first_utc) AS first_utc, max(last_utc) AS last_utc"""
_FILES = "SELECT file_no, module_id, source_id, path FROM lake.source_file"
_FILLED = """
SELECT DISTINCT named.table_name FROM __ducklake_metadata_lake.ducklake_data_file AS data
JOIN __ducklake_metadata_lake.ducklake_table AS named USING (table_id)
WHERE data.begin_snapshot <= $snapshot AND (data.end_snapshot IS NULL OR data.end_snapshot > $snapshot)"""
_BATCH_ROWS = 100_000


def open_evidence(atlas: Atlas | Path | str) -> "Evidence":
    """Open the evidence of an atlas to ask it; a context manager.

    Raises
    ------
    NotFound : there is no atlas, or it holds no evidence yet
    Corrupt : the workspace is damaged
    """
    opened = atlas if isinstance(atlas, Atlas) else open_atlas(atlas)
    return Evidence(Workspace.open(opened.workspace, read_only=True), opened)


class Evidence:
    """The evidence of an atlas, opened to read. It is the private workspace: see the column ``access`` before sharing.

    Every question takes the same filters, see `Filters`.

    Raises
    ------
    BadInput : a filter that cannot be understood, a misspelt name of a taxon or country (the hint has suggestions)
    NotFound : there is no such module, source or snapshot
    """

    def __init__(self, workspace: Workspace, atlas: Atlas | None = None) -> None:
        self._workspace = workspace
        self._atlas = atlas
        self._known: Known | None = None

    def close(self) -> None:
        """Let go of the files."""
        self._workspace.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def records(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> pa.Table:
        """The records, one common row each, in the order of kind, file and row; schema of `EVIDENCE`.

        Parameters
        ----------
        limit : at most so many
        """
        return pa.Table.from_batches(self.batches(limit=limit, **filters), EVIDENCE.schema)

    def frame(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> "GeoDataFrame":
        """The records as a GeoDataFrame in EPSG:4326; records without a known place have no geometry."""
        import geopandas
        import shapely

        table = self.records(limit=limit, **filters)
        geometry = shapely.from_wkb(table["geometry"].to_numpy())
        frame = table.drop_columns(["geometry"]).to_pandas()
        frame.insert(EVIDENCE.column_names.index("geometry"), "geometry", geometry)
        return geopandas.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")

    def batches(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> Iterator[pa.RecordBatch]:
        """The records as a stream of batches, for answers that do not fit into memory."""
        with self._asked(filters) as question:
            at_most = "" if limit is None else f"LIMIT {limit:d}"
            answer = question.ask(question.rows("*", f"ORDER BY kind_no, file_no, source_row {at_most}"))
            for batch in answer.to_arrow_reader(_BATCH_ROWS):
                yield complete(batch, question.known.files)

    def counts(
        self, *, by: Sequence[str] = ("kind", "accepted_taxon", "country"), **filters: Unpack[Filters]
    ) -> pa.Table:
        """Count the records and the animals known by an id.

        Parameters
        ----------
        by : columns of `COUNTED_BY` or of the file (module_id, source_id, source_file, licence, access …); none for
            the total

        Returns
        -------
        The columns of `by`, ``n_records``, ``n_animals``, ``first_utc``, ``last_utc``; the greatest number first.
        """
        unknown = [name for name in by if name not in {*COUNTED_BY, *FILE_COLUMNS}]
        if unknown:
            known = ", ".join((*COUNTED_BY, *FILE_COLUMNS))
            raise BadInput("counted-by", f"Evidence cannot be counted by “{unknown[0]}”.", hint=f"There are: {known}.")
        own = "".join(f"{COUNTED_BY[name]} AS by_{name}, " for name in by if name in COUNTED_BY)
        named = [f"part.by_{name} AS {name}" if name in COUNTED_BY else f"file.{name}" for name in by]
        with self._asked(filters) as question:
            parts = question.rows(f"{own}{_PART}", "GROUP BY ALL")
            question.cursor.register("wildways_file", question.known.files.table)
            return question.ask(
                f"SELECT {', '.join([*named, _COUNTS])} FROM ({parts}) AS part "
                f"JOIN wildways_file AS file USING (file_no) GROUP BY ALL ORDER BY {', '.join(['n_records DESC', *by])}"
            ).to_arrow_table()

    def known(self, snapshot: int | None = None) -> "Known":
        """The files and filled tables of a snapshot."""
        with self._asked({"snapshot": snapshot}) as question:
            return question.known

    @contextmanager
    def _asked(self, filters: Filters) -> "Iterator[_Question]":
        """A question, with a transaction of its own that sees one snapshot all the time."""
        country = _country(filters.get("country"))
        with explained(self._workspace.folder), self._workspace._connection.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            snapshot, at = self._snapshot(cursor, filters.get("snapshot"))
            if self._known is None or self._known.snapshot != snapshot:
                self._known = Known.read(cursor, snapshot, at, self._atlas)
            everything = _Question(cursor, at, Conditions(), self._known)
            taxon = None if (text := filters.get("taxon")) is None else _taxon(text, everything)
            conditions = conditions_of(filters, taxon, country)
            _add_files(conditions, self._known.files, filters.get("module"), filters.get("source"))
            yield replace(everything, conditions=conditions, country=country)

    def _snapshot(self, cursor: "DuckDBPyConnection", wanted: int | None) -> tuple[int, str]:
        """The snapshot to read and how it is named in a query; the current one is not, which is faster."""
        (current,) = cursor.execute("SELECT id FROM lake.current_snapshot()").fetchall()[0]
        if wanted is None or wanted == current:
            return current, ""
        return self._workspace._readable(wanted), f"AT (VERSION => {wanted:d})"


@dataclass(frozen=True)
class Known:
    """What is read once a snapshot: its files, and the tables that have rows."""

    snapshot: int
    files: Files
    tables: frozenset[str]

    @classmethod
    def read(cls, cursor: "DuckDBPyConnection", snapshot: int, at: str, atlas: Atlas | None) -> Self:
        files = cursor.execute(f"{_FILES} {at} ORDER BY file_no").to_arrow_table()
        tables = cursor.execute(_FILLED, {"snapshot": snapshot}).fetchall()
        return cls(snapshot, Files(files, atlas), frozenset(name for (name,) in tables))


@dataclass(frozen=True)
class _Question:
    """Filters turned into a query, and what it is asked of."""

    cursor: "DuckDBPyConnection"
    at: str
    conditions: Conditions
    known: Known
    country: str | None = None

    def ask(self, query: str) -> "DuckDBPyConnection":
        """Run a query that has the conditions in it."""
        return self.cursor.execute(query, self.conditions.values)

    def rows(self, columns: str, tail: str) -> str:
        """A query for columns of the core rows."""
        in_country = "CAST(NULL AS VARCHAR)"
        if self.country is not None:
            is_certain = f"country = '{self.country}' AND countries IS NULL"
            in_country = f"CASE WHEN {is_certain} THEN 'certain' ELSE 'possible' END"
        kinds = [kind for kind in self.conditions.kinds if kind in self.known.tables] or self.conditions.kinds[:1]
        chosen = (
            f"SELECT *, {in_country} AS in_country, {KINDS.index(kind)} AS kind_no "
            f"FROM ({rows_of(kind, self.at, self.known.tables)}) {self.conditions.where(kind)}"
            for kind in kinds
        )
        return f"SELECT {columns} FROM ({union(chosen)}) {tail}"


def _taxon(text: str, everything: _Question) -> TaxonChoice:
    """The taxon a text names; one that is likely misspelt only where the evidence has it written so."""
    choice = choose_taxon(text)
    if not choice.suggestions:
        return choice
    question = replace(everything, conditions=conditions_of({}, choice, None))
    if question.ask(question.rows("1", "LIMIT 1")).fetchall():
        return choice
    hint = f"Did you mean {' or '.join(choice.suggestions)}?"
    raise BadInput("taxon-misspelt", f"No taxon is called “{text}”.", hint=hint)


def _country(text: str | None) -> str | None:
    if text is None:
        return None
    from wildways.context import Jurisdictions  # here, since it compiles and most questions name no country

    return Jurisdictions.load().country_code(text)


def _add_files(conditions: Conditions, files: Files, module: str | None, source: str | None) -> None:
    if module is None and source is None:
        return
    numbers = files.numbers(module, source)
    if not numbers:
        wanted = " ".join(name for name in (module, source) if name is not None)
        known = ", ".join(files.sources()) or "none"
        raise NotFound("source-unknown", f"No evidence is of “{wanted}”.", hint=f"There are: {known}.")
    conditions.add(f"file_no IN ({', '.join(map(str, numbers))})")
