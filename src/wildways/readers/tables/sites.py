"""What is odd between the rows of a table of sites: one site at two places, one count given twice."""

import math
from typing import Any

import pyarrow as pa

from wildways.readers.tables.rows import Ledger

FAR_M = 1_000.0
"""Positions of one site further apart than this are noted."""

_METRES_A_DEGREE = 111_195.0
_SAME = ("study_id", "site_id", "site_type", "taxon", "start_utc", "end_utc", "count_of")


def note_moved(sites: pa.Table, ledger: Ledger) -> None:
    """Remark on rows whose position lies further than 1 km from the first of their site."""
    first: dict[tuple[str, str], tuple[float, float]] = {}
    columns = [sites[name].to_pylist() for name in ("source_row", "study_id", "site_id", "longitude", "latitude")]
    for row, study, site, longitude, latitude in zip(*columns, strict=True):
        if longitude is None or latitude is None:
            continue
        known = first.setdefault((study, site), (longitude, latitude))
        if _distance_m(known, (longitude, latitude)) > FAR_M:
            ledger.add("site-moved", row, "latitude", site)


def note_repeated(sites: pa.Table, ledger: Ledger) -> None:
    """Remark on rows that repeat the site, taxon, time and kind of count of an earlier one."""
    seen: set[tuple[Any, ...]] = set()
    keys = zip(*(sites[name].to_pylist() for name in _SAME), strict=True)
    for row, key in zip(sites["source_row"].to_pylist(), keys, strict=True):
        if key in seen:
            ledger.add("site-repeated", row, "site-id", key[1])
        seen.add(key)


def _distance_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Distance of two positions near each other, on a plane; metres."""
    east = (there[0] - here[0] + 180) % 360 - 180
    scale = math.cos(math.radians((here[1] + there[1]) / 2))
    return math.hypot(east * scale, there[1] - here[1]) * _METRES_A_DEGREE
