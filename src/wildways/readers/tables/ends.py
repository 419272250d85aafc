"""Ends of links: sites by their names, or with their positions, of which sites are made."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from wildways.readers.records import make_table
from wildways.readers.tables.rows import Ledger, Refused, Row

DECIMALS = 5
"""Positions that are the same to so many decimals of a degree, about 1 m, are one."""

_OF_LINK = ("study_id", "taxon", "evidence_class", "citation")


@dataclass(frozen=True)
class End:
    """Where a link starts or ends: a name, a position in degrees, or both."""

    name: str | None
    longitude: float | None
    latitude: float | None
    uncertainty_m: float | None = None
    verbatim: str | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the position is known."""
        return self.latitude is not None

    @property
    def position(self) -> str:
        """The position as text; ends of one text are at one place."""
        return "" if self.latitude is None else f"{self.latitude:.{DECIMALS}f} {self.longitude:.{DECIMALS}f}"

    @property
    def key(self) -> tuple[str | None, str]:
        """What tells ends apart."""
        return self.name, self.position

    @property
    def label(self) -> str:
        """The name, or else the position."""
        return self.name or self.position


def read_end(row: Row, side: str) -> End:
    """One end of a row's link: ``from`` or ``to``; refused where it has neither name nor position."""
    name = row.text(f"{side}-site")
    fields = f"{side}-longitude", f"{side}-latitude"
    if not any(row.text(field) for field in fields):
        return End(row.demand(f"{side}-site"), None, None)
    longitude, latitude = row.position(*fields)
    if name is None and latitude is None:
        raise Refused("field-missing", f"{side}-site")
    return End(name, longitude, latitude, row.number_in(f"{side}-uncertainty-m"), row.verbatim(*fields))


class Ends:
    """The ends of a table of links."""

    def __init__(self) -> None:
        self._of_row: dict[int, tuple[End, End]] = {}

    def add(self, row: int, ends: tuple[End, End]) -> None:
        """Remember the ends of a row."""
        self._of_row[row] = ends

    def make_sites(self, links: pa.Table, ledger: Ledger) -> Mapping[str, pa.Table]:
        """Make sites of the ends that have positions; the links then name these.

        A site's id is its name, or else its position; where links of a study give one name to several positions, the
        ids are made of both, which is noted.
        """
        rows = links.select(["source_row", *_OF_LINK]).to_pylist()
        shared = self._shared_names(rows)
        sites: dict[tuple[Any, ...], dict[str, Any]] = {}
        columns: tuple[list[str], list[str]] = ([], [])
        for row in rows:
            ends = self._of_row[row["source_row"]]
            for end, column in zip(ends, columns, strict=True):
                is_shared = end.is_placed and (row["study_id"], end.name) in shared
                column.append(f"{end.name} {end.position}" if is_shared else end.label)
                if end.is_placed:
                    made = sites.setdefault(
                        (column[-1], *(row[name] for name in _OF_LINK)), _site(row, column[-1], end)
                    )
                    made["uncertainty_m"] = max(made["uncertainty_m"] or 0, end.uncertainty_m or 0) or None
            told_apart = [name for name in (end.name for end in ends) if (row["study_id"], name) in shared]
            if told_apart:
                ledger.add("site-told-apart", row["source_row"], "from-site", told_apart[0])
        for name, column in zip(("from_site_id", "to_site_id"), columns, strict=True):
            index = links.schema.get_field_index(name)
            links = links.set_column(index, links.schema.field(index), pa.array(column, pa.string()))
        return {"link": links, **({"site": make_table("site", sites.values())} if sites else {})}

    def _shared_names(self, rows: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
        """Study and name of the ends that lie at several positions."""
        positions: defaultdict[tuple[str, str | None], set[str]] = defaultdict(set)
        for row in rows:
            for end in self._of_row[row["source_row"]]:
                if end.is_placed and end.name is not None:
                    positions[row["study_id"], end.name].add(end.position)
        return {key for key, found in positions.items() if len(found) > 1}


def _site(row: Mapping[str, Any], site: str, end: End) -> dict[str, Any]:
    """The record of a site, after the first link that names it."""
    return {
        **{name: row[name] for name in ("source_row", *_OF_LINK)},
        "site_id": site,
        "name": end.name,
        "site_type": "node",
        "longitude": end.longitude,
        "latitude": end.latitude,
        "uncertainty_m": end.uncertainty_m,
        "verbatim": end.verbatim,
    }
