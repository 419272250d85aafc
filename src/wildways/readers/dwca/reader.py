"""Darwin Core Archives of tracking data, with a core of occurrences or of events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildways.model import Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.dwca.archive import META, SUFFIXES
from wildways.readers.dwca.rows import ArchiveRows
from wildways.readers.opening import base_name, first_bytes, is_zip, list_members
from wildways.readers.records import make_studies, make_table
from wildways.readers.siblings import tables_beside
from wildways.readers.tracks.reading import TrackReading
from wildways.readers.xmlstream import root_of


class DarwinCoreArchive:
    """Reads a ZIP archive, or the meta.xml of an unpacked one.

    Machine observations are fixes. Captures and tag attachments by people are deployments, and other observations by
    people of animals that they knew are encounters.

    References
    ----------
    Darwin Core text guide, http://rs.tdwg.org/dwc/terms/guides/text/
    Desmet et al. (2023), movepub, https://inbo.github.io/movepub; OBIS manual, tracking data
    """

    name = "darwin-core-archive"
    version = "1"
    description = "Darwin Core Archive, ZIP or the meta.xml of an unpacked one: occurrence and event core"

    def claims(self, file: Path) -> bool:
        """Whether it is an archive with a meta.xml, or such a file itself."""
        if not is_zip(file):
            return file.suffix.lower() == ".xml" and root_of(first_bytes(file)) == "archive"
        try:
            return META in map(base_name, list_members(file, str(file)))
        except WildwaysError:
            return False

    def siblings(self, file: Path) -> list[Path]:
        """The tables beside the meta.xml of an unpacked archive; see `ReadsSiblings`."""
        return [] if is_zip(file) else tables_beside(file, SUFFIXES)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the archive; see `Reader.read`."""
        options = options or ReadingOptions()
        return ArchiveReading(ArchiveRows(file, options.name or str(file), source, options), source, options)


class ArchiveReading(TrackReading):
    """An archive being read; see `Reading`."""

    def __init__(self, rows: ArchiveRows, source: Source, options: ReadingOptions) -> None:
        super().__init__(rows, source, options)
        self._archive = rows

    def tables(self) -> Mapping[str, pa.Table]:
        """Studies and animals of all kept rows, deployments and encounters."""
        people = self._archive.people
        animals = {**dict.fromkeys(people.met), **self._organisms}
        organisms = [
            {"study_id": study, "organism_id": organism, **_known(people.animals.get((study, organism)), taxon)}
            for (study, organism), taxon in sorted(animals.items())
        ]
        rows: dict[str, Iterable[Mapping[str, Any]]] = {
            "organism": organisms,
            "deployment": people.deployments.rows(),
            "encounter": people.encounters,
        }
        tables = {name: make_table(name, each) for name, each in rows.items()}
        return {**tables, "study": make_studies(study for study, _ in animals)}

    def _batches(self) -> Iterator[pa.RecordBatch]:
        yield from super()._batches()
        account = self.account
        n_kept = account.n_kept + self._archive.n_of_people
        self.account = replace(account, n_kept=n_kept, findings=(*account.findings, *self._archive.findings()))


def _known(said: Mapping[str, str | None] | None, taxon: str | None) -> dict[str, str | None]:
    """What is known of an animal; the taxon of its fixes comes first."""
    known = dict(said or {})
    return {**known, "taxon": taxon or known.get("taxon")}
