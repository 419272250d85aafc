"""One file of EURING records being read: laid out, judged and turned into encounters, blocks side by side."""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import TABLES, BadInput, LimitReached, Source
from wildways.readers.contract import Account, ReadingOptions, reader_schema
from wildways.readers.csvfile import CsvHead, make_plain
from wildways.readers.engine import make_scratch
from wildways.readers.euring.animals import find_animals, find_taxa, gather_animals
from wildways.readers.euring.events import find_events
from wildways.readers.euring.fields import Mask, as_texts, decode, find_words, say, translate
from wildways.readers.euring.judge import Judge, Notes
from wildways.readers.euring.layout import Records, lay_out, read_blocks
from wildways.readers.euring.names import place_names, scheme_names
from wildways.readers.euring.verbatim import write_verbatim
from wildways.readers.euring.when import find_intervals
from wildways.readers.euring.where import find_positions
from wildways.readers.reading import BaseReading
from wildways.readers.zones import unknown_zone

ENCOUNTER_SCHEMA = reader_schema(TABLES["encounter"])
_SCHEMA = ENCOUNTER_SCHEMA.append(pa.field("ring_id", pa.string()))
"""Encounters with the ring number as it is in the file, for the table of animals."""


class EuringReading(BaseReading):
    """A file of EURING records being read; see `Reading`. All of it is read on entering.

    The study is the ringing scheme, unless the source sets one.
    """

    def __init__(self, head: CsvHead, source: Source, options: ReadingOptions) -> None:
        super().__init__(source, options, names_study=True)
        self._head = head

    def tables(self) -> Mapping[str, pa.Table]:
        """The encounters in file order, and the studies and animals that they name."""
        encounters = self._encounters.select(ENCOUNTER_SCHEMA.names)
        studies = pc.unique(encounters["study_id"]).sort()
        names = translate(studies, lambda study: scheme_names().get(study, study))
        return {
            "study": pa.Table.from_arrays([studies, names], schema=reader_schema(TABLES["study"])),
            "organism": gather_animals(self._encounters),
            "encounter": encounters,
        }

    def _open(self, stack: ExitStack) -> None:
        _check_time_zone(self._source.time_zone, self._head.name)
        folder = make_scratch(self._options, stack)
        kept = folder / "encounters.arrow"
        try:
            self._read(make_plain(self._head, folder), kept)
        except OSError as error:
            message = f"Intermediate files cannot be written: {error.strerror or error}."
            raise LimitReached("disk", message, hint="Make room on the disk.", place=self._head.place) from error
        self._encounters = pa.ipc.open_file(stack.enter_context(pa.memory_map(str(kept)))).read_all()

    def _read(self, plain: Path, kept: Path) -> None:
        """Read all records; the encounters go to a file that is mapped into memory, so that any number fits."""
        notes, n_rows, n_kept = Notes(), 0, 0
        with pa.ipc.new_file(kept, _SCHEMA) as writer:
            for judged in self._judged(read_blocks(plain, self._head.name)):
                batch = judged.encounters(n_rows)
                writer.write_batch(batch)
                notes.append(judged.notes)
                n_rows, n_kept = n_rows + len(judged.is_kept), n_kept + batch.num_rows
        if n_rows == 0:
            raise BadInput("file-empty", "The file is empty.", hint="Export it again.", place=self._head.place)
        self.account = Account(n_rows, n_kept, notes.findings(self._head.name))

    def _judged(self, blocks: Iterator[tuple[bytes, int]]) -> Iterator["_JudgedBlock"]:
        """Judge blocks in threads, a few ahead of the one that is due; they come in the order of the file."""
        n_threads = self._options.threads or os.cpu_count() or 1
        ahead: deque[Future[_JudgedBlock]] = deque()
        with ThreadPoolExecutor(n_threads, thread_name_prefix="euring") as executor:
            for block, first_line in blocks:
                ahead.append(executor.submit(self._judge, block, first_line))
                if len(ahead) > n_threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _judge(self, block: bytes, first_line: int) -> "_JudgedBlock":
        records, notes = lay_out(block, first_line), Notes()
        judge = Judge(records, notes)
        columns = self._columns(records, judge)
        judge.close()
        return _JudgedBlock(columns, judge.is_kept, notes)

    def _columns(self, records: Records, judge: Judge) -> dict[str, pa.Array]:
        schemes = as_texts(records.field("ringing_scheme"))
        study = self._source.study
        columns = {
            "study_id": schemes if study is None else pa.repeat(pa.scalar(study), len(records)),
            "organism_id": find_animals(records, judge),
            "ring_id": as_texts(records.field("identification_number")),
            "taxon": find_taxa(records, judge, self._source.taxon),
            "place": _places(records, judge),
            "verbatim": write_verbatim(records),
        }
        columns["start_utc"], columns["end_utc"] = find_intervals(
            records, judge, time_zone=self._source.time_zone, latest=self._options.latest
        )
        columns["longitude"], columns["latitude"], columns["uncertainty_m"] = find_positions(records, judge)
        columns["event"], columns["position_of"] = find_events(records)
        return columns | _in_words(records, judge)


@dataclass(frozen=True)
class _JudgedBlock:
    """What was made of the records of a block, broken ones too, and what was found in them."""

    columns: Mapping[str, pa.Array]
    is_kept: Mask
    notes: Notes

    def encounters(self, n_rows_before: int) -> pa.RecordBatch:
        """The encounters, those apart that are refused, after so many records before the block."""
        columns = {**self.columns, "source_row": pa.array(np.arange(len(self.is_kept)) + n_rows_before + 1)}
        absent = pa.nulls(len(self.is_kept))
        arrays = [columns.get(column.name, absent).cast(column.type) for column in _SCHEMA]
        batch = pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)
        return batch if self.is_kept.all() else batch.filter(pa.array(self.is_kept))


def _check_time_zone(time_zone: str | None, name: str) -> None:
    try:
        pc.assume_timezone(pa.scalar(datetime(2000, 1, 1), pa.timestamp("us")), time_zone or "UTC")  # noqa: DTZ001
    except pa.ArrowInvalid as error:
        raise unknown_zone(str(time_zone), name) from error


def _in_words(records: Records, judge: Judge) -> dict[str, pa.Array]:
    """Kind of mark, condition and circumstances; sex and age as concluded by the scheme, else as mentioned."""
    words = {}
    for column, name, code in (
        ("mark_type", "primary_identification_method", "mark-code"),
        ("condition", "condition", "condition-code"),
        ("circumstances", "circumstances", "circumstances-code"),
    ):
        indices, is_strange = find_words(name, records.field(name))
        judge.remark(code, name, is_strange)
        words[column] = say(name, indices)
    for name in ("sex", "age"):
        concluded, is_strange = find_words(name, records.field(f"{name}_concluded"))
        mentioned, _ = find_words(name, records.field(f"{name}_mentioned"))
        judge.remark(f"{name}-code", f"{name}_concluded", is_strange)
        words[name] = say(name, np.where(concluded >= 0, concluded, mentioned))
    return words


def _places(records: Records, judge: Judge) -> pa.StringArray:
    """The name of the place; where the record has none, what its place code stands for, else the code."""
    codes = as_texts(records.field("place_code"))
    places = translate(codes, lambda code: place_names().get(code, code.strip(" -") or None))
    if "place_name" not in records.extras:
        return places
    names, is_latin_1 = decode(records.extras["place_name"])
    judge.remark("text-latin-1", "place_name", is_latin_1)
    return pc.coalesce(names, places)
