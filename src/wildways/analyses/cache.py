"""Results kept by the content of what they were computed from, so that nothing is computed twice."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from wildways import __version__


@cache
def code_version() -> str:
    """Version of Wildways and a digest of the science and analyses code, for example ``0.1.0+5f2c0a91``."""
    digest = hashlib.sha256()
    for package in ("wildways.movement", "wildways.analyses"):
        folder = Path(str(files(package)))
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", ".toml", ".csv"}:
                digest.update(file.relative_to(folder).as_posix().encode())
                digest.update(file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def content_key(*parts: Any) -> str:
    """SHA-256 of arrays (their type, shape and bytes) and of JSON-able values, hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            array = np.ascontiguousarray(part)
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
        else:
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place: readers see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    os.close(handle)
    try:
        write(Path(name))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def keep_only(folder: Path, names: Iterable[str]) -> None:
    """Delete the files of `folder` that are not named."""
    wanted = set(names)
    if folder.is_dir():
        for file in folder.iterdir():
            if file.is_file() and file.name not in wanted:
                file.unlink()
