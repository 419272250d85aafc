"""What the store adds to a record of its own: the accepted name of the animal, the country or sea of the position.

Pure; batches in, batches out. Work grows with the number of distinct names and positions, not of texts: dictionaries
stay dictionaries.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.model import DERIVED_COLUMNS, RECORD_TABLES, Finding
from wildways.store.links import places_of_links
from wildways.store.names import AcceptedNames

TEXTS = pa.dictionary(pa.int32(), pa.string())
"""Type of the derived columns."""

_PLACED_BY = MappingProxyType(
    {"fix": "point", "encounter": "point", "detection": "point", "site": "point", "link": "sites", "drawn": "shape"}
)
"""What says where a record of a table is."""
_PLACE_COLUMNS = DERIVED_COLUMNS[1:]

Places = Sequence[pa.Array]
"""Country, countries, sea area: one array each."""


class Located(Protocol):
    """Where positions lie: one dictionary-encoded array of texts each; see `DERIVED_COLUMNS`."""

    @property
    def country(self) -> pa.Array: ...

    @property
    def countries(self) -> pa.Array: ...

    @property
    def sea_area(self) -> pa.Array: ...


class Locator(Protocol):
    """Knows the countries and seas; `wildways.context.Jurisdictions` is one."""

    @property
    def version(self) -> str:
        """What was known; another version may answer otherwise."""
        ...

    def locate(
        self,
        longitude: NDArray[np.float64],
        latitude: NDArray[np.float64],
        uncertainty_m: NDArray[np.float64] | None = None,
    ) -> Located:
        """Where points lie, in degrees; NaN where the uncertainty is unknown."""
        ...

    def locate_shapes(self, wkb: list[bytes | None]) -> Located:
        """Where shapes lie, in WKB, degrees."""
        ...


@cache
def load_locator() -> Locator:
    """The countries and seas that Wildways knows; loaded once."""
    from wildways.context import Jurisdictions

    return Jurisdictions.load()


class Deriver:
    """Derives the columns of one file's records.

    Parameters
    ----------
    locator : knows the countries and seas
    """

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._names = AcceptedNames()

    def schema(self, table: str, schema: pa.Schema) -> pa.Schema:
        """Schema of what `derive` makes of a batch."""
        added = DERIVED_COLUMNS if table in RECORD_TABLES else DERIVED_COLUMNS[:1] if table == "organism" else ()
        return pa.schema([*schema, *(pa.field(name, TEXTS) for name in added)])

    def derive(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the derived columns to a batch of records, or to animals their accepted name; other tables stay.

        Links lie where their sites do, so a batch of links goes through `derive_tables`.
        """
        if table in RECORD_TABLES:
            return self._with(table, batch, self._places(table, batch))
        return self._with(table, batch, ()) if table == "organism" else batch

    def derive_tables(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """Add the derived columns to the tables of a file; a link's sites are those of its study in the file.

        Where other files of the source have the sites, see `Records.settle_links`.
        """
        derived = {name: self._derive_table(name, table) for name, table in tables.items() if name != "link"}
        if "link" in tables:
            link = _whole(tables["link"])
            places = places_of_links(link, derived.get("site"))
            derived["link"] = pa.Table.from_batches([self._with("link", link, places)])
        return derived

    def findings(self) -> tuple[Finding, ...]:
        """The names that stand for no taxon, so far."""
        return self._names.findings()

    def _derive_table(self, name: str, table: pa.Table) -> pa.Table:
        return pa.Table.from_batches([self.derive(name, _whole(table))])

    def _with(self, table: str, batch: pa.RecordBatch, places: Places) -> pa.RecordBatch:
        accepted = self._names.accept(table, batch["taxon"])
        schema = self.schema(table, batch.schema)
        return pa.RecordBatch.from_arrays([*batch.columns, accepted, *map(_as_texts, places)], schema=schema)

    def _places(self, table: str, batch: pa.RecordBatch) -> Places:
        if _PLACED_BY[table] == "shape":
            return _of(self._locator.locate_shapes(batch["geometry_wkb"].to_pylist()))
        longitude, latitude = _floats(batch["longitude"]), _floats(batch["latitude"])
        uncertainty = _uncertainty(batch)
        is_placed = np.isfinite(longitude) & np.isfinite(latitude)
        if is_placed.all():
            return _of(self._locator.locate(longitude, latitude, uncertainty))
        of_placed = None if uncertainty is None else uncertainty[is_placed]
        located = self._locator.locate(longitude[is_placed], latitude[is_placed], of_placed)
        at = pa.array(np.cumsum(is_placed) - 1, mask=~is_placed)
        return [places.take(at) for places in _of(located)]


def _of(located: Located) -> Places:
    return [getattr(located, name) for name in _PLACE_COLUMNS]


def _uncertainty(batch: pa.RecordBatch) -> NDArray[np.float64] | None:
    """Radius or semi-major axis, metres; None where no record has one."""
    columns = [batch["uncertainty_m"], batch["semi_major_m"]]
    known = [column for column in columns if column.null_count < batch.num_rows]
    return _floats(pc.coalesce(*known)) if known else None


def _floats(column: pa.Array) -> NDArray[np.float64]:
    """A column of numbers, NaN where empty."""
    numbers: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return numbers if numbers.dtype == np.float64 else numbers.astype(np.float64)


def _as_texts(column: pa.Array) -> pa.Array:
    if column.type == TEXTS:
        return column
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.int32()), encoded.dictionary.cast(pa.string()))


def _whole(table: pa.Table) -> pa.RecordBatch:
    """A table as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
