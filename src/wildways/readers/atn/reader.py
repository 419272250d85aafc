"""Reads ATN trajectories: what the beginning of a file tells, and the reading of it."""

from pathlib import Path

from wildways.model import Source
from wildways.readers.atn.netcdf import SIGNATURE
from wildways.readers.atn.reading import TrajectoryReading
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.marine.findings import demand_degrees

_BEGINNING_BYTES = 2_000_000
_MARKS = ((b"time",), (b"lat",), (b"lon",), (b"location_class", b"argosLC", b"trajectory"))
"""Names of which every group has one in the file's own lists of names."""


class AtnTrajectory:
    """Reads trajectory files of the IOOS Animal Telemetry Network: netCDF-4, one deployment a file.

    Files in the style of the standardisation framework for bio-logging do as well, whatever their attributes lack.
    QARTOD flags are not read: the quality rules of the atlas are run on every track alike.

    References
    ----------
    IOOS ATN Satellite Telemetry Specification 1.0 (2023). Sequeira et al. (2021), Methods in Ecology and Evolution
    12:996-1007, doi:10.1111/2041-210X.13593.
    """

    name = "atn-trajectory"
    version = "1"
    description = "ATN trajectory netCDF: the track of one satellite tag, with Argos classes and error ellipses"

    def claims(self, file: Path) -> bool:
        """Whether the beginning of the file is that of netCDF-4 and names what a trajectory has."""
        try:
            with file.open("rb") as stream:
                start = stream.read(_BEGINNING_BYTES)
        except OSError:
            return False
        return start.startswith(SIGNATURE) and all(any(mark in start for mark in marks) for marks in _MARKS)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read a trajectory; see `Reader.read`."""
        options = options or ReadingOptions()
        name = options.name or str(file)
        demand_degrees(source, name)
        return TrajectoryReading(file, name, source, options)
