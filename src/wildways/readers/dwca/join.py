"""Brings the tables of a Darwin Core Archive together: which columns hold ids that really resolve, and the joins."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice, zip_longest

import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import Finding, Place
from wildways.readers.contract import ReadingOptions
from wildways.readers.dwca.meta import DataFile
from wildways.readers.dwca.phrases import load_phrases
from wildways.readers.dwca.table import Row
from wildways.readers.engine import enter_engine
from wildways.readers.tracks.rows import ROWS_A_BATCH

TERMS = (
    "basisOfRecord",
    "occurrenceID",
    "occurrenceStatus",
    "organismID",
    "organismName",
    "eventID",
    "parentEventID",
    "eventType",
    "eventDate",
    "samplingProtocol",
    "eventRemarks",
    "occurrenceRemarks",
    "decimalLongitude",
    "decimalLatitude",
    "geodeticDatum",
    "coordinateUncertaintyInMeters",
    "scientificName",
    "scientificNameID",
    "sex",
    "lifeStage",
    "vitality",
    "locality",
    "datasetName",
    "datasetID",
)
"""Darwin Core terms that are read; an occurrence takes from its event what it does not say itself."""

INSTEAD = {"organismID": "organismName", "samplingProtocol": "eventType", "datasetName": "datasetID"}
"""Term → term that stands in where it is empty."""

MEASUREMENT_TERMS = ("occurrenceID", "eventID", "measurementType", "measurementValue")

_NULLS = ("", "NA", "\\N")
_OF_CORE = {"Occurrence": "occurrenceID", "Event": "eventID"}
_OF_ANIMAL = ("occurrenceID", "organismID", "organismName", "scientificName", "datasetName", "datasetID")
_MINUTE = r"'^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)\s*(Z|z|[+-]\d\d(:?\d\d)?)?$'"
_MOMENT = r"'^\d{4}-\d{1,2}-\d{1,2}[T ]\s*\d{1,2}:\d\d[^/]*$'"

_COUNT_RESOLVED = """
SELECT count(*) FROM {table} t
JOIN (SELECT {core} AS id FROM core GROUP BY 1 HAVING count(*) = 1) c ON c.id = t.{extension}"""
_COUNT_REPEATED = """
SELECT coalesce(sum(n), 0)::BIGINT, min(core_id)
FROM (SELECT core_id, count(*) AS n FROM core GROUP BY 1 HAVING count(*) > 1 OR core_id IS NULL)"""
_DROP_REPEATED = """
DELETE FROM core
WHERE {core} IS NULL OR {core} IN (SELECT {core} FROM core GROUP BY 1 HAVING count(*) > 1)"""
_STAND_IN = ", ".join(f"coalesce({term}, {other}) AS {term}" for term, other in INSTEAD.items())
_SORT = """
SELECT *,
    regexp_replace(eventDate, {minute}, '\\1T\\2:00\\3') AS stamp,
    CASE
        WHEN is_broken THEN 'line-rejected'
        WHEN lower(occurrenceStatus) = 'absent' THEN 'absent'
        WHEN basis = 'humanobservation' THEN 'people'
        WHEN basis IS DISTINCT FROM 'machineobservation' THEN 'basis-other'
        WHEN list_contains($receivers, protocol) THEN 'receiver-detection'
        WHEN regexp_matches(eventDate, '^\\d{{4}}') AND NOT regexp_matches(eventDate, {moment}) THEN 'time-interval'
    END AS fate
FROM (
    SELECT *,
        lower(replace(basisOfRecord, ' ', '')) AS basis,
        lower(translate(samplingProtocol, '-_', '  ')) AS protocol
    FROM (SELECT * REPLACE ({stand_in})
          FROM ({joined}))
) ORDER BY number"""
_MEASURED = """
SELECT coalesce(c.datasetName, c.datasetID) AS study, coalesce(c.organismID, c.organismName) AS organism,
    max(m.measurementValue) FILTER (lower(m.measurementType) = 'sex') AS sex,
    max(m.measurementValue) FILTER (lower(replace(m.measurementType, ' ', '')) = 'lifestage') AS life_stage
FROM measurement m JOIN core c ON c.{core} = m.{extension}
WHERE organism IS NOT NULL GROUP BY 1, 2 HAVING sex IS NOT NULL OR life_stage IS NOT NULL"""


@dataclass(frozen=True)
class Keys:
    """The columns by which rows of an extension name a core row, in the core and in the extension."""

    core: str
    extension: str
    n_resolved: int


class Join:
    """The tables of an archive in an engine: the core as far as its extensions need it.

    Parameters
    ----------
    core : the core's table; of occurrences only ids and animals are kept, of events all terms
    """

    def __init__(self, core: DataFile, options: ReadingOptions, stack: ExitStack) -> None:
        self._engine = enter_engine(options, stack)
        self._core, self._term = core, _OF_CORE[core.row_type]
        self._kept = ("core_id", *(_OF_ANIMAL if core.row_type == "Occurrence" else TERMS))
        self._create("core", self._kept)
        self._create("measurement", ("core_id", *MEASUREMENT_TERMS))

    def add_core(self, rows: pa.Table) -> None:
        """Take in rows of the core, as `texts_of` has them."""
        self._insert("core", rows, self._kept)

    def add_measurements(self, rows: pa.Table) -> None:
        """Take in rows of measurements, as `texts_of` has them."""
        self._insert("measurement", rows, ("core_id", *MEASUREMENT_TERMS))

    def count_repeated(self) -> tuple[int, str | None]:
        """Core rows whose id another one has, or that have none; and one such id."""
        n_rows, example = self._engine.execute(_COUNT_REPEATED).fetchone() or (0, None)
        return int(n_rows), example

    def choose_keys(self, table: str) -> tuple[Keys, Keys]:
        """The keys that most rows of a table resolve by, and those that meta.xml declares, which win ties.

        A row resolves where exactly one core row has its id.
        """
        pairs = [(core, given) for core in ("core_id", self._term) for given in ("core_id", self._term)]
        tried = [Keys(core, given, self._count_resolved(table, core, given)) for core, given in pairs]
        return max(tried, key=lambda keys: keys.n_resolved), tried[0]

    def drop_repeated(self, keys: Keys) -> None:
        """Drop core rows that an id does not name for certain."""
        self._engine.execute(_DROP_REPEATED.format(core=keys.core))

    def register(self, rows: pa.Table) -> None:
        """Make these the rows ``occurrence``."""
        self._engine.register("occurrence", rows)

    def sort(self, keys: Keys | None) -> pa.Table:
        """The occurrences, joined with their events where there are `keys`, with the ``fate`` of each; empty for fixes.

        ``stamp`` is the eventDate with seconds.
        """
        joined = "SELECT * FROM occurrence"
        if keys is not None:
            terms = ", ".join(f"coalesce(o.{term}, e.{term}) AS {term}" for term in TERMS)
            joined = f"SELECT o.number, o.line, o.is_broken, {terms} FROM occurrence o LEFT JOIN core e ON e.{keys.core} = o.{keys.extension}"  # noqa: E501, S608 - our names
        receivers = list(load_phrases("receiver"))
        return self._engine.execute(
            _SORT.format(joined=joined, minute=_MINUTE, moment=_MOMENT, stand_in=_STAND_IN), {"receivers": receivers}
        ).to_arrow_table()

    def measured(self, keys: Keys) -> list[tuple[str | None, str, str | None, str | None]]:
        """Study, animal, sex and life stage as measured; only where occurrences are the core."""
        return self._engine.execute(_MEASURED.format(core=keys.core, extension=keys.extension)).fetchall()

    def _create(self, table: str, columns: Sequence[str]) -> None:
        self._engine.execute(f"CREATE TABLE {table} ({', '.join(f'{name} VARCHAR' for name in columns)})")

    def _insert(self, table: str, given: pa.Table, columns: Sequence[str]) -> None:
        self._engine.register("given", given)
        names = ", ".join(columns)
        self._engine.execute(f"INSERT INTO {table} SELECT {names} FROM given WHERE NOT is_broken")  # noqa: S608 - ours

    def _count_resolved(self, table: str, core: str, extension: str) -> int:
        query = _COUNT_RESOLVED.format(table=table, core=core, extension=extension)
        found = self._engine.execute(query).fetchone()
        return int(found[0]) if found else 0


def texts_of(rows: Sequence[Row], table: DataFile, terms: Sequence[str] = TERMS) -> pa.Table:
    """Rows as a table of texts: ``number, line, is_broken, core_id`` and the terms, with their defaults."""
    cells = list(zip_longest(*(row.cells or () for row in rows)))
    columns: dict[str, pa.Array] = {
        "number": pa.array([row.number for row in rows], pa.int64()),
        "line": pa.array([row.line for row in rows], pa.int64()),
        "is_broken": pa.array([row.cells is None for row in rows], pa.bool_()),
        "core_id": _texts(cells, table.id_index, len(rows)),
    }
    for term in terms:
        default = table.defaults.get(term)
        given = _texts(cells, table.indices.get(term), len(rows))
        columns[term] = given if default is None else pc.fill_null(given, default)
    return pa.table(columns)


def _texts(cells: list[tuple[str | None, ...]], index: int | None, n_rows: int) -> pa.Array:
    """The cells of a column, stripped; null where they are empty, NA or missing."""
    if index is None or index >= len(cells):
        return pa.nulls(n_rows, pa.string())
    texts = pc.utf8_trim_whitespace(pa.array(cells[index], pa.string()))
    return pc.if_else(pc.is_in(texts, value_set=pa.array(_NULLS)), pa.scalar(None, pa.string()), texts)


def in_batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows, a few ten thousand at a time."""
    while batch := list(islice(rows, ROWS_A_BATCH)):
        yield batch


def wrong_keys(chosen: Keys, declared: Keys, name: str) -> Finding:
    """The finding that ids declared by meta.xml do not resolve, where those of a term do."""
    message = "By the ids that meta.xml declares, these rows name no one core row; they were joined by a term instead."
    is_core = chosen.core != declared.core
    example = f"{chosen.core} for the id of the core" if is_core else f"{chosen.extension} for coreid"
    n_rows = chosen.n_resolved - declared.n_resolved
    hint = "Correct the indexes of id and coreid in meta.xml."
    return Finding("core-id", message, n_rows, place=Place(name, None, "coreid"), example=example, hint=hint)
