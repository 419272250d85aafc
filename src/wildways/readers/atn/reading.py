"""One trajectory file being read: observations judged batch by batch, streamed as fixes; the animal, its deployment."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import Place, Source
from wildways.readers.argos.judge import REMARKS, Judge, to_fixes
from wildways.readers.atn.netcdf import read_observations
from wildways.readers.atn.records import instant_of, to_records
from wildways.readers.contract import FIX_SCHEMA, Account, ReadingOptions
from wildways.readers.marine.findings import AXIS_OF, make_findings
from wildways.readers.reading import BaseReading, study_of
from wildways.readers.records import make_studies, make_table
from wildways.readers.tally import Tally

BATCH_OBSERVATIONS = 50_000

_SEXES = {"m": "m", "male": "m", "f": "f", "female": "f", "u": "u", "unknown": "u"}
_FIELD_OF = {
    **AXIS_OF,
    "deployment-point": "type",
    "no-position": "latitude",
    "class-unknown": "location_class",
    "uncertainty-unusable": "radius",
    "ellipse-offset": "offset",
}
"""Code → field of the variables it is about; the time where a code is not in it."""


class TrajectoryReading(BaseReading):
    """A trajectory file being read; see `Reading`. The file is read on entering."""

    def __init__(self, file: Path, name: str, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, options)
        self._file, self._name = file, name
        self._tally = Tally(REMARKS)
        self._on: list[datetime] = []
        self._organism: str | None = None

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order."""
        return pa.RecordBatchReader.from_batches(FIX_SCHEMA, self._batches())

    def tables(self) -> Mapping[str, pa.Table]:
        """The study, the animal and its deployment."""
        if self._organism is None:
            return {}
        about, study = self._observations.about, study_of(self._named, self._options)
        start, end = (instant_of(about.get(field)) for field in ("start", "end"))
        organism = {
            "study_id": study,
            "organism_id": self._organism,
            "taxon": self._named.taxon,
            "sex": _SEXES.get(about.get("sex", "").lower()),
            "life_stage": about.get("life-stage"),
        }
        deployment = {
            "study_id": study,
            "deployment_id": about.get("deployment") or " ".join(filter(None, (about.get("tag"), self._organism))),
            "organism_id": self._organism,
            "tag_id": about.get("tag"),
            "deploy_on_utc": start or min(self._on, default=None),
            "deploy_off_utc": end,
        }
        tables = {"organism": make_table("organism", [organism]), "deployment": make_table("deployment", [deployment])}
        return {**tables, "study": make_studies([study])}

    def _open(self, stack: ExitStack) -> None:
        self._observations = read_observations(self._file, self._name)
        self._records = to_records(self._observations, self._name)
        taxon = self._observations.about.get("taxon") or self._source.taxon
        self._named = self._source.model_copy(update={"taxon": taxon})
        self._judge = Judge(self._named, self._options, self._name, stack)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        n_rows = len(self._records)
        for start in range(0, n_rows, BATCH_OBSERVATIONS):
            judged = self._judge.judge(self._records.slice(start, BATCH_OBSERVATIONS))
            self._tally.add(judged)
            self._note_animal(judged)
            yield to_fixes(judged, start + 1)
        self.account = Account(n_rows, n_rows - self._tally.n_refused, make_findings(self._tally, self._place))

    def _note_animal(self, judged: pa.RecordBatch) -> None:
        """Remember the animal, and when its owner says the tag was put on."""
        named = judged["organism_id"].drop_null()
        self._organism = named[0].as_py() if len(named) else self._organism
        points = judged.filter(pc.equal(judged["reason"], "deployment-point"))
        self._on += points["time_utc"].drop_null().to_pylist()

    def _place(self, code: str, index: int) -> Place:
        """The number of the observation stands for the line."""
        field = _FIELD_OF.get(code, "time")
        return Place(self._name, index + 1, self._observations.names.get(field, field))
