"""Files that are there whole or not at all."""

import filecmp
import json
import os
from pathlib import Path
from typing import Any

from wildways.model import Corrupt, Place


def put_in_place(finished: Path, target: Path) -> None:
    """Move a finished file to where it belongs; a target with the same content stays untouched."""
    if target.is_file() and filecmp.cmp(finished, target, shallow=False):
        finished.unlink()
        return
    with finished.open("rb") as stream:
        os.fsync(stream.fileno())
    finished.replace(target)


def write_whole(file: Path, text: str) -> None:
    """Write a text file at once."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(text, encoding="utf-8")
    put_in_place(partial, file)


def write_json(file: Path, content: Any) -> None:
    """Write a JSON file at once."""
    write_whole(file, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object; empty where there is no file.

    Raises
    ------
    Corrupt : it is not one
    """
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Corrupt(
            "fetch-file",
            "This is not the JSON that was written.",
            hint="Move it away and fetch again.",
            place=Place(file),
        )
    return content
