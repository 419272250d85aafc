"""What the animals and tags files of an ETN data package say about its detections."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePath
from types import MappingProxyType

import pyarrow as pa

from wildways.model import Finding, Place
from wildways.readers.acoustic.filter import DELAYS
from wildways.readers.acoustic.reading import Beside, DetectionReading
from wildways.readers.csvfile import read_head
from wildways.readers.fields import load_fields, map_fields
from wildways.readers.findings import load_messages
from wildways.readers.marine.findings import FINDINGS
from wildways.readers.marine.roles import name_fields
from wildways.readers.parsing import CsvParser
from wildways.readers.records import distinct

_ANIMALS = MappingProxyType(
    {
        "animal": "animal_text",
        "study": "study_text",
        "tag": "tag_text",
        "tag-serial": "serial_text",
        "taxon": "taxon_text",
        "sex": "sex_text",
        "life-stage": "life_stage",
        "release-date": "on_text",
    }
)
_TAGS = MappingProxyType({"tag": "tag_text", "least-delay": "least_text", "greatest-delay": "greatest_text"})

_SELECT_ANIMALS = """
SELECT
    coalesce(study_text, $study) AS study_id,
    animal_text AS organism_id,
    coalesce(taxon_text, $taxon) AS taxon,
    map {'m': 'm', 'male': 'm', 'f': 'f', 'female': 'f', 'u': 'u', 'unknown': 'u'}[lower(sex_text)] AS sex,
    life_stage,
    coalesce(tag_text, serial_text) AS tag_id,
    concat_ws(' ', tag_id, animal_text) AS deployment_id,
    CASE WHEN TRY_CAST(on_text AS TIMESTAMPTZ) BETWEEN TIMESTAMPTZ '1900-01-01' AND $latest
         THEN TRY_CAST(on_text AS TIMESTAMPTZ) END AS deploy_on_utc
FROM parsed WHERE animal_text >= '!'"""

_SELECT_TAGS = """
SELECT tag_text, avg((TRY_CAST(least_text AS DOUBLE) + TRY_CAST(greatest_text AS DOUBLE)) / 2) AS delay_s
FROM parsed WHERE tag_text IS NOT NULL GROUP BY tag_text
HAVING delay_s > 0 AND isfinite(delay_s)"""

_KEYS = MappingProxyType(
    {"organism": ["study_id", "organism_id"], "deployment": ["study_id", "deployment_id", "organism_id"]}
)


class PackageReading(DetectionReading):
    """The detections of an ETN data package being read; see `Reading`."""

    def _look_beside(self, stack: ExitStack) -> Beside:
        animals, on_animals = self._read("animals", _ANIMALS, _SELECT_ANIMALS, stack)
        tags, on_tags = self._read("tags", _TAGS, _SELECT_TAGS, stack)
        delays = {} if tags is None else dict(zip(*(column.to_pylist() for column in tags.columns), strict=True))
        tables = {} if animals is None else {name: distinct(name, animals, keys) for name, keys in _KEYS.items()}
        return Beside({tag: DELAYS * delay for tag, delay in delays.items()}, tables, on_animals + on_tags)

    def _read(
        self, resource: str, names: Mapping[str, str], query: str, stack: ExitStack
    ) -> tuple[pa.Table | None, tuple[Finding, ...]]:
        found = find_beside(self._head.file, self._head.name, resource)
        if found is None:
            return None, (self._missing(f"{resource}-missing"),)
        head = read_head(*found)
        native = self._source.model_copy(update={"columns": {}})
        table = f"acoustic/etn_{resource}_fields.csv"
        fields = map_fields(head, load_fields(table), native)
        parser = CsvParser(head, fields, name_fields(table, names), self._options, stack)
        wanted = self._parameters()
        parameters = {name: wanted[name] for name in ("study", "taxon", "latest") if f"${name}" in query}
        batches = list(parser.stream(query, parameters))
        return pa.Table.from_batches(batches) if batches else None, _skipped(parser)

    def _missing(self, code: str) -> Finding:
        return load_messages(*FINDINGS)[code].finding(code, 1, Place(self._head.name))


def find_beside(file: Path, name: str, resource: str) -> tuple[Path, str] | None:
    """The file of a resource in the folder of another, plain or gzip, and how messages name it."""
    for candidate in (f"{resource}.csv", f"{resource}.csv.gz"):
        if (file.parent / candidate).is_file():
            return file.parent / candidate, PurePath(name).with_name(candidate).as_posix()
    return None


def _skipped(parser: CsvParser) -> tuple[Finding, ...]:
    """Rejected lines of a file beside the detections: they are none of its rows, so nothing of it was refused."""
    return tuple(
        Finding("beside-rejected", found.message, found.n_rows, False, found.place, found.example, found.hint)
        for found in parser.rejects()
    )
