"""GeoLocator-DP: paths of light and pressure geolocators, with their simulations as uncertainty."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wildways.model import BadInput, Finding, LimitReached, Place, Source, WildwaysError
from wildways.readers.contract import Reading, ReadingOptions
from wildways.readers.dwca.archive import Archive
from wildways.readers.dwca.join import in_batches, texts_of
from wildways.readers.dwca.meta import DataFile
from wildways.readers.dwca.table import read_header, read_rows
from wildways.readers.engine import enter_engine
from wildways.readers.findings import load_messages
from wildways.readers.geolocator import sql
from wildways.readers.opening import base_name, is_zip
from wildways.readers.parsing import BATCH_ROWS
from wildways.readers.siblings import tables_beside
from wildways.readers.tracks.reading import TrackReading
from wildways.readers.tracks.rows import SetAside

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PACKAGE = "datapackage.json"
MAX_PACKAGE = 1 << 24
"""Bytes a datapackage.json may have."""

_COLUMNS = (
    "timestamp",
    "location-long",
    "location-lat",
    "individual-local-identifier",
    "tag-local-identifier",
    "individual-taxon-canonical-name",
    "sensor-type",
    "location-error-numerical",
)


class GeoLocatorPackage:
    """Reads the paths of a package: its datapackage.json, or a ZIP archive of it.

    Each stationary period is one fix in the middle of its time, 95 % of the simulations lying within `uncertainty_m`.
    A tag's most likely path comes first, then the one made by hand, then that of its likelihood map.

    References
    ----------
    GeoLocator Data Package, https://raphaelnussbaumer.com/GeoLocator-DP; Nussbaumer et al. (2023), GeoPressureR
    """

    name = "geolocator-dp"
    version = "1"
    description = "GeoLocator Data Package: most likely paths of geolocators, with simulations as uncertainty"

    def claims(self, file: Path) -> bool:
        """Whether it is a data package with tags, stationary periods and paths."""
        if not is_zip(file) and file.name != PACKAGE:
            return False
        try:
            return set(sql.TABLES) <= set(_resources(Archive(file, str(file), PACKAGE))[0])
        except WildwaysError:
            return False

    def siblings(self, file: Path) -> list[Path]:
        """The tables beside the datapackage.json of an unpacked package; see `ReadsSiblings`."""
        return [] if is_zip(file) else tables_beside(file, (".csv",))

    def read(self, file: Path, source: Source, options: ReadingOptions | None = None) -> Reading:
        """Prepare to read the paths; see `Reader.read`."""
        options = options or ReadingOptions()
        rows = PathRows(file, options.name or str(file), options)
        named = source if source.study or not rows.title else source.model_copy(update={"study": rows.title})
        return TrackReading(rows, named, options)


class PathRows:
    """The rows of ``paths`` in file order; see `RowSource`."""

    columns = _COLUMNS
    defaults: Mapping[str, str] = MappingProxyType({})
    is_utc = True
    crs = "EPSG:4326"
    hints: Mapping[str, str] = MappingProxyType({"no-position": "A period that the model left out has no position."})

    def __init__(self, file: Path, name: str, options: ReadingOptions) -> None:
        self.file, self._options = file, options
        self._archive = Archive(file, name, PACKAGE)
        resources, self.title = _resources(self._archive)
        missing = sorted(set(sql.TABLES) - set(resources))
        if missing:
            message = f"The package has no table {', '.join(missing)}."
            hint = "Paths need their tags and stationary periods."
            raise BadInput("package-tables", message, hint=hint, place=Place(name, None, "resources"))
        self._tables = {table: self._described(table, resources[table]) for table in sql.TABLES}
        self.name = self._archive.name_of(resources["paths"])
        self.set_aside = SetAside(load_messages("geolocator/findings.csv"))

    def batches(self, wanted: Sequence[int]) -> Iterator[list[pa.Array]]:
        """Yield the wanted columns of the paths that are birds'."""
        n_unknown = 0
        with ExitStack() as stack:
            engine = self._open_engine(stack)
            types = {"types": list(sql.PATH_TYPES)}
            for statement in sql.PREPARE.split(";"):
                engine.execute(statement, types if "$types" in statement else None)
            for batch in engine.execute(sql.POSITIONS, types).to_arrow_reader(BATCH_ROWS):
                for row in (
                    batch.filter(batch["fate"].is_valid()).select(["number", "line", "fate", "type"]).to_pylist()
                ):
                    self.set_aside.add(row["fate"], row["number"], line=row["line"], field="type", example=row["type"])
                kept = batch.filter(batch["fate"].is_null())
                n_unknown += kept["location-error-numerical"].null_count
                yield [kept[_COLUMNS[index]].cast(pa.string()) for index in wanted]
        if n_unknown:
            message = "There are no simulations for these positions, so nobody knows how exact they are."
            hint = "Positions from light alone may be 200 km off."
            self.set_aside.remarks.append(
                Finding("uncertainty-unknown", message, n_unknown, place=Place(self.name), hint=hint)
            )

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Lines on which rows start; the file is read up to the last of them."""
        wanted, lines = set(rows), {}
        table, n_columns = self._tables["paths"]
        with self._archive.opened(table.location) as stream:
            for row in read_rows(stream, table, self.name, n_columns):
                if row.number in wanted:
                    lines[row.number] = row.line
                if row.number >= rows[-1]:
                    break
        return lines

    def _described(self, table: str, location: str) -> tuple[DataFile, int | None]:
        """A table as its header has it, and how many columns that names."""
        columns = sql.TABLES[table]
        name = self._archive.name_of(location)
        described = DataFile(table, location, "utf-8", ",", '"', 1, None, {}, {})
        header = read_header(self._archive.head(location), described)
        missing = [column for column in columns if column not in header]
        if missing:
            message = f"The table {table} has no column {', '.join(missing)}."
            raise BadInput("columns", message, hint="Correct its header.", place=Place(name, 1, missing[0]))
        indices = {column: header.index(column) for column in columns}
        return replace(described, indices=indices), len(header)

    def _open_engine(self, stack: ExitStack) -> "DuckDBPyConnection":
        """An engine with the tables of the package."""
        engine = enter_engine(self._options, stack)
        for name, (table, n_columns) in self._tables.items():
            columns = sql.TABLES[name]
            names = ("number", "line", "is_broken", *columns)
            engine.register("given", texts_of([], table, columns))
            selected = ", ".join(f'"{column}"' for column in names)
            engine.execute(f"CREATE TABLE {name} AS SELECT {selected} FROM given")  # noqa: S608 - our names
            with self._archive.opened(table.location) as stream:
                for rows in in_batches(read_rows(stream, table, self._archive.name_of(table.location), n_columns)):
                    engine.register("given", texts_of(rows, table, columns))
                    engine.execute(f"INSERT INTO {name} SELECT {selected} FROM given")  # noqa: S608 - our names
        return engine


def _resources(archive: Archive) -> tuple[dict[str, str], str | None]:
    """Name of each resource → its file in the archive; and the title of the package.

    Raises
    ------
    BadInput : datapackage.json is none, or names files that are not there
    """
    with archive.opened(PACKAGE) as stream:
        content = stream.read(MAX_PACKAGE + 1)
    place = Place(archive.name_of(PACKAGE))
    if len(content) > MAX_PACKAGE:
        message = f"{PACKAGE} is longer than {MAX_PACKAGE:,} bytes."
        raise LimitReached("json-length", message, hint="Take out what is not about its tables.", place=place)
    try:
        package: Any = json.loads(content)
        listed = {str(each["name"]): base_name(str(each["path"])) for each in package["resources"] if "path" in each}
        title = package.get("title") or package.get("name")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{PACKAGE} does not say what its files hold."
        raise BadInput("package-malformed", message, hint="Write the package again.", place=place) from error
    found = {resource: location for resource, location in listed.items() if location in archive}
    return found, str(title)[:500] if title else None
