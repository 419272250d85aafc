"""One file of Movebank reference data: animals and their deployments; it holds no fixes."""

from collections.abc import Mapping
from contextlib import ExitStack
from types import MappingProxyType, TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from wildways.model import TABLES, Place, Source
from wildways.readers.contract import Account, ReadingOptions, no_fixes, reader_schema
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.movebank_events import set_time_zone
from wildways.readers.movebank_findings import make_finding
from wildways.readers.parsing import open_parser, parse

_NAMES = MappingProxyType(
    {
        "animal-id": "animal_text",
        "tag-id": "tag_text",
        "animal-taxon": "taxon_text",
        "animal-sex": "sex_text",
        "animal-life-stage": "life_stage",
        "animal-ring-id": "ring_id",
        "deploy-on-date": "on_text",
        "deploy-off-date": "off_text",
        "deployment-id": "deployment_text",
        "manipulation-type": "manipulation",
        "study-name": "study_text",
    }
)
_FIELD_OF = MappingProxyType(
    {
        "no-animal": "animal-id",
        "deployment-repeated": "deployment-id",
        "date-unreadable": "deploy-on-date",
        "sex-unreadable": "animal-sex",
        "study-assumed": "study-name",
    }
)

_JUDGE = """
, typed AS (
    SELECT *,
        row_number() OVER () AS position,
        coalesce(study_text, $study) AS study_id,
        coalesce(deployment_text, concat_ws(' ', tag_text, animal_text, on_text)) AS deployment_id,
        TRY_CAST(on_text AS TIMESTAMPTZ) AS on_utc, TRY_CAST(off_text AS TIMESTAMPTZ) AS off_utc,
        map {'m': 'm', 'male': 'm', 'f': 'f', 'female': 'f', 'u': 'u', 'unknown': 'u'}[lower(sex_text)] AS sex
    FROM parsed
)
SELECT
    CASE
        WHEN animal_text IS NULL OR trim(animal_text) = '' THEN 'no-animal'
        WHEN row_number() OVER (PARTITION BY study_id, deployment_id, animal_text IS NULL ORDER BY position) > 1
            THEN 'deployment-repeated'
    END AS reason,
    CASE WHEN reason = 'deployment-repeated' THEN deployment_id END AS example,
    CASE WHEN on_utc IS NULL AND on_text IS NOT NULL THEN on_text
         WHEN off_utc IS NULL AND off_text IS NOT NULL THEN off_text END AS unreadable_date,
    CASE WHEN sex IS NULL AND sex_text IS NOT NULL THEN sex_text END AS unreadable_sex,
    study_text IS NULL AS is_study_assumed,
    study_id, animal_text AS organism_id, coalesce(taxon_text, $taxon) AS taxon, sex, life_stage, ring_id,
    deployment_id, tag_text AS tag_id,
    CASE WHEN isfinite(on_utc) THEN on_utc END AS deploy_on_utc,
    CASE WHEN isfinite(off_utc) THEN off_utc END AS deploy_off_utc,
    manipulation
FROM typed ORDER BY position"""

_FINDINGS = """
WITH row AS (SELECT * FROM read_parquet($table, file_row_number = true))
SELECT reason, count(*), min(file_row_number), arg_min(example, file_row_number)
FROM row WHERE reason IS NOT NULL GROUP BY reason
UNION ALL
SELECT 'date-unreadable', count(*), min(file_row_number), arg_min(unreadable_date, file_row_number)
FROM row WHERE reason IS NULL AND unreadable_date IS NOT NULL
UNION ALL
SELECT 'sex-unreadable', count(*), min(file_row_number), arg_min(unreadable_sex, file_row_number)
FROM row WHERE reason IS NULL AND unreadable_sex IS NOT NULL
UNION ALL
SELECT 'study-assumed', count(*), min(file_row_number), $study
FROM row WHERE reason IS NULL AND is_study_assumed AND $is_study_a_guess"""

_TABLES = MappingProxyType(
    {
        "study": """
SELECT DISTINCT study_id, study_id AS name
FROM read_parquet($table) WHERE reason IS NULL ORDER BY study_id""",
        "organism": """
SELECT study_id, organism_id, min(taxon) AS taxon, min(sex) AS sex, min(life_stage) AS life_stage,
    min(ring_id) AS ring_id
FROM read_parquet($table) WHERE reason IS NULL GROUP BY study_id, organism_id ORDER BY study_id, organism_id""",
        "deployment": """
SELECT study_id, deployment_id, organism_id, tag_id, deploy_on_utc, deploy_off_utc, manipulation
FROM read_parquet($table) WHERE reason IS NULL ORDER BY study_id, deployment_id""",
    }
)


class ReferenceReading:
    """A file of reference data being read; see `Reading`."""

    def __init__(self, head: CsvHead, fields: FieldMap, source: Source, options: ReadingOptions) -> None:
        self._head, self._fields, self._source, self._options = head, fields, source, options
        self._stack = ExitStack()
        self.names_study = "study-name" in fields or source.study is not None
        self._study = source.study or options.study or source.id

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            engine, scratch = open_parser(stack, self._options)
            if self._source.time_zone is not None:
                set_time_zone(engine, self._source.time_zone, self._head.name)
            given = {"study": self._study, "taxon": self._source.taxon}
            self._parsed = parse(self._head, self._fields, _NAMES, _JUDGE, given, engine, scratch)
            self.account = self._account()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def fixes(self) -> pa.RecordBatchReader:
        """No fixes."""
        return no_fixes()

    def tables(self) -> Mapping[str, pa.Table]:
        """The studies, animals and deployments."""
        given = {"table": str(self._parsed.table)}
        return {
            name: self._parsed.engine.execute(query, given).to_arrow_table().cast(reader_schema(TABLES[name]))
            for name, query in _TABLES.items()
        }

    def _account(self) -> Account:
        is_guess = self._source.study is None and self._options.study is None
        given = {"table": str(self._parsed.table), "study": self._study, "is_study_a_guess": is_guess}
        found = [row for row in self._parsed.engine.execute(_FINDINGS, given).fetchall() if row[1]]
        rows = {code: int(self._parsed.rows_of(np.array([index]))[0]) for code, _, index, _ in found}
        lines = self._parsed.lines_of(rows.values())
        findings = self._parsed.rejects() + [
            make_finding(code, n_rows, self._place(code, lines[rows[code]]), example)
            for code, n_rows, _, example in found
        ]
        n_refused = sum(finding.n_rows for finding in findings if finding.refused)
        return Account(self._parsed.n_rows, self._parsed.n_rows - n_refused, tuple(findings))

    def _place(self, code: str, line: int) -> Place:
        return Place(self._head.name, line, self._fields.column(_FIELD_OF[code]))
