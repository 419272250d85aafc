"""Loads DuckDB's extensions from the installed Python packages, by path and without network; else installs them."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wildways.model import NotFound
from wildways.readers import quote, quote_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PACKAGED_AS = {"sqlite_scanner": "sqlite"}
"""Extension → name it is packaged under, where the two differ."""


def load_extension(connection: "DuckDBPyConnection", name: str) -> None:
    """Load an extension: ``ducklake``, ``sqlite_scanner``, ``spatial``.

    Raises
    ------
    NotFound : no installed package holds it, and it cannot be downloaded either
    """
    import duckdb

    file = find_extension(name)
    try:
        if file is None:
            connection.execute(f"INSTALL {quote_name(name)}")
            connection.execute(f"LOAD {quote_name(name)}")
            return
        with _called(file, name) as path:
            connection.execute(f"LOAD {quote(str(path))}")
    except duckdb.Error as error:
        package = f"duckdb-extension-{_PACKAGED_AS.get(name, name)}=={duckdb.__version__}"
        raise NotFound(
            "extension-missing",
            f"DuckDB {duckdb.__version__} has no extension “{name}” here: {str(error).splitlines()[0]}",
            hint=f"Install the Python package {package}.",
        ) from error


def find_extension(name: str) -> Path | None:
    """The file of an extension in its installed package, for the running DuckDB; nothing where there is none."""
    import duckdb

    packaged = _PACKAGED_AS.get(name, name)
    spec = importlib.util.find_spec(f"duckdb_extension_{packaged}")
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{packaged}.duckdb_extension"
        if file.is_file():
            return file.absolute()
    return None


@contextmanager
def _called(file: Path, name: str) -> Iterator[Path]:
    """The file under the extension's own name, which DuckDB takes the entry point from."""
    if file.name == f"{name}.duckdb_extension":
        yield file
        return
    with TemporaryDirectory(prefix="wildways-") as folder:
        link = Path(folder) / f"{name}.duckdb_extension"
        try:
            link.symlink_to(file)
        except OSError:
            shutil.copyfile(file, link)
        yield link
