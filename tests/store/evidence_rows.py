"""Evidence of every kind, written into a workspace as a reader and the ingest would leave it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from wildways.model import TABLES
from wildways.readers import PROVENANCE
from wildways.store import Workspace

ATLAS = """\
[atlas]
id = "test"
title = { en = "Test" }
"""
MODULE = """\
id = "plains"
title = { en = "Plains" }

[[sources]]
id = "tracks"
path = "data/*.csv"
licence = "CC-BY-4.0"
access = "open"
owner = "A. Keeper"
citation = "Keeper 2020"

[[sources]]
id = "words"
path = "data/*.gpkg"
licence = "CC0-1.0"
access = "private"
"""
DEER, STORK = "Odocoileus hemionus", "Ciconia ciconia"
OF_STORK = {"taxon": STORK, "accepted_taxon": STORK}
INDIA = {"country": "IND"}


def at(day: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def write_atlas(folder: Path) -> Path:
    """An atlas folder with two sources, one open and one private, and evidence of every kind."""
    (folder / "modules").mkdir(parents=True)
    (folder / "atlas.toml").write_text(ATLAS, encoding="utf-8")
    (folder / "modules" / "plains.toml").write_text(MODULE, encoding="utf-8")
    with Workspace.open(folder / ".wildways") as workspace:
        for table, rows in ROWS.items():
            add(workspace, table, rows)
    return folder


def add(workspace: Workspace, table: str, rows: list[dict[str, Any]]) -> None:
    """Add rows; columns that are not given are empty."""
    left_out = () if table == "source_file" else PROVENANCE
    fields = [field for field in TABLES[table].schema if field.name not in left_out]
    schema = pa.schema([pa.field("file_no", pa.int64()), *fields])
    names = ", ".join(schema.names)
    given = pa.Table.from_pylist(rows, pa.schema([field.with_nullable(True) for field in schema]))
    with workspace.writing() as connection:
        connection.register("given", given)
        connection.execute(f"INSERT INTO lake.{table} ({names}) SELECT {names} FROM given")  # noqa: S608
        connection.unregister("given")


def fix(row: int, animal: str, time: str, longitude: float, latitude: float, **more: Any) -> dict[str, Any]:
    """A fix of file 1."""
    where = {"longitude": longitude, "latitude": latitude, "time_utc": at(time)}
    return {"file_no": 1, "source_row": row, "study_id": "s", "organism_id": animal, **where, **more}


def _file(number: int, source: str, path: str) -> dict[str, Any]:
    given = {"module_id": "plains", "source_id": source, "source_file_id": f"{number:064d}", "path": path}
    done = {"reader": "test", "settings": json.dumps({}), "ingested_utc": at("2021-01-01")}
    return {"file_no": number, **given, "bytes": 1, "n_rows": 1, "n_kept": 1, **done}


def _stated(row: int, **more: Any) -> dict[str, Any]:
    return {"file_no": 3, "source_row": row, "study_id": "n", "evidence_class": "literature", **OF_STORK,
            **more}  # fmt: skip


ROWS: dict[str, list[dict[str, Any]]] = {
    "source_file": [
        _file(1, "tracks", "data/tracks.csv"),
        _file(2, "tracks", "data/reference.csv"),
        _file(3, "words", "data/words.gpkg"),
    ],
    "organism": [
        {"file_no": 2, "study_id": "s", "organism_id": "a", "taxon": "Odocoileus  hemionus", "accepted_taxon": DEER},
        {"file_no": 2, "study_id": "s", "organism_id": "b", "taxon": STORK, "accepted_taxon": STORK},
    ],
    "fix": [
        fix(1, "a", "2015-03-01", 75.0, 25.0, **INDIA),
        fix(2, "a", "2016-03-01", 70.9, 25.0, country="IND", countries="IND PAK", uncertainty_m=50_000.0),
        fix(3, "a", "2017-03-01", 70.0, 25.0, country="PAK"),
        fix(4, "b", "2017-04-01", 35.0, 31.0, taxon=STORK, accepted_taxon=STORK, country="JOR"),
        fix(5, "c", "2017-05-01", 75.0, 25.0, taxon="Odocoileus hemionnus", **INDIA),
    ],
    "encounter": [
        {"file_no": 1, "source_row": 6, "study_id": "s", "organism_id": "ring 7", **OF_STORK, "event": "recovery",
         "start_utc": at("2014-01-01"), "end_utc": at("2015-12-31"), "longitude": 20.0, "latitude": 50.0,
         "position_of": "finding-place", "country": "POL"},
        {"file_no": 1, "source_row": 7, "study_id": "s", "organism_id": "ring 8", **OF_STORK, "event": "marking",
         "position_of": "marking-place"},
    ],
    "detection": [
        {"file_no": 1, "source_row": 8, "study_id": "s", "organism_id": "b", "time_utc": at("2018-01-01"),
         "longitude": 34.0, "latitude": 27.0, "sea_area": "Red Sea"},
    ],
    "site": [
        _stated(1, site_id="x", site_type="node", longitude=170.0, latitude=10.0, citation="Author 1999"),
        _stated(2, site_id="y", site_type="node", longitude=-170.0, latitude=20.0),
        _stated(3, site_id="z", site_type="node", longitude=160.0, latitude=10.0),
        _stated(4, site_id="z", site_type="node", longitude=161.0, latitude=11.0),
        _stated(5, site_id="nowhere", site_type="node"),
    ],
    "link": [
        _stated(6, link_id="x-z", from_site_id="x", to_site_id="z"),
        _stated(7, link_id="x-y", from_site_id="x", to_site_id="y", countries="FJI MHL"),
        _stated(8, link_id="x-nowhere", from_site_id="x", to_site_id="nowhere"),
    ],
    "drawn": [
        {**_stated(9, drawn_id="range", drawn_type="range", geometry_wkb=shapely.box(10, 40, 20, 50).wkb,
                   start_utc=at("2010-01-01"), end_utc=at("2019-12-31")), "evidence_class": "expert",
         "taxon": DEER, "accepted_taxon": DEER, "countries": "IND NPL", "uncertainty_m": 10_000.0},
    ],
}  # fmt: skip
