"""One product to its published files, whatever its kind."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wildways.model import MEDIA_TYPES, Derivation, FileRole, Product, ProductKind, PublishedFile
from wildways.release.checksums import hash_file
from wildways.release.extent import Box, zoom_range
from wildways.release.features import Features, write_geopackage, write_geoparquet
from wildways.release.gate import Decision, public_columns
from wildways.release.rasters import write_cog
from wildways.release.records import MAX_TILED
from wildways.release.tables import read_columns, write_csv, write_parquet
from wildways.release.texts import in_language
from wildways.release.tiles import write_tiles


@dataclass(frozen=True)
class Published:
    """What was written of a product, and the extent of what was written."""

    files: tuple[PublishedFile, ...]
    box: Box | None


def describe(product: Product, decision: Decision, language: str) -> dict[str, str]:
    """What every published file says of itself: title, method, sample, licence, citation."""
    about = {
        "title": f"{in_language(product.title, language)} — {product.taxon}",
        "method": in_language(product.method.statement, language),
        "parameters": json.dumps(product.method.parameters, sort_keys=True, default=str),
        "animals": str(product.sample.n_animals),
        "years": ", ".join(map(str, product.sample.years)),
        "licence": decision.licence,
        "citation": "; ".join(dict.fromkeys(s.citation or s.owner or s.id for s in decision.sources)),
        "software": f"Wildways {product.method.code_version}",
    }
    if product.simulated:
        about["simulated"] = "These data are simulated. They do not show real animals."
    return about


def publish_features(product: Product, features: Features, about: Mapping[str, str], release: Path) -> Published:
    """Write GeoParquet, GeoPackage and tiles; of raw records the GeoParquet, and tiles where they are not too many."""
    raw = product.derivation is Derivation.RECORDS
    folder = _Folder(release, product)
    files = [folder.write(FileRole.GEOPARQUET, lambda file: write_geoparquet(features, file, about))]
    if not raw:
        files.append(
            folder.write(FileRole.GEOPACKAGE, lambda file: write_geopackage(features, file, product.role, about))
        )
    box = features.box
    if box is not None and not (raw and len(features) > MAX_TILED):
        zooms = zoom_range(box)
        tiles = folder.write(FileRole.TILES, lambda file: write_tiles(features, file, product.role, about, zooms))
        layer = {"layer": product.role, "min_zoom": zooms[0], "max_zoom": zooms[1]}
        files.append(tiles.model_copy(update=layer))
    return Published(tuple(files), box)


def publish_file(product: Product, source: Path, about: Mapping[str, str], release: Path) -> Published:
    """Write a raster as GeoTIFF, a table as CSV and Parquet."""
    folder = _Folder(release, product)
    if product.kind is ProductKind.RASTER:
        boxes: list[Box | None] = []
        cog = folder.write(FileRole.COG, lambda file: boxes.append(write_cog(source, file, product.properties, about)))
        return Published((cog,), boxes[0])
    table = read_columns(source, public_columns(product))
    csv = folder.write(FileRole.CSV, lambda file: write_csv(table, file))
    parquet = folder.write(FileRole.PARQUET, lambda file: write_parquet(table, file, about))
    return Published((csv, parquet), None)


_PLACES = {
    FileRole.TILES: "tiles/{id}.pmtiles",
    FileRole.GEOPARQUET: "data/{id}.parquet",
    FileRole.GEOPACKAGE: "data/{id}.gpkg",
    FileRole.COG: "data/{id}.tif",
    FileRole.CSV: "data/{id}.csv",
    FileRole.PARQUET: "data/{id}.parquet",
}


@dataclass(frozen=True)
class _Folder:
    release: Path
    product: Product

    def write(self, role: FileRole, write: Callable[[Path], None]) -> PublishedFile:
        path = _PLACES[role].format(id=self.product.id)
        file = self.release / path
        file.parent.mkdir(exist_ok=True)
        write(file)
        return PublishedFile(
            role=role,
            path=path,
            bytes=file.stat().st_size,
            sha256=hash_file(file),
            media_type=MEDIA_TYPES[role],
        )
