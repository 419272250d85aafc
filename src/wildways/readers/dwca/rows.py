"""The occurrences of a Darwin Core Archive: what machines saw goes to the judges, what people saw to `People`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from wildways.model import BadInput, Finding, Place, Source
from wildways.readers.contract import ReadingOptions
from wildways.readers.dwca.archive import META, Archive
from wildways.readers.dwca.join import INSTEAD, MEASUREMENT_TERMS, TERMS, Join, Keys, in_batches, texts_of, wrong_keys
from wildways.readers.dwca.meta import DataFile
from wildways.readers.dwca.people import FINDINGS, People, Values
from wildways.readers.dwca.phrases import sensors_of
from wildways.readers.dwca.table import check_layout, read_rows
from wildways.readers.dwca.tally import TermTally
from wildways.readers.findings import load_messages
from wildways.readers.reading import study_of
from wildways.readers.tracks.rows import SetAside
from wildways.readers.zones import open_zone

_FIELDS = MappingProxyType(
    {
        "observed-no-animal": "organismID",
        "observed-future": "eventDate",
        "time-interval": "eventDate",
        "absent": "occurrenceStatus",
        "basis-other": "basisOfRecord",
        "receiver-detection": "samplingProtocol",
        "deployment-repeated": "parentEventID",
        "tag-end-unmatched": "samplingProtocol",
    }
)
_DEFAULTS = MappingProxyType(
    {
        "timestamp": "eventDate",
        "location-long": "decimalLongitude",
        "location-lat": "decimalLatitude",
        "individual-local-identifier": "organismID",
        "individual-taxon-canonical-name": "scientificName",
        "study-name": "datasetName",
        "sensor-type": "samplingProtocol",
        "location-error-numerical": "coordinateUncertaintyInMeters",
    }
)
_NAMES_EVENTS = ("eventID", "occurrenceID", "parentEventID")


class ArchiveRows:
    """The occurrences of an archive in file order; see `RowSource`. A row is an occurrence."""

    is_utc = False
    crs = "EPSG:4326"
    hints: Mapping[str, str] = MappingProxyType(
        {
            "no-animal": "If another term than organismID names the animals, say so in the source: "
            'columns = { individual-local-identifier = "…" }.',
        }
    )

    def __init__(self, file: Path, name: str, source: Source, options: ReadingOptions) -> None:
        self._archive, self._options = Archive(file, name), options
        meta, self._findings = self._archive.meta()
        occurrences = meta.find("Occurrence")
        if occurrences is None or meta.core.row_type not in ("Occurrence", "Event"):
            message = "The archive has no occurrences, alone or with events."
            hint = "Checklists and other archives hold no tracks."
            raise BadInput("no-occurrences", message, hint=hint, place=Place(self._archive.name_of(META)))
        self._core, self._n_core_columns = self._checked(meta.core)
        self._has_events = occurrences is not meta.core
        self._table, self._n_columns = self._core, self._n_core_columns
        if self._has_events:
            self._table, self._n_columns = self._checked(occurrences)
        measurements = meta.find("ExtendedMeasurementOrFact") or meta.find("MeasurementOrFact")
        self._measurements = self._checked(measurements) if measurements else None
        self.file, self.name = file, self._archive.name_of(self._table.location)
        self.columns = self._terms()
        self.defaults = {field: term for field, term in _DEFAULTS.items() if term in self.columns}
        self.set_aside = SetAside(load_messages(FINDINGS))
        self.study = study_of(source, options)
        named = source.columns.get("individual-local-identifier", "organismID")
        self._animal_term = "organismID" if named in _NAMES_EVENTS else named
        zone = open_zone(source.time_zone, name)
        self.people = People(zone, source.time_zone is not None, source.taxon, options.latest)
        self.n_of_people = 0
        self._terms_seen = TermTally()

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted terms of what machines saw."""
        with ExitStack() as stack:
            join = Join(self._core, self._options, stack)
            if self._has_events:
                self._add_events(join)
            keys: Keys | None = None
            with self._archive.opened(self._table.location) as stream:
                for rows in in_batches(read_rows(stream, self._table, self.name, self._n_columns)):
                    texts = texts_of(rows, self._table)
                    join.register(texts)
                    if not self._has_events:
                        join.add_core(texts)
                    elif keys is None:
                        keys = self._choose(join, "occurrence", self.name)
                        join.drop_repeated(keys)
                    yield self._sort(join.sort(keys), wanted)
            if not self._has_events:
                self._check_ids(join)
            self._add_measurements(join)
        for end in self.people.settle():
            self.n_of_people -= 1
            self.set_aside.count("tag-end-unmatched", end.row, line=end.line, field=_FIELDS["tag-end-unmatched"])

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which occurrences start; the file is read up to the last of them."""
        wanted, lines = set(rows), {}
        with self._archive.opened(self._table.location) as stream:
            for row in read_rows(stream, self._table, self.name, self._n_columns):
                if row.number in wanted:
                    lines[row.number] = row.line
                if row.number >= rows[-1]:
                    break
        return lines

    def findings(self) -> list[Finding]:
        """What is worth knowing of the archive and its rows; complete once they were read."""
        return [*self._findings, *self._terms_seen.findings(self.name), *self.people.findings(self.name)]

    def _terms(self) -> tuple[str, ...]:
        """The terms that the occurrences, or their events, have."""
        has = {term for term in TERMS if term in self._table or (self._has_events and term in self._core)}
        has |= {term for term, other in INSTEAD.items() if other in has}
        return tuple(term for term in TERMS if term in has)

    def _checked(self, table: DataFile) -> tuple[DataFile, int | None]:
        """A table as its own header has it, and how many columns that names."""
        known = {term.lower(): term for term in (*TERMS, *MEASUREMENT_TERMS, *table.indices)}
        head, name = self._archive.head(table.location), self._archive.name_of(table.location)
        checked, findings, n_columns = check_layout(table, head, name, known)
        self._findings += findings
        return checked, n_columns

    def _add_events(self, join: Join) -> None:
        name = self._archive.name_of(self._core.location)
        with self._archive.opened(self._core.location) as stream:
            for rows in in_batches(read_rows(stream, self._core, name, self._n_core_columns)):
                join.add_core(texts_of(rows, self._core))
        self._check_ids(join)

    def _check_ids(self, join: Join) -> None:
        n_rows, example = join.count_repeated()
        if not n_rows:
            return
        message = "The id of these core rows is empty or not unique, so that nothing can refer to them."
        place = Place(self._archive.name_of(self._core.location), None, "id")
        hint = "Correct the index of id in meta.xml."
        self._findings.append(Finding("core-id-repeated", message, n_rows, place=place, example=example, hint=hint))

    def _add_measurements(self, join: Join) -> None:
        """Take sex and life stage from the measurements, and say which measurements belong to nothing."""
        if self._measurements is None:
            return
        table, n_columns = self._measurements
        name = self._archive.name_of(table.location)
        n_rows = 0
        with self._archive.opened(table.location) as stream:
            for rows in in_batches(read_rows(stream, table, name, n_columns)):
                join.add_measurements(texts_of(rows, table, MEASUREMENT_TERMS))
                n_rows += len(rows)
        if not n_rows:
            return
        keys = self._choose(join, "measurement", name)
        if keys.n_resolved < n_rows:
            message = "These measurements are of no one core row and were left out."
            n_left = n_rows - keys.n_resolved
            hint = "Correct id and coreid."
            self._findings.append(Finding("measurement-orphan", message, n_left, place=Place(name), hint=hint))
        if not self._has_events:
            join.drop_repeated(keys)
            for study, organism, sex, life_stage in join.measured(keys):
                self.people.note((study or self.study, organism), None, sex, life_stage)

    def _choose(self, join: Join, table: str, name: str) -> Keys:
        chosen, declared = join.choose_keys(table)
        if chosen.n_resolved > declared.n_resolved:
            self._findings.append(wrong_keys(chosen, declared, name))
        return chosen

    def _sort(self, rows: pa.Table, wanted: Sequence[int]) -> list[pa.Array]:
        """Give rows of people to `People`, set others aside, and keep the wanted terms of what machines saw."""
        self._terms_seen.add(rows)
        fates = rows["fate"].combine_chunks()
        for row in rows.filter(fates.is_valid()).to_pylist():
            self._take_out(row)
        machine = rows.filter(fates.is_null())
        self._note_machine(machine)
        columns = {term: machine[term].combine_chunks() for term in self.columns}
        columns["eventDate"] = machine["stamp"].combine_chunks()
        columns["samplingProtocol"] = sensors_of(machine["samplingProtocol"].combine_chunks())
        return [columns[self.columns[index]] for index in wanted]

    def _take_out(self, row: dict[str, str | None]) -> None:
        number, line, fate = int(row["number"] or 0), int(row["line"] or 0), row["fate"]
        self.set_aside.skip(number)
        if fate == "people":
            values: Values = {**row, "organismID": row.get(self._animal_term)}
            fate = self.people.add(number, line, row["datasetName"] or self.study, values)
            self.n_of_people += fate is None
        if fate is not None:
            field = _FIELDS.get(fate)
            self.set_aside.count(fate, number, line=line, field=field, example=row.get(field or ""))

    def _note_machine(self, machine: pa.Table) -> None:
        """Note what rows of machines say of their animals."""
        keys = ["datasetName", "organismID", "sex", "lifeStage"]
        for said in machine.select(keys).group_by(keys).aggregate([]).to_pylist():
            if said["organismID"] and (said["sex"] or said["lifeStage"]):
                animal = (said["datasetName"] or self.study, said["organismID"])
                self.people.note(animal, None, said["sex"], said["lifeStage"])
