"""Sums up evidence as it goes by: how many records, of which taxa and animals, when and where."""

from collections import Counter
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import RECORD_TABLES

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; west > east where it crosses 180°."""


class Summary:
    """What tables of evidence hold together; add each once."""

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self._taxa: Counter[str] = Counter()
        self._studies: set[str] = set()
        self._animals: set[tuple[str, str]] = set()
        self._times: list[datetime] = []
        self._west_east: list[np.ndarray] = []
        self._south_north: list[np.ndarray] = []

    def add(self, name: str, table: pa.Table) -> None:
        """Add rows of the table called so."""
        if name in RECORD_TABLES and table.num_rows:
            self.records[name] += table.num_rows
            self._add_places(table)
            self._add_times(table)
        if {"study_id", "organism_id"} <= set(table.column_names):
            pairs = table.select(["study_id", "organism_id"]).group_by(["study_id", "organism_id"]).aggregate([])
            self._animals.update(zip(*(pairs[key].to_pylist() for key in ("study_id", "organism_id")), strict=True))
        if "study_id" in table.column_names:
            self._studies.update(pc.unique(table["study_id"]).to_pylist())
        if "taxon" in table.column_names:
            counts = pc.value_counts(_plain(table["taxon"]).drop_null())
            self._taxa.update({entry["values"].as_py(): entry["counts"].as_py() for entry in counts})

    @property
    def studies(self) -> tuple[str, ...]:
        """Studies named, in order of the alphabet."""
        return tuple(sorted(self._studies))

    @property
    def taxa(self) -> tuple[str, ...]:
        """Taxa named, the most frequent first."""
        return tuple(taxon for taxon, _ in sorted(self._taxa.items(), key=lambda item: (-item[1], item[0])))

    @property
    def n_animals(self) -> int:
        """Animals known apart."""
        return len(self._animals)

    @property
    def start_utc(self) -> datetime | None:
        """The earliest moment."""
        return min(self._times, default=None)

    @property
    def end_utc(self) -> datetime | None:
        """The latest moment."""
        return max(self._times, default=None)

    @property
    def box(self) -> Box | None:
        """The smallest box around all places, going the short way round."""
        if not self._west_east:
            return None
        latitudes = np.concatenate(self._south_north)
        west, east = _smallest_arc(np.concatenate(self._west_east))
        return west, float(latitudes.min()), east, float(latitudes.max())

    def _add_times(self, table: pa.Table) -> None:
        for column in {"time_utc", "start_utc", "end_utc"}.intersection(table.column_names):
            span = pc.min_max(table[column]).as_py()
            self._times += [moment for moment in span.values() if moment is not None]

    def _add_places(self, table: pa.Table) -> None:
        if "geometry_wkb" in table.column_names:
            import shapely

            bounds = shapely.bounds(shapely.get_parts(shapely.from_wkb(table["geometry_wkb"].to_numpy())))
            self._west_east.append(bounds[:, [0, 2]])
            self._south_north.append(bounds[:, [1, 3]].ravel())
        elif "longitude" in table.column_names:
            longitudes, latitudes = (table[name].drop_null().to_numpy() for name in ("longitude", "latitude"))
            if len(longitudes):
                self._west_east.append(np.column_stack([longitudes, longitudes]))
                self._south_north.append(latitudes)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _smallest_arc(arcs: np.ndarray) -> tuple[float, float]:
    """West and east of the arc of longitudes that leaves out the widest gap between `arcs` (west, east; one a row)."""
    arcs = arcs[np.argsort(arcs[:, 0], kind="stable")]
    reached = np.maximum.accumulate(arcs[:, 1])
    gaps = arcs[1:, 0] - reached[:-1]
    outside = 360 - (reached[-1] - arcs[0, 0])
    if not len(gaps) or gaps.max() <= outside:
        return float(arcs[0, 0]), float(reached[-1])
    widest = int(gaps.argmax())
    return float(arcs[widest + 1, 0]), float(reached[widest])
