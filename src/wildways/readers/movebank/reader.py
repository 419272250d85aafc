"""Movebank CSV: event data (fixes) and reference data (animals, tags, deployments), however the columns are spelled."""

from pathlib import Path

from wildways.model import Source
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import CsvHead, peek_head, read_head
from wildways.readers.fields import has_fields, load_fields, map_fields, normalise
from wildways.readers.movebank.events import EventReading
from wildways.readers.movebank.reference import ReferenceReading

EVENT_FIELDS = "movebank/event_fields.csv"
REFERENCE_FIELDS = "movebank/reference_fields.csv"

_ONLY_REFERENCE = {"deploy-on-date", "deploy-on-timestamp", "deployment-id", "animal-sex", "animal-life-stage"}
_ONLY_EVENTS = {"timestamp", "location-long", "location-lat"}
_ONLY_ACOUSTIC = {"receiver-id"}


class MovebankCsv:
    """Reads CSV files of Movebank and any other CSV whose columns a source maps to Movebank's fields.

    Hyphens (downloads), underscores (REST) and dots (R) all do; so do gzip, a byte order mark and semicolons. Marks of
    outliers are kept as they are and honoured by the analyses, never here.

    References
    ----------
    Movebank Attribute Dictionary, http://vocab.nerc.ac.uk/collection/MVB
    """

    name = "movebank-csv"
    version = "1"
    description = "Movebank CSV: event data and reference data, with hyphens, underscores or dots; gzip as well"

    def claims(self, file: Path) -> bool:
        """Whether the columns are those of Movebank event or reference data."""
        head = peek_head(file)
        return head is not None and (has_fields(head, load_fields(EVENT_FIELDS)) or _is_reference(head))

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read event or reference data, whichever the columns tell; see `Reader.read`."""
        options = options or ReadingOptions()
        head = read_head(file, options.name)
        if _is_reference(head):
            native = source.model_copy(update={"columns": {}})
            return ReferenceReading(head, map_fields(head, load_fields(REFERENCE_FIELDS), native), source, options)
        return EventReading(head, map_fields(head, load_fields(EVENT_FIELDS), source), source, options)


def _is_reference(head: CsvHead) -> bool:
    columns = {normalise(column) for column in head.columns}
    if columns & (_ONLY_EVENTS | _ONLY_ACOUSTIC) or not columns & _ONLY_REFERENCE:
        return False
    return has_fields(head, load_fields(REFERENCE_FIELDS))
