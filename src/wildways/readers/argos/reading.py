"""One Argos file being read: records judged batch by batch, streamed as fixes; deployment points become deployments."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from types import MappingProxyType

import pyarrow as pa

from wildways.model import BadInput, Place, Source
from wildways.readers.argos.judge import REMARKS, Judge, to_fixes
from wildways.readers.argos.lines import read_lines
from wildways.readers.argos.record import Record, to_table
from wildways.readers.argos.rows import CsvLayout, find_date_order, read_rows
from wildways.readers.argos.text import read_diag, read_ds
from wildways.readers.contract import FIX_SCHEMA, Account, ReadingOptions
from wildways.readers.csvfile import CsvHead, make_plain
from wildways.readers.engine import make_scratch
from wildways.readers.marine.findings import AXIS_OF, make_findings
from wildways.readers.reading import BaseReading
from wildways.readers.records import make_animals, make_table
from wildways.readers.tally import Tally

BATCH_RECORDS = 20_000

_TEXTS = MappingProxyType({"diag": read_diag, "ds": read_ds})
_NAME_OF = MappingProxyType(
    {
        **AXIS_OF,
        "deployment-point": "type",
        "no-position": "latitude",
        "hemisphere-missing": "latitude",
        "no-animal": "platform",
        "organism-assumed": "platform",
        "class-unknown": "location_class",
        "uncertainty-unusable": "radius",
        "ellipse-offset": "offset",
        "second-solution": "second_latitude",
    }
)
"""Code → the text of `Record` it is about; the stamp where a code is not in it."""
_ROWLESS = ("line-rejected", "record-broken", "encoding", "study-assumed", "taxon-missing")


class ArgosReading(BaseReading):
    """An Argos file being read; see `Reading`.

    Parameters
    ----------
    layout : where a CSV file has its fields, or ``diag`` or ``ds``
    """

    def __init__(self, head: CsvHead, layout: CsvLayout | str, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, options)
        self._head, self._layout = head, layout
        self._tally = Tally(REMARKS)
        self._lines: dict[str, int] = {}
        self._organisms: set[tuple[str, str]] = set()
        self._points: dict[tuple[str, str, str | None], datetime | None] = {}

    def fixes(self) -> pa.RecordBatchReader:
        """Stream the fixes in file order."""
        return pa.RecordBatchReader.from_batches(FIX_SCHEMA, self._batches())

    def tables(self) -> Mapping[str, pa.Table]:
        """The studies and animals of the kept rows, and the deployments that the owner's points tell of."""
        animals = {(study, organism) for study, organism, _ in self._points} | self._organisms
        deployments = [
            {
                "study_id": study,
                "deployment_id": " ".join(filter(None, (tag, organism))),
                "organism_id": organism,
                "tag_id": tag,
                "deploy_on_utc": on_utc,
            }
            for (study, organism, tag), on_utc in sorted(self._points.items(), key=lambda point: str(point[0]))
        ]
        tables = make_animals(dict.fromkeys(animals, self._source.taxon))
        return {**tables, "deployment": make_table("deployment", deployments)}

    def _open(self, stack: ExitStack) -> None:
        self._plain = make_plain(self._head, make_scratch(self._options, stack))
        formats: tuple[str, ...] = ()
        if isinstance(self._layout, CsvLayout):
            formats = find_date_order(self._records(), self._layout)
        self._judge = Judge(self._source, self._options, self._head.name, stack, formats=formats)

    def _records(self) -> Iterator[Record]:
        lines = read_lines(self._plain, self._head.name)
        if isinstance(self._layout, CsvLayout):
            return read_rows(lines, self._layout)
        return _TEXTS[self._layout](lines)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        records = self._records()
        while batch := list(islice(records, BATCH_RECORDS)):
            judged = self._judge.judge(to_table(batch))
            first_row = self._tally.n_parsed + 1
            self._tally.add(judged)
            self._note_lines(judged, first_row)
            self._note_points(judged)
            fixes = to_fixes(judged, first_row)
            self._organisms |= set(zip(fixes["study_id"].to_pylist(), fixes["organism_id"].to_pylist(), strict=True))
            yield fixes
        self.account = self._make_account()

    def _note_lines(self, judged: pa.RecordBatch, first_row: int) -> None:
        """Remember the lines of the rows that were the first of their code."""
        for code, count in self._tally.counts.items():
            if code not in self._lines:
                self._lines[code] = judged["line"][count.index + 1 - first_row].as_py()

    def _note_points(self, judged: pa.RecordBatch) -> None:
        """Remember the earliest of the owner's points of each animal and tag."""
        points = judged.filter(pa.array([reason == "deployment-point" for reason in judged["reason"].to_pylist()]))
        for row in points.select(["study_id", "organism_id", "tag_id", "time_utc"]).to_pylist():
            if row["organism_id"] is not None:
                key = (row["study_id"], row["organism_id"], row["tag_id"])
                self._points[key] = min(filter(None, (self._points.get(key), row["time_utc"])), default=None)

    def _make_account(self) -> Account:
        n_rows = self._tally.n_parsed
        if not n_rows:
            raise BadInput("no-rows", "The file has no records.", hint="Export it again.", place=Place(self._head.name))
        findings = make_findings(
            self._tally, lambda code, _: Place(self._head.name, self._lines[code], self._field(code))
        )
        return Account(n_rows, n_rows - self._tally.n_refused, findings)

    def _field(self, code: str) -> str | None:
        if code in _ROWLESS:
            return None
        name = _NAME_OF.get(code, "stamp")
        return self._layout.column(name) if isinstance(self._layout, CsvLayout) else name.replace("_", "-")
