"""Shapefile, loose or in a ZIP archive: points with a time and an animal among the attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from wildways.model import BadInput, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.opening import base_name, first_bytes, is_zip, list_members, open_member, unpack
from wildways.readers.siblings import parts_of
from wildways.readers.tracks.reading import TrackReading
from wildways.readers.tracks.vector import VectorRows

_MAGIC = b"\x00\x00\x27\x0a"
_KIND = slice(32, 36)
_POINTS = (1, 11, 21)
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".shx", ".dbf")


class Shapefile:
    """Reads the points of a shapefile; `.dbf` and `.shx` must lie beside it, and the CRS is unknown without `.prj`.

    Names of attributes are cut off at ten characters there, so that most files need `columns` in the module.

    References
    ----------
    ESRI Shapefile Technical Description, July 1998
    """

    name = "shapefile"
    version = "1"
    description = "Shapefile, also in a ZIP archive: points with a time and an animal"

    def claims(self, file: Path) -> bool:
        """Whether it starts as a shapefile of points does, or the archive holds one."""
        try:
            return _kind(_first_bytes(file)) in _POINTS
        except WildwaysError:
            return False

    def siblings(self, file: Path) -> list[Path]:
        """The other parts of a loose shapefile; see `ReadsSiblings`."""
        return [] if is_zip(file) else parts_of(file, _PARTS)

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the points; see `Reader.read`."""
        options = options or ReadingOptions()
        name = options.name or str(file)
        opened = partial(_laid_out, file, name, options.scratch_folder)
        return TrackReading(VectorRows(file, name, source, driver="ESRI Shapefile", opened=opened), source, options)


@contextmanager
def _laid_out(file: Path, name: str, scratch_folder: Path | None) -> Iterator[Path]:
    """The shapefile under a name of our own, its parts together."""
    with TemporaryDirectory(prefix="reading-", dir=scratch_folder) as folder:
        _gather(file, name, Path(folder))
        yield Path(folder, "layer.shp")


def _gather(file: Path, name: str, folder: Path) -> None:
    """Lay the parts of a shapefile together as ``layer.shp``, ``layer.dbf`` …"""
    if is_zip(file):
        parts = _parts(file, name)
        unpack(file, name, {member: folder / f"layer{suffix}" for suffix, member in parts.items()})
    else:
        if not first_bytes(file).startswith(_MAGIC):
            hint = "Name the file that ends in .shp."
            raise BadInput("not-shapefile", "This is not a shapefile.", hint=hint, place=Place(name))
        parts = {part.suffix.lower(): part.name for part in sorted(file.parent.glob("*")) if part.stem == file.stem}
        for suffix in _PARTS:
            if suffix in parts:
                (folder / f"layer{suffix}").symlink_to((file.parent / parts[suffix]).absolute())
        parts[".shp"] = file.name
    missing = [suffix for suffix in _NEEDED if suffix not in parts]
    if missing:
        message = f"The shapefile has no {' and no '.join(missing)}."
        raise BadInput("shapefile-parts", message, hint="Keep its files together.", place=Place(name))


def _parts(file: Path, name: str) -> dict[str, str]:
    """Suffix → member of the only shapefile in an archive; empty where there is none.

    Raises
    ------
    BadInput : there are several
    """
    members = [member for member in list_members(file, name) if not base_name(member).startswith("._")]
    shapes = [member for member in members if member.lower().endswith(".shp")]
    if len(shapes) > 1:
        hint = "Pack only the one to be read."
        raise BadInput("layer-ambiguous", f"The archive has {len(shapes)} shapefiles.", hint=hint, place=Place(name))
    stems = [shape[: -len(".shp")] for shape in shapes]
    return {
        suffix: member
        for suffix in _PARTS
        for member in members
        if stems and member[: -len(suffix)] == stems[0] and member.lower().endswith(suffix)
    }


def _first_bytes(file: Path) -> bytes:
    """The beginning of the main file, out of its archive where it is in one."""
    if not is_zip(file):
        return first_bytes(file)
    member = _parts(file, str(file)).get(".shp")
    if member is None:
        return b""
    with open_member(file, str(file), member) as stream:
        return stream.read(_KIND.stop)


def _kind(start: bytes) -> int:
    """Number of the kind of shapes; 0 where it is no shapefile."""
    return int.from_bytes(start[_KIND], "little") if start.startswith(_MAGIC) else 0
