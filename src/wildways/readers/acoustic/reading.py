"""One file of acoustic detections being read: judged, filtered for false ones, and gathered into tables."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import TABLES, Finding, LimitReached, Source
from wildways.readers.accounts import make_account
from wildways.readers.acoustic import sql
from wildways.readers.acoustic.filter import THRESHOLD_S, suspect_false
from wildways.readers.contract import ReadingOptions, no_fixes, reader_schema
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.findings import load_messages
from wildways.readers.marine.findings import AXIS_OF, FINDINGS
from wildways.readers.marine.roles import load_roles, name_fields
from wildways.readers.parsing import CsvParser
from wildways.readers.reading import BaseReading, parameters_of
from wildways.readers.records import fill_table, make_studies
from wildways.readers.tally import Tally
from wildways.readers.zones import set_time_zone

DETECTION_RANGE_M = 500.0
"""Metres from the receiver within which a heard animal is taken to be.

Ranges are a few hundred metres for most tags and waters, and change with them from hour to hour.

References
----------
Kessel et al. (2014), A review of detection range testing in aquatic passive acoustic telemetry studies, Reviews in Fish
Biology and Fisheries 24:199-218, doi:10.1007/s11160-013-9328-4.
"""

MAX_DETECTIONS = 4_000_000
"""Rows of a file; they are held in memory, some 400 bytes each while they are read."""

_SCHEMA = reader_schema(TABLES["detection"])
_ROLE_OF = MappingProxyType(
    {
        **AXIS_OF,
        "no-position": "longitude",
        "no-animal": "animal",
        "organism-assumed": "animal",
        "study-assumed": "study",
        "taxon-missing": "taxon",
        "receiver-missing": "receiver",
    }
)


@dataclass(frozen=True)
class Beside:
    """What other files say about the animals and tags of the detections.

    Parameters
    ----------
    thresholds_s : tag → seconds its detections may stand alone for
    tables : organisms and deployments; they win over what the detections say of the same
    findings : on those files
    """

    thresholds_s: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


class DetectionReading(BaseReading):
    """A file of detections being read; see `Reading`. All of it is read on entering.

    Parameters
    ----------
    table : the table of the format's fields
    has_releases : whether releases of animals stand among the detections
    """

    def __init__(
        self,
        head: CsvHead,
        fields: FieldMap,
        table: str,
        source: Source,
        options: ReadingOptions,
        *,
        has_releases: bool = False,
    ) -> None:
        self._roles = load_roles(table)
        super().__init__(source, replace(options, is_thorough=True), names_study=self._roles["study"] in fields)
        self._head, self._fields, self._has_releases = head, fields, has_releases
        self._names = name_fields(table, sql.TEXT_COLUMNS)

    def fixes(self) -> pa.RecordBatchReader:
        """No fixes: a receiver's position is not the animal's."""
        return no_fixes()

    def tables(self) -> Mapping[str, pa.Table]:
        """The detections in file order, and the studies, animals and deployments."""
        return self._tables

    def _open(self, stack: ExitStack) -> None:
        parser = CsvParser(self._head, self._fields, self._names, self._options, stack)
        if self._source.time_zone is not None:
            set_time_zone(parser.engine, self._source.time_zone, self._head.name)
        tally = Tally(sql.REMARKS)
        kept = pa.Table.from_batches(self._kept(parser, tally), _kept_schema())
        beside = self._look_beside(stack)
        self._tables = self._make_tables(kept, beside)
        field_of, messages = {code: self._roles[role] for code, role in _ROLE_OF.items()}, load_messages(*FINDINGS)
        date = self._roles["date"]
        account = make_account(self._head, tally, parser, self._fields, messages, field_of=field_of, other_field=date)
        self.account = replace(account, findings=(*account.findings, *beside.findings))

    def _look_beside(self, stack: ExitStack) -> Beside:
        """What other files say; nothing unless a format has such files."""
        return Beside()

    def _parameters(self) -> dict[str, object]:
        return {
            **parameters_of(self._source, self._options),
            "has_releases": self._has_releases,
            "has_receivers": self._roles["receiver"] in self._fields,
            "range_m": DETECTION_RANGE_M,
        }

    def _kept(self, parser: CsvParser, tally: Tally) -> Iterator[pa.RecordBatch]:
        schema = _kept_schema()
        for batch in parser.stream(sql.JUDGE, self._parameters()):
            rows = parser.rows_of(np.arange(batch.num_rows) + tally.n_parsed)
            tally.add(batch)
            if tally.n_parsed > MAX_DETECTIONS:
                raise LimitReached(
                    "rows",
                    f"The file has more than {MAX_DETECTIONS} detections.",
                    hint="Split it, for example by year.",
                    place=self._head.place,
                )
            kept = batch.append_column("source_row", pa.array(rows)).filter(batch["reason"].is_null())
            yield pa.RecordBatch.from_arrays(
                [kept[name].cast(schema.field(name).type) for name in schema.names], schema=schema
            )

    def _make_tables(self, kept: pa.Table, beside: Beside) -> Mapping[str, pa.Table]:
        suspected = _suspected(kept, beside.thresholds_s)
        kept = kept.append_column("suspected_false", suspected)
        tables = {
            "detection": fill_table("detection", kept),
            "organism": _united(beside.tables.get("organism"), _organisms(kept), ["study_id", "organism_id"]),
            "deployment": _united(beside.tables.get("deployment"), _deployments(kept), ["study_id", "deployment_id"]),
        }
        studies = (study for table in tables.values() for study in table["study_id"].unique().to_pylist())
        return {**tables, "study": make_studies(studies)}


def _kept_schema() -> pa.Schema:
    """What is held of the kept rows while reading: the table's columns but those that are always empty."""
    absent = ("suspected_false", "semi_major_m", "semi_minor_m", "ellipse_orientation_deg")
    return pa.schema([column for column in _SCHEMA if column.name not in absent])


def _suspected(kept: pa.Table, thresholds_s: Mapping[str, float]) -> pa.Array:
    """Whether each detection is suspected of being false; empty for releases and where no receiver is known."""
    tags = _encoded(pc.coalesce(kept["tag_id"], kept["organism_id"]))
    receivers = _encoded(pc.coalesce(kept["receiver_id"], kept["station"]))
    is_judged = pc.and_(pc.equal(kept["is_release"], False), receivers.is_valid()).fill_null(False)
    judged = is_judged.to_numpy(zero_copy_only=False)
    times = kept["time_utc"].cast(pa.int64()).to_numpy()
    thresholds = np.array([thresholds_s.get(tag, THRESHOLD_S) for tag in tags.dictionary.to_pylist()])
    codes = [encoded.indices.fill_null(0).to_numpy()[judged] for encoded in (tags, receivers)]
    suspected = np.zeros(len(kept), dtype=np.bool_)
    suspected[judged] = suspect_false(codes[0], codes[1], times[judged], thresholds)
    return pa.array(suspected, mask=~judged)


def _encoded(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    encoded = texts.dictionary_encode().combine_chunks()
    return encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded


def _organisms(kept: pa.Table) -> pa.Table:
    animals = kept.group_by(["study_id", "organism_id"]).aggregate([("taxon", "min")])
    return fill_table("organism", animals.rename_columns({"taxon_min": "taxon"}))


def _deployments(kept: pa.Table) -> pa.Table:
    """A deployment for each release of a tag; its id is tag and animal."""
    releases = kept.filter(pc.equal(kept["is_release"], True))
    grouped = releases.group_by(["study_id", "organism_id", "tag_id"]).aggregate([("time_utc", "min")])
    ids = pc.binary_join_element_wise(grouped["tag_id"], grouped["organism_id"], " ", null_handling="skip")
    named = grouped.rename_columns({"time_utc_min": "deploy_on_utc"}).append_column("deployment_id", ids)
    return fill_table("deployment", named)


def _united(given: pa.Table | None, made: pa.Table, keys: list[str]) -> pa.Table:
    """The rows of both tables, sorted; of rows with the same keys the given one."""
    if given is not None:
        others = made.join(given.select(keys), keys, join_type="left anti").cast(made.schema)
        made = pa.concat_tables([given, others])
    return made.sort_by([(key, "ascending") for key in keys])
