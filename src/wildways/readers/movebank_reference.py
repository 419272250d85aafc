"""One file of Movebank reference data: animals and their deployments; it holds no fixes."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Self

import pyarrow as pa

from wildways.model import TABLES, Source
from wildways.readers.contract import Account, ReadingOptions, no_fixes, reader_schema
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.movebank_findings import make_account
from wildways.readers.parsing import CsvParser
from wildways.readers.projection import set_time_zone
from wildways.readers.tally import Tally

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
        "deployment-repeated": "deployment-id",
        "date-unreadable": "deploy-on-date",
        "sex-unreadable": "animal-sex",
        "study-assumed": "study-name",
    }
)

_REMARKS = ("date-unreadable", "sex-unreadable", "study-assumed")

_JUDGE = """
, typed AS (
    SELECT *,
        row_number() OVER () AS position,
        coalesce(study_text, $study) AS study_id,
        coalesce(deployment_text, concat_ws(' ', tag_text, animal_text, on_text)) AS deployment_id,
        TRY_CAST(on_text AS TIMESTAMPTZ) AS on_utc, TRY_CAST(off_text AS TIMESTAMPTZ) AS off_utc,
        map {'m': 'm', 'male': 'm', 'f': 'f', 'female': 'f', 'u': 'u', 'unknown': 'u'}[lower(sex_text)] AS sex
    FROM parsed
), judged AS (
    SELECT *,
        CASE
            WHEN animal_text IS NULL OR trim(animal_text) = '' THEN 'no-animal'
            WHEN row_number() OVER (PARTITION BY study_id, deployment_id, animal_text IS NULL ORDER BY position) > 1
                THEN 'deployment-repeated'
        END AS reason,
        CASE WHEN on_utc IS NULL AND on_text IS NOT NULL THEN on_text
             WHEN off_utc IS NULL AND off_text IS NOT NULL THEN off_text END AS unreadable_date,
        CASE WHEN sex IS NULL AND sex_text IS NOT NULL THEN sex_text END AS unreadable_sex
    FROM typed
)
SELECT
    reason,
    CASE WHEN reason = 'deployment-repeated' THEN deployment_id END AS example,
    unreadable_date AS "date-unreadable", unreadable_sex AS "sex-unreadable",
    CAST(CASE WHEN reason IS NOT NULL THEN 0
         ELSE if(unreadable_date IS NOT NULL, 1, 0) + if(unreadable_sex IS NOT NULL, 2, 0)
            + if($is_study_a_guess AND study_text IS NULL, 4, 0) END AS UTINYINT) AS remarks,
    study_id, study_id AS name, animal_text AS organism_id, coalesce(taxon_text, $taxon) AS taxon,
    sex, life_stage, ring_id, deployment_id, tag_text AS tag_id,
    CASE WHEN isfinite(on_utc) THEN on_utc END AS deploy_on_utc,
    CASE WHEN isfinite(off_utc) THEN off_utc END AS deploy_off_utc,
    manipulation
FROM judged ORDER BY position"""

_KEYS = MappingProxyType(
    {
        "study": ["study_id"],
        "organism": ["study_id", "organism_id"],
        "deployment": ["study_id", "deployment_id"],
    }
)


class ReferenceReading:
    """A file of reference data being read; see `Reading`."""

    def __init__(self, head: CsvHead, fields: FieldMap, source: Source, options: ReadingOptions) -> None:
        self._head, self._fields, self._source = head, fields, source
        self._options = replace(options, is_thorough=True)
        self._stack = ExitStack()
        self.names_study = "study-name" in fields or source.study is not None
        self.account = Account(0, 0)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            parser = CsvParser(self._head, self._fields, _NAMES, self._options, stack)
            if self._source.time_zone is not None:
                set_time_zone(parser.engine, self._source.time_zone, self._head.name)
            tally, kept = Tally(_REMARKS), []
            for batch in parser.stream(_JUDGE, self._parameters()):
                tally.add(batch)
                kept.append(batch.filter(batch["reason"].is_null()))
            self.account = make_account(self._head, tally, parser, self._fields, _FIELD_OF, "animal-id")
            self._kept = pa.Table.from_batches(kept) if kept else None
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
        """The studies, animals and deployments; of several values for one animal the first in order of the alphabet."""
        if self._kept is None:
            return {}
        return {name: _distinct(self._kept, name, keys) for name, keys in _KEYS.items()}

    def _parameters(self) -> dict[str, object]:
        return {
            "study": self._source.study or self._options.study or self._source.id,
            "taxon": self._source.taxon,
            "is_study_a_guess": self._source.study is None and self._options.study is None,
        }


def _distinct(rows: pa.Table, name: str, keys: list[str]) -> pa.Table:
    """The rows of one table, once for each key, sorted by it."""
    schema = reader_schema(TABLES[name])
    values = [column for column in schema.names if column not in keys]
    grouped = rows.group_by(keys).aggregate([(column, "min") for column in values])
    grouped = grouped.rename_columns([column.removesuffix("_min") for column in grouped.column_names])
    return grouped.select(schema.names).sort_by([(key, "ascending") for key in keys]).cast(schema)
