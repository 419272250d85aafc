"""Looks into a netCDF-4 file through a process of its own, which may die of the file."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wildways.model import BadInput, LimitReached, Place
from wildways.readers.fields import load_table

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_FILE_BYTES = 500_000_000
MAX_OBSERVATIONS = 2_000_000
"""Observations of a file; a tag that is heard every minute for three years has fewer."""

TEXTS = ("location_class", "type")
"""Fields that are texts; the others are numbers."""

_VARIABLES, _METADATA = "atn/variables.csv", "atn/metadata.csv"
_CLASSIC = b"CDF"
_CHILD = Path(__file__).with_name("child.py")
_REFUSED = 3
_LEAST_SECONDS = 8
_BYTES_PER_SECOND = 20_000_000
_PATIENCE = 4
"""Times the computing time allowed that a reading may last on a busy machine."""

_LIMITS = frozenset({"rows"})
_ONE_THREAD = MappingProxyType({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """What a trajectory file holds.

    Parameters
    ----------
    numbers : field → values, NaN where missing, (n,)
    texts : field → values, empty where missing, (n,)
    names : field → name of its variable in the file
    units, calendar : of the time, as the file says
    about : field of ``atn/metadata.csv`` → what the file says
    """

    numbers: Mapping[str, Floats]
    texts: Mapping[str, NDArray[np.str_]]
    names: Mapping[str, str]
    units: str
    calendar: str
    about: Mapping[str, str]


def read_observations(file: Path, name: str) -> Observations:
    """Read the variables of a trajectory; `name` is the file, for messages.

    Raises
    ------
    BadInput : it is no netCDF-4, or broken, or does not hold one trajectory
    LimitReached : it is too large, or takes too long
    """
    _demand_hdf5(file, name)
    answer = _ask(file, name)
    facts = json.loads(answer["facts"].tobytes())
    fields = answer.keys() - {"facts"}
    return Observations(
        {field: answer[field] for field in fields.difference(TEXTS)},
        {field: answer[field] for field in fields.intersection(TEXTS)},
        facts["names"],
        facts["units"] or "",
        (facts["calendar"] or "").lower(),
        facts["about"],
    )


def _ask(file: Path, name: str) -> dict[str, NDArray[Any]]:
    command = [sys.executable, "-P", str(_CHILD)]
    max_seconds = _LEAST_SECONDS + file.stat().st_size // _BYTES_PER_SECOND
    request = json.dumps(_request(file) | {"max_seconds": max_seconds}).encode()
    environment = {**os.environ, **_ONE_THREAD}
    try:
        done = subprocess.run(
            command, input=request, capture_output=True, timeout=_PATIENCE * max_seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"Reading the file takes more than {_PATIENCE * max_seconds} seconds."
        raise LimitReached("time", message, hint="Is this one trajectory?", place=Place(name)) from error
    if done.returncode == _REFUSED:
        raise _refusal(json.loads(done.stdout), name)
    if done.returncode != 0:
        message = "The netCDF file is damaged: it stopped the library that reads it."
        raise BadInput("netcdf-damaged", message, hint="Copy or download it again.", place=Place(name))
    with np.load(io.BytesIO(done.stdout), allow_pickle=False) as arrays:
        return dict(arrays.items())


def _request(file: Path) -> dict[str, object]:
    variables = load_table(_VARIABLES)
    return {
        "file": str(file.absolute()),
        "variables": {row["field"]: row["names"] for row in variables},
        "required": [row["field"] for row in variables if row["required"] == "yes"],
        "texts": TEXTS,
        "metadata": [(row["field"], row["object"], row["attribute"]) for row in load_table(_METADATA)],
        "max_rows": MAX_OBSERVATIONS,
    }


def _refusal(answer: Mapping[str, str | None], name: str) -> BadInput | LimitReached:
    code, message = str(answer["code"]), str(answer["message"])
    place = Place(name, None, answer["field"])
    if code in _LIMITS:
        return LimitReached(code, message, hint="Is this one trajectory?", place=place)
    hint = "Copy or download it again, or write it as one ATN trajectory of netCDF-4."
    return BadInput(code, message, hint=hint, place=place)


def _demand_hdf5(file: Path, name: str) -> None:
    place = Place(name)
    try:
        with file.open("rb") as stream:
            start = stream.read(len(SIGNATURE))
        n_bytes = file.stat().st_size
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise BadInput("file-unreadable", message, hint="Check the path.", place=place) from error
    if start.startswith(_CLASSIC):
        message = "This is netCDF of the classic format; ATN trajectories are netCDF-4."
        raise BadInput("netcdf-classic", message, hint="Convert it: nccopy -k nc4 IN OUT.", place=place)
    if start != SIGNATURE:
        raise BadInput("not-netcdf", "This is not a netCDF-4 file.", hint="Check the path.", place=place)
    if n_bytes > MAX_FILE_BYTES:
        message = f"The file has {n_bytes} bytes; at most {MAX_FILE_BYTES}."
        raise LimitReached("file-size", message, hint="Is this one trajectory?", place=place)
