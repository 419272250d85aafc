"""Many downloads of events become one table: one row an event, the latest version of each, in a fixed order."""
# ruff: noqa: S608 - names and paths are quoted; the rest are constants of this file

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wildways.connectors.files import put_in_place
from wildways.connectors.tables import read_columns
from wildways.model import Corrupt, LimitReached, Place
from wildways.readers import open_engine, quote, quote_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "1GB"
THREADS = 2
SLICE_ROWS = 200_000
"""Rows that are sorted at once."""

_SAMPLE_A_SLICE = 200

_FIRST = ("event_id", "visible", "timestamp", "location_long", "location_lat")
_LAST = (
    "update_ts",
    "sensor_type_id",
    "sensor_type",
    "individual_taxon_canonical_name",
    "tag_local_identifier",
    "individual_local_identifier",
    "study_name",
    "deployment_id",
    "individual_id",
    "tag_id",
)
_COMPARED = ("update_ts", "timestamp", "location_long", "location_lat", "visible", "individual_local_identifier")
_LONGEST_LINE = 1 << 21
"""The engine reserves sixteen times as much for each file that it reads."""

_OURS = "SELECT given.* FROM given SEMI JOIN asked ON sensor_type_id = asked.id"

_LATEST = f"""
WITH ours AS ({_OURS}), twice AS (SELECT hash(event_id) AS key FROM ours GROUP BY key HAVING count(*) > 1)
SELECT * FROM ours ANTI JOIN twice ON hash(event_id) = key
UNION ALL
SELECT * FROM ours SEMI JOIN twice ON hash(event_id) = key
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY update_ts DESC NULLS LAST, part DESC) = 1"""
"""Only events that may have come more than once are compared, so that memory follows them and not the study."""

_KEPT = """
SELECT stored.* FROM stored SEMI JOIN asked ON sensor_type_id = asked.id
ANTI JOIN replaced ON stored.tag_id = replaced.id ANTI JOIN latest USING (event_id)"""

_CAME = """
SELECT count(*), count(*) FILTER (asked.id IS NULL), count(*) FILTER (event_id IS NULL)
FROM given LEFT JOIN asked ON sensor_type_id = asked.id"""

_COUNTS = """
SELECT
    (SELECT count(*) FROM stored),
    (SELECT count(*) FROM latest ANTI JOIN stored USING (event_id)),
    (SELECT count(*) FROM latest JOIN stored USING (event_id) WHERE {differs}),
    (SELECT count(*) FROM stored ANTI JOIN latest USING (event_id) ANTI JOIN kept USING (event_id))"""

_SAMPLE = """
SELECT coalesce(tag_id, ''), coalesce(timestamp, '')
FROM (SELECT tag_id, timestamp FROM latest UNION ALL SELECT tag_id, timestamp FROM kept) USING SAMPLE {n_rows} ROWS
ORDER BY ALL"""

_BELOW = """(coalesce(tag_id, '') < {tag} OR (coalesce(tag_id, '') = {tag} AND coalesce(timestamp, '') < {time}))"""

_SLICE = """
SELECT {columns} FROM (SELECT * FROM latest UNION ALL BY NAME SELECT * FROM kept) AS merged
LEFT JOIN asked ON merged.sensor_type_id = asked.id
WHERE {within}
ORDER BY coalesce(tag_id, ''), coalesce(timestamp, ''), TRY_CAST(event_id AS HUGEINT), event_id"""


@dataclass(frozen=True)
class Merged:
    """What became of the rows: ``n_rows = rows before + n_added - n_removed``.

    Parameters
    ----------
    n_downloaded : rows that came, counting each as often as it came
    n_foreign : of them, rows of sensors that were not asked for; they are left out
    n_changed : events that were there and now say something else
    n_removed : events that are no longer there
    """

    n_rows: int
    n_downloaded: int
    n_foreign: int
    n_added: int
    n_changed: int
    n_removed: int


def merge_events(
    parts: Sequence[Path],
    target: Path,
    *,
    keep_stored: bool,
    replaced_tags: Sequence[str],
    sensors: Mapping[int, str],
    study_name: str,
) -> Merged:
    """Merge downloads into a table of events.

    Of several versions of an event the one updated last counts, then the one downloaded last; a download counts more
    than what is stored. Rows are sorted by tag, time and event: the same events give the same bytes.

    Parameters
    ----------
    parts : downloads in the order in which they came: CSV with ``event_id, tag_id, timestamp, sensor_type_id``
    target : the table, replaced in one step
    keep_stored : whether events of the table that did not come now stay
    replaced_tags : tag ids whose stored events do not stay in any case
    sensors : sensor id → name; rows of others are left out
    study_name : put into every row

    Raises
    ------
    Corrupt : an event has no id
    LimitReached : there is not enough memory or disk
    """
    partial = target.with_name(f"{target.name}.partial")
    with (
        tempfile.TemporaryDirectory(dir=parts[0].parent if parts else None, prefix="merge-") as scratch,
        _open(Path(scratch)) as connection,
        _Links(target.parent) as links,
    ):
        _define_lists(connection, sensors, replaced_tags)
        stored = [target] if target.is_file() else []
        columns = _columns([*parts, *stored])
        _define(connection, "given", _union(parts, columns, links))
        _define(connection, "stored", _union(stored, columns, links))
        _define(connection, "latest", _LATEST)
        _define(connection, "kept", _KEPT if keep_stored else f"{_KEPT} WHERE false")
        merged = _count(connection, target)
        _write(connection, partial, merged.n_rows, _selected(columns, study_name), Path(scratch) / "slice.csv")
    put_in_place(partial, target)
    return merged


@contextmanager
def _open(scratch: Path) -> Iterator["DuckDBPyConnection"]:
    """An engine whose tables lie on the disk."""
    import duckdb

    try:
        with open_engine(memory_limit=MEMORY_LIMIT, threads=THREADS, spill_folder=scratch / "spill") as connection:
            connection.execute(f"ATTACH {quote(str(scratch / 'work.duckdb'))} AS work")
            connection.execute("USE work; SET preserve_insertion_order = false")
            yield connection
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise LimitReached(
            "merge-space",
            f"The downloads could not be merged for want of memory or disk: {str(error).splitlines()[0]}",
            hint=f"Make room beside {scratch.parent}; what was downloaded is kept.",
        ) from error


class _Links:
    """Names of files in which the engine sees no pattern."""

    def __init__(self, folder: Path) -> None:
        self._is_plain = not set("*?[") & set(str(folder))
        self._n_links = 0

    def __enter__(self) -> "_Links":
        self._folder = tempfile.TemporaryDirectory(prefix="wildways-")
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def name(self, file: Path) -> str:
        if self._is_plain:
            return str(file)
        self._n_links += 1
        link = Path(self._folder.name) / f"{self._n_links}.csv"
        link.symlink_to(file.absolute())
        return str(link)


def _define(connection: "DuckDBPyConnection", name: str, query: str) -> None:
    connection.execute(f"CREATE TABLE {name} AS {query}")


def _define_lists(connection: "DuckDBPyConnection", sensors: Mapping[int, str], replaced_tags: Iterable[str]) -> None:
    connection.execute("CREATE TABLE asked (id VARCHAR, name VARCHAR)")
    for number, name in sensors.items():
        connection.execute("INSERT INTO asked VALUES (?, ?)", [str(number), name])
    connection.execute("CREATE TABLE replaced (id VARCHAR)")
    for tag in replaced_tags:
        connection.execute("INSERT INTO replaced VALUES (?)", [tag])


def _columns(files: Iterable[Path]) -> list[str]:
    found = {column for file in files for column in read_columns(file)}
    return [*_FIRST, *sorted(found - {*_FIRST, *_LAST}), *_LAST]


def _union(files: Sequence[Path], columns: Sequence[str], links: _Links) -> str:
    """All rows of files whose columns may differ, with the number of the file as ``part``."""
    none = ", ".join(f"NULL::VARCHAR AS {quote_name(column)}" for column in columns)
    selects = [f"SELECT {none}, 0 AS part WHERE false"]
    for number, file in enumerate(files):
        kinds = ", ".join(f"{quote(column)}: 'VARCHAR'" for column in read_columns(file))
        selects.append(
            f"SELECT *, {number} AS part FROM read_csv({quote(links.name(file))}, columns = {{{kinds}}}, "
            f"auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
            f"max_line_size = {_LONGEST_LINE})"
        )
    return " UNION ALL BY NAME ".join(selects)


def _count(connection: "DuckDBPyConnection", target: Path) -> Merged:
    differs = " OR ".join(f"latest.{column} IS DISTINCT FROM stored.{column}" for column in _COMPARED)
    ((n_downloaded, n_foreign, n_nameless),) = connection.execute(_CAME).fetchall()
    (counts,) = connection.execute(_COUNTS.format(differs=differs)).fetchall()
    n_before, n_added, n_changed, n_removed = counts
    if n_nameless:
        raise Corrupt("event-without-id", f"{n_nameless} events came without their event_id.", place=Place(target))
    return Merged(n_before + n_added - n_removed, n_downloaded, n_foreign, n_added, n_changed, n_removed)


def _selected(columns: Sequence[str], study_name: str) -> str:
    special = {"sensor_type": "asked.name AS sensor_type", "study_name": f"{quote(study_name)} AS study_name"}
    return ", ".join(special.get(column, f"merged.{quote_name(column)}") for column in columns)


def _write(connection: "DuckDBPyConnection", target: Path, n_rows: int, columns: str, scratch: Path) -> None:
    """Write the rows in order, a slice after the other, so that sorting takes the memory of a slice."""
    with target.open("wb") as stream:
        for number, within in enumerate(_slices(connection, n_rows)):
            query = _SLICE.format(columns=columns, within=within)
            options = f"FORMAT csv, HEADER {str(number == 0).lower()}, QUOTE '\"', ESCAPE '\"'"
            connection.execute(f"COPY ({query}) TO {quote(str(scratch))} ({options})")
            with scratch.open("rb") as written:
                shutil.copyfileobj(written, stream)


def _slices(connection: "DuckDBPyConnection", n_rows: int) -> list[str]:
    """Conditions that part the rows, in order, into slices of about `SLICE_ROWS`."""
    n_slices = -(-n_rows // SLICE_ROWS)
    if n_slices < 2:
        return ["true"]
    sample = connection.execute(_SAMPLE.format(n_rows=_SAMPLE_A_SLICE * n_slices)).fetchall()
    edges = list(dict.fromkeys(sample[number * len(sample) // n_slices] for number in range(1, n_slices)))
    below = [_BELOW.format(tag=quote(tag), time=quote(time)) for tag, time in edges]
    lower = ["true", *(f"NOT {condition}" for condition in below)]
    return [f"{low} AND {high}" for low, high in zip(lower, [*below, "true"], strict=True)]
