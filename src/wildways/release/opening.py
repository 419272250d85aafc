"""Reading a release: its catalogue and where its files are. Knows nothing of the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from wildways.model import BadInput, Catalogue, Corrupt, NotFound, Place
from wildways.release.checksums import hash_file, read_checksums

CATALOGUE_FILE = "catalogue.json"
FORMAT = "wildways-catalogue/1"


@dataclass(frozen=True)
class Release:
    """A release that was opened: its catalogue and the SHA-256 of each of its files."""

    folder: Path
    catalogue: Catalogue
    checksums: Mapping[str, str]

    def path(self, relative: str) -> Path:
        """Where a file of the release lies; only listed files have a path.

        Raises
        ------
        NotFound : the release lists no such file
        """
        if relative not in self.checksums:
            raise NotFound("file-unknown", "The release has no such file.")
        return self.folder / relative

    def verify_sizes(self) -> None:
        """Check that every product file has the size the catalogue states; quick whatever their size.

        Raises
        ------
        Corrupt : names the first file that has not
        """
        for file in (file for product in self.catalogue.products for file in product.files):
            path = self.folder / file.path
            size = path.stat().st_size if path.is_file() else None
            if size != file.bytes:
                found = "is missing" if size is None else f"has {size:,} bytes instead of {file.bytes:,}"
                raise Corrupt("release-damaged", f"This file of a release {found}.", place=Place(path))


def open_release(folder: Path | str) -> Release:
    """Open a release and check that its catalogue is as it was written.

    Raises
    ------
    NotFound : the folder is not a release
    BadInput : it was written by a version of Wildways that uses another format
    Corrupt : the catalogue is damaged; :func:`verify_release` checks the other files
    """
    folder = Path(folder)
    checksums = read_checksums(folder)
    file = folder / CATALOGUE_FILE
    if not file.is_file() or hash_file(file) != checksums.get(CATALOGUE_FILE):
        raise Corrupt("release-damaged", "The catalogue of the release is missing or damaged.", place=Place(file))
    try:
        catalogue = Catalogue.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise _other_format(file) from error
    if catalogue.format != FORMAT:
        raise _other_format(file)
    return Release(folder, catalogue, checksums)


def _other_format(file: Path) -> BadInput:
    return BadInput(
        "catalogue-format",
        f"This catalogue is not of the format {FORMAT}.",
        hint="Open it with the version of Wildways that wrote it, or write the release again.",
        place=Place(file),
    )
