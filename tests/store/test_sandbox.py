"""SQL of anybody's: one SELECT over the evidence, and nothing else can be read or changed."""
# ruff: noqa: S608 - the SQL is the input

import hashlib
from pathlib import Path

import pytest

from tests.store.evidence_rows import DEER, write_atlas
from wildways.model import Atlas, BadInput, LimitReached, NotAllowed, NotFound, open_atlas
from wildways.store import EVIDENCE, query_sql
from wildways.store.sandbox import VIEWS


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """An atlas with evidence of every kind."""
    return open_atlas(write_atlas(tmp_path_factory.mktemp("sandbox") / "atlas"))


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder and what is in it; the catalogue's locks aside."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix not in (".sqlite-shm",))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_common_rows_and_every_table_can_be_selected_from(atlas: Atlas) -> None:
    one = query_sql(atlas, "SELECT * FROM evidence ORDER BY kind, source_row")
    assert one.is_complete
    assert one.table.num_rows == 17
    assert tuple(one.table.column_names) == EVIDENCE.column_names
    assert one.table["geometry"].null_count == 3
    both = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS n FROM {name}" for name in VIEWS)
    counts = {row["name"]: row["n"] for row in query_sql(atlas, both).table.to_pylist()}
    assert counts["organism"] == 2
    assert counts["fix"] == 5
    assert counts["evidence"] == 17


def test_ordinary_sql_works(atlas: Atlas) -> None:
    sql = f"""WITH deer AS (SELECT * FROM evidence WHERE accepted_taxon = '{DEER}')
        SELECT licence, count(*) AS n FROM deer, unnest([1]) AS once GROUP BY licence ORDER BY licence"""
    assert query_sql(atlas, sql).table.to_pylist() == [{"licence": "CC-BY-4.0", "n": 3}, {"licence": "CC0-1.0", "n": 1}]
    assert query_sql(atlas, "DESCRIBE evidence").table.num_rows == len(EVIDENCE.columns)
    assert query_sql(atlas, "SHOW TABLES").table.num_rows > len(VIEWS) - 1


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("COPY fix TO '{folder}/stolen.csv'", "sql-statement"),
        ("COPY (SELECT * FROM fix) TO '{folder}/.wildways/evidence/stolen.csv'", "sql-statement"),
        ("EXPORT DATABASE '{folder}/stolen'", "sql-statement"),
        ("ATTACH '{folder}/other.db' AS other", "sql-statement"),
        ("DETACH lake", "sql-statement"),
        ("INSTALL httpfs", "sql-statement"),
        ("LOAD spatial", "sql-statement"),
        ("SET enable_external_access = true", "sql-statement"),
        ("RESET lock_configuration", "sql-statement"),
        ("PRAGMA database_list", "sql-statement"),
        ("CALL ducklake_expire_snapshots('lake', older_than => now())", "sql-statement"),
        ("DELETE FROM fix", "sql-statement"),
        ("DELETE FROM lake.fix", "sql-statement"),
        ("INSERT INTO lake.study VALUES (1, 'x', 'x')", "sql-statement"),
        ("UPDATE lake.fix SET longitude = 0", "sql-statement"),
        ("DROP TABLE lake.fix", "sql-statement"),
        ("CREATE TABLE lake.mine AS SELECT 1", "sql-statement"),
        ("CREATE OR REPLACE VIEW fix AS SELECT 1", "sql-statement"),
        ("BEGIN TRANSACTION", "sql-statement"),
        ("SELECT 1; SELECT 2", "sql-statement"),
        ("SELECT 1; DROP TABLE lake.fix", "sql-statement"),
        ("EXPLAIN SELECT 1", "sql-statement"),
        ("", "sql-statement"),
        ("SELECT * FROM lake.fix", "sql-table"),
        ("SELECT * FROM __ducklake_metadata_lake.ducklake_snapshot", "sql-table"),
        ("WITH \"lake.fix\" AS (SELECT 1) SELECT * FROM lake.fix", "sql-table"),
        ("SELECT * FROM '/etc/passwd'", "sql-table"),
        ("SELECT * FROM '{folder}/.wildways/catalogue.sqlite'", "sql-table"),
        ("DESCRIBE '/etc/passwd'", "sql-table"),
        ("SELECT (SELECT count(*) FROM information_schema.tables)", "sql-table"),
        ("SELECT * FROM read_csv('/etc/passwd')", "sql-function"),
        ("SELECT * FROM read_text('/etc/passwd')", "sql-function"),
        ("SELECT 1 WHERE EXISTS (FROM glob('/etc/*'))", "sql-function"),
        ("SELECT * FROM fix AS f, LATERAL (SELECT * FROM read_blob(f.taxon))", "sql-function"),
        ("SELECT * FROM sqlite_scan('{folder}/.wildways/catalogue.sqlite', 'ducklake_snapshot')", "sql-function"),
        ("SELECT * FROM sqlite_query('__ducklake_metadata_lake', 'DELETE FROM ducklake_snapshot')", "sql-function"),
        ("SELECT * FROM ducklake_cleanup_old_files('lake', cleanup_all => true)", "sql-function"),
        ("SELECT * FROM parquet_scan('{folder}/.wildways/evidence/**/*.parquet')", "sql-function"),
        ("SELECT * FROM query('SELECT 1')", "sql-function"),
        ("SELECT * FROM query_table('fix')", "sql-function"),
        ("SELECT * FROM duckdb_settings()", "sql-function"),
    ],
)  # fmt: skip
def test_whatever_is_not_a_question_to_the_evidence_is_refused_and_changes_nothing(
    atlas: Atlas, sql: str, code: str
) -> None:
    before = state(atlas.folder)
    with pytest.raises(NotAllowed) as caught:
        query_sql(atlas, sql.replace("{folder}", str(atlas.folder)))
    assert caught.value.code == code
    assert state(atlas.folder) == before


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT colour FROM fix", "SELECT CAST('x' AS INTEGER)", "SELECT $1", "SELECT sin('a', 'b')"]
)
def test_wrong_sql_is_bad_input_and_says_what_is_wrong(atlas: Atlas, sql: str) -> None:
    with pytest.raises(BadInput) as caught:
        query_sql(atlas, sql)
    assert caught.value.code == "sql-error"


def test_a_query_without_end_is_stopped(atlas: Atlas) -> None:
    with pytest.raises(LimitReached) as caught:
        query_sql(atlas, "SELECT count(*) FROM range(1000000000000) AS a", timeout_seconds=0.5)
    assert caught.value.code == "sql-timeout"


def test_a_long_answer_is_cut_and_says_so(atlas: Atlas) -> None:
    cut = query_sql(atlas, "SELECT * FROM range(100000)", max_rows=7)
    assert (cut.table.num_rows, cut.is_complete) == (7, False)
    whole = query_sql(atlas, "SELECT * FROM range(7)", max_rows=7)
    assert (whole.table.num_rows, whole.is_complete) == (7, True)


def test_an_earlier_snapshot_can_be_asked_and_an_unknown_one_not(atlas: Atlas) -> None:
    assert query_sql(atlas, "SELECT count(*) AS n FROM site", snapshot=2).table["n"].to_pylist() == [0]
    with pytest.raises(NotFound):
        query_sql(atlas, "SELECT 1", snapshot=1000)
