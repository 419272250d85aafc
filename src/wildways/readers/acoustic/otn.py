"""OTN detection extracts: acoustic detections matched to animals, in the columns of until 2024 and of since 2025."""

from pathlib import Path

from wildways.model import Source
from wildways.readers.acoustic.reading import DetectionReading
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import read_head
from wildways.readers.fields import load_fields, looks_like, map_fields
from wildways.readers.marine.findings import demand_degrees

FIELDS = "acoustic/otn_detections_fields.csv"


class OtnDetections:
    """Reads detection extracts of the Ocean Tracking Network and its nodes.

    Both generations do: lower-case names (``catalognumber``, ``datecollected``) and camel case (``catalogNumber``,
    ``dateCollectedUTC``); gzip as well. The release of each animal stands among its detections and is marked. Every
    detection is kept; lonely ones are marked as suspected.

    References
    ----------
    Ocean Tracking Network, detection extracts, https://members.oceantrack.org/data
    """

    name = "otn-detections"
    version = "1"
    description = "OTN detection extracts of both generations: acoustic detections and releases; gzip as well"

    def claims(self, file: Path) -> bool:
        """Whether the columns are those of a detection extract."""
        return looks_like(file, FIELDS)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read an extract; see `Reader.read`."""
        options = options or ReadingOptions()
        head = read_head(file, options.name)
        demand_degrees(source, head.name)
        fields = map_fields(head, load_fields(FIELDS), source)
        return DetectionReading(head, fields, FIELDS, source, options, has_releases=True)
