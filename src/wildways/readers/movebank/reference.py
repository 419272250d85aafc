"""One file of Movebank reference data: animals and their deployments; it holds no fixes."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import MappingProxyType

import pyarrow as pa

from wildways.model import Source
from wildways.readers.accounts import make_account
from wildways.readers.contract import ReadingOptions
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.findings import load_messages
from wildways.readers.movebank.events import FINDINGS
from wildways.readers.parsing import CsvParser
from wildways.readers.reading import BaseReading, parameters_of
from wildways.readers.records import distinct
from wildways.readers.tally import Tally
from wildways.readers.zones import set_time_zone

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


class ReferenceReading(BaseReading):
    """A file of reference data being read; see `Reading`."""

    def __init__(self, head: CsvHead, fields: FieldMap, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, replace(options, is_thorough=True), names_study="study-name" in fields)
        self._head, self._fields = head, fields

    def tables(self) -> Mapping[str, pa.Table]:
        """The studies, animals and deployments; of several values for one animal the first in order of the alphabet."""
        return self._tables

    def _open(self, stack: ExitStack) -> None:
        parser = CsvParser(self._head, self._fields, _NAMES, self._options, stack)
        if self._source.time_zone is not None:
            set_time_zone(parser.engine, self._source.time_zone, self._head.name)
        parameters = parameters_of(self._source, self._options)
        del parameters["latest"]
        tally, kept = Tally(_REMARKS), []
        for batch in parser.stream(_JUDGE, parameters):
            tally.add(batch)
            kept.append(batch.filter(batch["reason"].is_null()))
        messages = load_messages(FINDINGS)
        self.account = make_account(
            self._head, tally, parser, self._fields, messages, field_of=_FIELD_OF, other_field="animal-id"
        )
        if kept:
            rows = pa.Table.from_batches(kept)
            self._tables = {name: distinct(name, rows, keys) for name, keys in _KEYS.items()}
