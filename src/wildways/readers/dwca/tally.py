"""Counts what many rows of a Darwin Core Archive say alike: species with several ids, datums other than WGS 84."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from wildways.model import Finding, Place

MAX_IDS = 10_000
"""Different ids that are remembered."""

_DATUMS = ("epsg:4326", "wgs84", "wgs 84", "wgs1984", "wgs 1984", "wgs-84", "world geodetic system 1984")


@dataclass
class TermTally:
    """Counts over all batches so far."""

    _species: dict[str, Counter[str]] = field(default_factory=dict)
    _datums: Counter[str] = field(default_factory=Counter)
    _n_ids: int = 0

    def add(self, rows: pa.Table) -> None:
        """Count a batch with columns ``scientificName, scientificNameID, geodeticDatum``."""
        for said in _counted(rows, ["scientificName", "scientificNameID"]):
            name, name_id = said["scientificName"], said["scientificNameID"]
            if name and name_id and self._n_ids < MAX_IDS:
                ids = self._species.setdefault(name, Counter())
                self._n_ids += name_id not in ids
                ids[name_id] += said["n"]
        for said in _counted(rows, ["geodeticDatum"]):
            datum = said["geodeticDatum"]
            if datum and not _is_wgs84(datum):
                self._datums[datum] += said["n"]

    def findings(self, name: str) -> list[Finding]:
        """One finding for species with several ids, one for other datums; `name` is the file."""
        several = {species: ids for species, ids in sorted(self._species.items()) if len(ids) > 1}
        found = []
        if several:
            species, ids = next(iter(several.items()))
            example = f"{species}: {', '.join(sorted(ids)[:3])}"
            message = "Rows of one species name different scientificNameIDs; a spreadsheet may have counted them up."
            n_rows = sum(sum(ids.values()) for ids in several.values())
            place = Place(name, None, "scientificNameID")
            found.append(Finding("taxon-ids", message, n_rows, place=place, example=example, hint="Correct the ids."))
        if self._datums:
            message = "The datum is not WGS 84; the coordinates were taken as if it were, which is up to 200 m off."
            place = Place(name, None, "geodeticDatum")
            n_rows, example = sum(self._datums.values()), min(self._datums)
            hint = "Transform the coordinates to WGS 84."
            found.append(Finding("datum-other", message, n_rows, place=place, example=example, hint=hint))
        return found


def _counted(rows: pa.Table, columns: list[str]) -> list[dict[str, Any]]:
    counted = rows.select(columns).group_by(columns).aggregate([([], "count_all")])
    found: list[dict[str, Any]] = counted.rename_columns([*columns, "n"]).to_pylist()
    return found


def _is_wgs84(datum: str) -> bool:
    plain = datum.lower().strip()
    return plain in _DATUMS or plain.endswith(("/epsg/0/4326", ":epsg::4326"))
