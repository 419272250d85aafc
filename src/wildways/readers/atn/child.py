"""Takes the variables of a trajectory out of a netCDF-4 file, in a process of its own.

HDF5 is a large library in C, and some broken files kill it. So `netcdf` runs this file as a script, with limits,
and it imports nothing of Wildways. Asked in JSON on standard input, it answers on standard output: arrays as NPZ, or
with exit code 3 a refusal as JSON. A file may also point into other files and claim any size; that is refused here.
"""

import io
import json
import math
import sys
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

REFUSED = 3

_MAX_MEMORY_BYTES = 2 << 30
_MAX_CHUNK_BYTES = 64_000_000
_MAX_TEXT_BYTES = 64
_SLICE_BYTES = 50_000_000
_BIGGEST = 1e30
"""Beyond it numbers are the library's own marks of what is missing."""

_BROKEN = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    SystemError,
)
"""What h5py raises on broken files."""

Variable = Any
"""A dataset of h5py."""


class Refusal(Exception):
    """A file that is not read: code, message and variable."""


def main() -> int:
    """Answer one request, as `netcdf` makes it; returns the exit code."""
    request = json.load(sys.stdin)
    _limit(request["max_seconds"])
    try:
        with h5py.File(request["file"], "r") as root:
            answer = _answer(root, request)
    except Refusal as refusal:
        return _refuse(*refusal.args)
    except _BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return _refuse("netcdf-damaged", f"The netCDF file is damaged: {reason.rstrip('.')}.", None)
    buffer = io.BytesIO()
    np.savez(buffer, **answer)
    sys.stdout.buffer.write(buffer.getbuffer())
    return 0


def _limit(max_seconds: int) -> None:
    """Keep to the memory and time of a process that reads one track, where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, _MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, max_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _refuse(code: str, message: str, field: str | None) -> int:
    sys.stdout.write(json.dumps({"code": code, "message": message, "field": field}))
    return REFUSED


def _answer(root: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    found = {field: _find(root, names) for field, names in request["variables"].items()}
    for field in request["required"]:
        if found[field] is None:
            names = " or ".join(request["variables"][field].split())
            raise Refusal("atn-variables", f"The file has no variable {names}.", None)
    present = {field: variable for field, variable in found.items() if variable is not None}
    _demand_one_dimension(present, request["max_rows"])
    n_bytes = root.id.get_filesize()
    arrays = {
        field: _texts(variable, n_bytes) if field in request["texts"] else _numbers(variable)
        for field, variable in present.items()
    }
    about: dict[str, str] = {}
    for field, path, attribute in request["metadata"]:
        if field not in about and (said := _say(root, path, attribute)) is not None:
            about[field] = said
    facts = {
        "names": {field: _name(variable) for field, variable in present.items()},
        "units": _attribute(present["time"], "units"),
        "calendar": _attribute(present["time"], "calendar"),
        "about": about,
    }
    return {**arrays, "facts": np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)}


def _demand_one_dimension(present: Mapping[str, Variable], max_rows: int) -> None:
    time = present["time"]
    if time.ndim != 1:
        raise Refusal("atn-shape", f"The shape of the time is {time.shape}; one trajectory has one dimension.", "time")
    for variable in present.values():
        is_characters = variable.ndim == 2 and variable.dtype.kind == "S"
        if variable.shape[:1] != time.shape or (variable.ndim != 1 and not is_characters):
            message = f"The shape of the variable is {variable.shape}, that of the time {time.shape}."
            raise Refusal("atn-shape", message, _name(variable))
    if len(time) > max_rows:
        raise Refusal("rows", f"The file has {len(time)} observations; at most {max_rows}.", "time")
    if not len(time):
        raise Refusal("no-rows", "The trajectory has no observations.", "time")


def _find(root: Any, names: str) -> Variable | None:
    """The first of several variables, by names with spaces between them, that the file itself holds."""
    for name in names.split():
        found = _owner(root, name)
        if isinstance(found, h5py.Dataset):
            return _checked(found)
    return None


def _owner(root: Any, path: str) -> Any | None:
    """The object of a path of which every link stays in the file."""
    owner = root
    for part in filter(None, path.split("/")):
        if not isinstance(owner, h5py.Group) or not isinstance(owner.get(part, getlink=True), h5py.HardLink):
            return None
        owner = owner.get(part)
    return owner


def _checked(variable: Variable) -> Variable:
    """The variable if its values lie in the file and are no more than those of a track."""
    name = _name(variable)
    if variable.is_virtual or variable.external:
        raise Refusal("netcdf-external", "The variable's values lie in another file.", name)
    if variable.shape is None or variable.ndim > 2 or (variable.ndim == 2 and variable.shape[1] > _MAX_TEXT_BYTES):
        raise Refusal("netcdf-shape", f"The variable's shape is {variable.shape}.", name)
    if variable.dtype.itemsize > _MAX_TEXT_BYTES:
        raise Refusal("netcdf-type", f"The variable is of type {variable.dtype}.", name)
    if variable.chunks is not None and math.prod(variable.chunks) * variable.dtype.itemsize > _MAX_CHUNK_BYTES:
        raise Refusal("netcdf-shape", f"The variable's chunks are {variable.chunks}.", name)
    return variable


def _say(root: Any, path: str, attribute: str) -> str | None:
    """What an attribute of an object, or without one the first value of a variable, says as text."""
    owner = _owner(root, path)
    if owner is None:
        return None
    if attribute:
        return _attribute(owner, attribute)
    if not isinstance(owner, h5py.Dataset) or not _checked(owner).size:
        return None
    if owner.dtype == "S1" and owner.ndim == 1:
        return _text(owner[:_MAX_TEXT_BYTES].tobytes())
    value = _text(np.ravel(owner[()] if owner.ndim == 0 else owner[:1])[0])
    return None if value == _attribute(owner, "_FillValue") else value


def _attribute(owner: Any, attribute: str) -> str | None:
    """An attribute as text; None where there is none, or several values, or nothing said."""
    if attribute not in owner.attrs:
        return None
    about = h5py.h5a.open(owner.id, attribute.encode())
    if math.prod(about.shape or (1,)) != 1 or about.dtype.itemsize > _SLICE_BYTES:
        return None
    return _text(np.ravel(owner.attrs[attribute])[0])


def _number(owner: Any, attribute: str) -> float | None:
    given = _attribute(owner, attribute)
    try:
        return None if given is None else float(given)
    except ValueError:
        return None


def _numbers(variable: Variable) -> NDArray[np.float64]:
    """The values of a variable, NaN where they are missing; packed ones unpacked, (n,)."""
    if variable.dtype.kind not in "iuf":
        raise Refusal("netcdf-type", f"The variable holds no numbers but {variable.dtype}.", _name(variable))
    values: NDArray[np.float64] = variable[()].astype(np.float64)
    for attribute in ("_FillValue", "missing_value"):
        fill = _number(variable, attribute)
        if fill is not None:
            values[values == fill] = np.nan
    values[np.abs(values) > _BIGGEST] = np.nan
    scale, offset = _number(variable, "scale_factor"), _number(variable, "add_offset")
    with np.errstate(all="ignore"):
        values *= 1.0 if scale is None else scale
        values += 0.0 if offset is None else offset
    return values


def _texts(variable: Variable, n_bytes: int) -> NDArray[np.str_]:
    """The values of a variable as texts, empty where nothing is said, (n,); characters in rows are joined.

    A few at a time, as many as fit into memory if each were as long as the file.
    """
    if variable.dtype.kind not in "SO":
        return np.array([_text(value) or "" for value in _numbers(variable)])
    step = max(16, _SLICE_BYTES // max(n_bytes, 1))
    found: list[str] = []
    for start in range(0, len(variable), step):
        values = variable[start : start + step]
        rows = [row.tobytes() for row in values] if values.ndim == 2 else values.tolist()
        found += [(_text(row) or "")[:_MAX_TEXT_BYTES] for row in rows]
    return np.array(found, dtype=np.str_)


def _name(variable: Variable) -> str:
    return str(variable.name).strip("/")


def _text(value: object) -> str | None:
    """A value as text: whole numbers without a point, None where it is empty or not a number."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    plain = str(value).encode("utf-8", errors="replace").decode()
    return plain.replace("\0", "").strip() or None


if __name__ == "__main__":
    sys.exit(main())
