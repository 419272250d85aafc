"""FlatGeobuf: points with a time and an animal."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from wildways.model import BadInput, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.opening import check_file, first_bytes
from wildways.readers.tracks.reading import NO_COLUMNS, TrackReading
from wildways.readers.tracks.vector import VectorRows

_MAGIC = b"fgb\x03fgb"


class FlatGeobuf:
    """Reads FlatGeobuf 3 files in the order their features are stored in.

    References
    ----------
    FlatGeobuf specification 3, https://flatgeobuf.org
    """

    name = "flatgeobuf"
    version = "1"
    description = "FlatGeobuf: points with a time and an animal"

    def claims(self, file: Path) -> bool:
        """Whether it starts as a FlatGeobuf file of points does."""
        if not first_bytes(file).startswith(_MAGIC):
            return False
        try:
            return _rows(file, str(file), NO_COLUMNS, None).is_of_points
        except WildwaysError:
            return False

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the points; see `Reader.read`."""
        options = options or ReadingOptions()
        name = options.name or str(file)
        check_file(file, name)
        if not first_bytes(file).startswith(_MAGIC):
            message = "This is not a FlatGeobuf file."
            raise BadInput("not-flatgeobuf", message, hint="Choose its reader.", place=Place(name))
        return TrackReading(_rows(file, name, source, options.scratch_folder), source, options)


def _rows(file: Path, name: str, source: Source, scratch_folder: Path | None) -> VectorRows:
    opened = partial(_laid_out, file, scratch_folder)
    return VectorRows(file, name, source, driver="FlatGeobuf", opened=opened)


@contextmanager
def _laid_out(file: Path, scratch_folder: Path | None) -> Iterator[Path]:
    """The file under a name of our own."""
    with TemporaryDirectory(prefix="reading-", dir=scratch_folder) as folder:
        link = Path(folder, "layer.fgb")
        link.symlink_to(file.absolute())
        yield link
