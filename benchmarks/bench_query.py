"""Evidence of one species in one country out of many fixes, warm. Prints one JSON object.

The store is filled as an ingest fills it: 25 files, every second one of a single species, the others of
four species mixed animal by animal, 5,000 fixes an animal, 20 species, 30 countries; one fix in 500 may lie in either
of two countries. A question is everything up to the last record in memory, geometry and provenance included.

``--rows 50e6`` for the figure of the README; ``--keep FOLDER`` to fill the store once.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from timing import print_result
from wildways.store import Evidence, Workspace
from wildways.store.history import Commit
from wildways.store.parquet_files import ROW_GROUP_ROWS
from wildways.store.records import Records
from wildways.taxonomy import taxa

N_ROWS = 10_000_000
N_FILES = 25
N_RUNS = 7
COUNTRIES = """
ARG BOL BWA CHN DEU EGY ESP ETH FRA GEO IND IRN ISR KAZ KEN MLI MNG NAM NOR NPL PAK POL PRY RUS SDN SEN TCD TUR USA ZAF
"""

_FILE = """
INSERT INTO lake.source_file BY NAME SELECT $file AS file_no, repeat('0', 64) AS source_file_id, 'tracks' AS module_id,
    'study-' || $file AS source_id, 'data/study-' || $file || '.csv' AS path, 1 AS bytes, 'movebank-csv' AS reader,
    '{}' AS settings, now() AS ingested_utc, $n AS n_rows, $n AS n_kept"""
_FIXES = """
WITH row AS (SELECT range AS i, range // 5000 AS animal FROM range($n)),
of_species AS (
    SELECT *, CASE WHEN $file % 2 = 0 THEN $file ELSE animal % 4 + $file END % 20 AS species,
        ($species[1 + (CASE WHEN $file % 2 = 0 THEN $file ELSE animal % 4 + $file END % 20)]) AS name FROM row
)
SELECT i + 1 AS source_row, 'Study ' || $file AS study_id, printf('%d-%05d', $file, animal)
    AS organism_id, 'T' || animal AS tag_id, name AS taxon, name AS accepted_taxon, 'gps' AS sensor_type,
    TIMESTAMPTZ '2012-01-01 00:00:00Z' + to_seconds(i % 5000 * 3600 + animal * 86400) AS time_utc,
    species * 17 % 350 - 175 + sin(i / 1000.0) * 5 AS longitude,
    species * 7 % 120 - 60 + cos(i / 777.0) * 5 AS latitude, 10.0 + i % 7 AS uncertainty_m, true AS visible,
    $country[1 + (species * 3 + i % 5000 // 1000) % 30] AS country,
    CASE WHEN i % 500 = 0 THEN $country[1 + (species * 3 + i % 5000 // 1000) % 30] || ' '
        || $country[1 + (species * 3 + 1 + i % 5000 // 1000) % 30] END AS countries
FROM of_species"""
_ANIMALS = """
INSERT INTO lake.organism BY NAME
SELECT DISTINCT file_no, study_id, organism_id, taxon, accepted_taxon FROM lake.fix WHERE file_no = $file"""


def main() -> None:
    """Fill a store, ask it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=N_ROWS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-query-") as scratch:
        folder = given.keep or Path(scratch)
        if not (folder / "catalogue.sqlite").exists():
            _fill(folder, given.rows // N_FILES)
        with Workspace.open(folder, read_only=True) as workspace:
            _measure(Evidence(workspace), workspace.counts()["fix"])


def _fill(folder: Path, n_rows: int) -> None:
    species = _species()
    with Workspace.open(folder) as workspace:
        for number in range(1, N_FILES + 1):
            with workspace.writing() as connection:
                connection.execute(_FILE, {"file": number, "n": n_rows})
                given = {"file": number, "n": n_rows, "species": species, "country": COUNTRIES.split()}
                fixes = map(_encoded, connection.cursor().execute(_FIXES, given).to_arrow_reader(ROW_GROUP_ROWS))
                first = next(fixes)
                records = Records(connection, folder, Commit("fill"), "tracks", f"study-{number}")
                records.add_fixes(number, first.schema, chain([first], fixes), lambda _: None)
                connection.execute(_ANIMALS, {"file": number})


def _encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Texts as dictionaries, as they come from the readers."""
    columns = [column.dictionary_encode() if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _species() -> list[str]:
    return sorted(taxon.scientific_name for taxon in taxa().values() if taxon.group == "ungulates")[:20]


def _measure(evidence: Evidence, n_fixes: int) -> None:
    species, country = _species()[7], "POL"
    n_found = evidence.records(taxon=species, country=country).num_rows
    records_s, records_cpu_s = _medians(lambda: evidence.records(taxon=species, country=country))
    counts_s, _ = _medians(lambda: evidence.counts(taxon=species, country=country))
    period_s, _ = _medians(lambda: evidence.records(taxon=species, country=country, period="2012-06"))
    frame_s, _ = _medians(lambda: evidence.frame(taxon=species, country=country), n_runs=3)
    all_s, _ = _medians(evidence.counts, n_runs=1)
    print_result(
        "query",
        n_fixes=n_fixes,
        n_found=n_found,
        n_runs=N_RUNS,
        cores=len(os.sched_getaffinity(0)),
        records_wall_s=records_s,
        records_cpu_s=records_cpu_s,
        limit_wall_s=0.5,
        counts_wall_s=counts_s,
        one_month_wall_s=period_s,
        geodataframe_wall_s=frame_s,
        counts_of_everything_wall_s=all_s,
    )


def _medians(work: Callable[[], object], *, n_runs: int = N_RUNS) -> tuple[float, float]:
    """Median wall and CPU seconds after one run that does not count."""
    work()
    runs = []
    for _ in range(n_runs):
        start = time.perf_counter(), time.process_time()
        work()
        runs.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, cpu = (statistics.median(seconds) for seconds in zip(*runs, strict=True))
    return round(wall, 3), round(cpu, 3)


if __name__ == "__main__":
    main()
