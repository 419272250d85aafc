"""ETN data packages: acoustic detections with their animals and tags in files beside them."""

import json
from pathlib import Path

from wildways.model import BadInput, Place, Source
from wildways.readers.acoustic.package import PackageReading, find_beside
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.csvfile import read_head
from wildways.readers.fields import load_fields, looks_like, map_fields
from wildways.readers.marine.findings import demand_degrees

FIELDS = "acoustic/etn_detections_fields.csv"
RESOURCES = frozenset({"detections", "animals", "tags"})
"""Resources that make a data package one of ETN."""

_MAX_JSON_BYTES = 4_000_000


class EtnPackage:
    """Reads data packages of the European Tracking Network.

    Named is the ``detections.csv`` (or ``.csv.gz``) or the ``datapackage.json``; animals and tags are read from the
    files of their names beside it, whatever paths the package gives. Every detection is kept, also where an id stands
    twice; lonely ones are marked as suspected by the delay of their tag.

    References
    ----------
    Desmet et al., etn: Access data from the European Tracking Network, https://inbo.github.io/etn
    """

    name = "etn-package"
    version = "1"
    description = "ETN data package: datapackage.json or detections.csv, with animals.csv and tags.csv beside it"

    def claims(self, file: Path) -> bool:
        """Whether this is a data package of ETN or its detections."""
        return _is_package(file) or looks_like(file, FIELDS)

    def siblings(self, file: Path) -> list[Path]:
        """The animals and tags, and the detections of a package; see `ReadsSiblings`."""
        found = (find_beside(file, file.name, resource) for resource in sorted(RESOURCES))
        return [beside[0] for beside in found if beside is not None]

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the detections of a package; see `Reader.read`."""
        options = options or ReadingOptions()
        name = options.name or str(file)
        detections, shown = file, name
        if _is_package(file):
            found = find_beside(file, name, "detections")
            if found is None:
                raise BadInput(
                    "package-incomplete",
                    f"There is neither detections.csv nor detections.csv.gz beside {name}.",
                    hint="Keep the files of the package together.",
                    place=Place(name),
                )
            detections, shown = found
        head = read_head(detections, shown)
        demand_degrees(source, head.name)
        return PackageReading(head, map_fields(head, load_fields(FIELDS), source), FIELDS, source, options)


def _is_package(file: Path) -> bool:
    try:
        if not file.is_file() or file.stat().st_size > _MAX_JSON_BYTES:
            return False
        with file.open("rb") as stream:
            if not stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
                return False
        package = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    resources = package.get("resources") if isinstance(package, dict) else None
    if not isinstance(resources, list):
        return False
    return {str(resource.get("name")) for resource in resources if isinstance(resource, dict)} >= RESOURCES
