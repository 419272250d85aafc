"""Files the server knows: found by lookup in a table made at start, never by a path that somebody sent."""

import re
from dataclasses import dataclass
from pathlib import Path

from wildways.model import MEDIA_TYPES, Corrupt, FileRole, Place
from wildways.release.checksums import CHECKSUMS_FILE, hash_file
from wildways.release.opening import Release

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
A_DAY = "public, max-age=86400"

MAX_COMPRESSED = 8 * 2**20
"""Larger text is sent as it is; smaller is compressed once and kept."""

_HASHED_NAME = re.compile(r"assets/.+-[\w-]{8,}\.\w+")
_TEXT = frozenset(
    {
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/markdown",
        "text/plain",
    }
)
_BY_SUFFIX = {
    ".css": "text/css; charset=utf-8",
    ".csv": MEDIA_TYPES[FileRole.CSV],
    ".gpkg": MEDIA_TYPES[FileRole.GEOPACKAGE],
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".parquet": MEDIA_TYPES[FileRole.GEOPARQUET],
    ".pbf": "application/x-protobuf",
    ".pmtiles": MEDIA_TYPES[FileRole.TILES],
    ".png": "image/png",
    ".sha256": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".tif": MEDIA_TYPES[FileRole.COG],
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class KnownFile:
    """A file that may be asked for."""

    path: Path
    size: int
    sha256: str
    media_type: str
    cache: str

    @property
    def is_compressed(self) -> bool:
        """Whether it is sent compressed: text of moderate size; never what is read by ranges or compressed already."""
        return self.media_type.partition(";")[0] in _TEXT and self.size <= MAX_COMPRESSED

    def names_version(self, version: str | None) -> bool:
        """Whether `version` is the beginning of this file's hash, so that the address can never mean other bytes."""
        return version is not None and len(version) >= 8 and self.sha256.startswith(version)


def release_files(release: Release) -> dict[str, KnownFile]:
    """The files of a release by their path in it.

    Raises
    ------
    Corrupt : one is missing
    """
    digests = {**release.checksums, CHECKSUMS_FILE: hash_file(release.folder / CHECKSUMS_FILE)}
    missing = [name for name in digests if not (release.folder / name).is_file()]
    if missing:
        raise Corrupt("release-damaged", "This file of a release is missing.", place=Place(release.folder / missing[0]))
    return {name: _known(release.folder / name, digest, REVALIDATE) for name, digest in digests.items()}


def package_files(folder: Path, cache: str) -> dict[str, KnownFile]:
    """The files of the web application or base map by their path below `folder`; hashed names never change."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: _known(path, hash_file(path), IMMUTABLE if _HASHED_NAME.fullmatch(name) else cache)
        for name, path in paths.items()
    }


def _known(path: Path, digest: str, cache: str) -> KnownFile:
    media_type = _BY_SUFFIX.get(path.suffix, "application/octet-stream")
    return KnownFile(path, path.stat().st_size, digest, media_type, cache)
