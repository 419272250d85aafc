"""Hand-made atlases, modules, sources and products of every kind."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from shapely import LineString, box

from wildways.model import (
    Access,
    Atlas,
    AtlasHeader,
    Derivation,
    Inputs,
    Legend,
    LegendClass,
    MethodRecord,
    ModuleDefinition,
    Population,
    Product,
    ProductKind,
    Property,
    Sample,
    Source,
)

CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)

COLOURS = {"low": "#9ecae1", "medium": "#4292c6", "high": "#084594"}

CORRIDORS = Legend(
    geometry="polygon",
    classes=tuple(
        LegendClass(value=name, label={"en": name, "fr": f"{name} (fr)"}, rule={"en": f"{name} use"}, colour=colour)
        for name, colour in COLOURS.items()
    ),
    order=1,
)


def make_source(**changes: Any) -> Source:
    """A source whose products may be published."""
    given = {
        "id": "collars",
        "path": "data/deer.csv",
        "licence": "CC-BY-4.0",
        "access": Access.PRODUCTS,
        "owner": "Herd Unit 7",
        "citation": "Herd Unit 7 (2025), Collars of the Sagebrush herd",
    }
    return Source(**{**given, **changes})


def make_module(*sources: Source, **changes: Any) -> ModuleDefinition:
    """A module with one population."""
    given = {
        "id": "ungulates",
        "title": {"en": "Ungulates", "fr": "Ongulés"},
        "summary": {"en": "Hoofed animals on the move."},
        "taxa": ("Odocoileus hemionus",),
        "citation": "Wildways (2026), Ungulates",
        "sources": sources or (make_source(),),
        "populations": (Population(id="sagebrush", title={"en": "Sagebrush herd"}, taxon="Odocoileus hemionus"),),
    }
    return ModuleDefinition(**{**given, **changes})


def make_product(role: str = "corridors", **changes: Any) -> Product:
    """The record of a product of that population."""
    given: dict[str, Any] = {
        "id": f"ungulates.sagebrush.{role}",
        "module": "ungulates",
        "population": "sagebrush",
        "role": role,
        "kind": ProductKind.FEATURES,
        "derivation": Derivation.TRACKING_UD,
        "title": {"en": role.capitalize(), "fr": f"{role.capitalize()} (fr)"},
        "taxon": "Odocoileus hemionus",
        "file": "features.parquet",
        "bbox": (-180.0, -90.0, 180.0, 90.0),
        "legend": CORRIDORS if role == "corridors" else None,
        "properties": (Property(name="n_animals", label={"en": "Animals"}),),
        "method": MethodRecord(
            name="corridors",
            statement={"en": "Brownian bridges of 12 animals.", "fr": "Ponts browniens de 12 animaux."},
            parameters={"cell_m": 500, "isopleth": 0.99},
            references=("Horne et al. (2007), doi:10.1890/06-0957.1",),
            code_version="0.1.0",
        ),
        "inputs": Inputs(snapshot=3, sources=("collars",), source_files=("ab" * 32,)),
        "sample": Sample(n_animals=12, n_sequences=30, n_fixes=9000, years=(2009, 2010)),
        "created_utc": CREATED,
    }
    return Product(**{**given, **changes})


def corridor_frame() -> gpd.GeoDataFrame:
    """Nested corridor polygons with columns that were never declared."""
    shapes = [box(-110.0, 41.0, -109.0, 42.0), box(-109.8, 41.2, -109.2, 41.8), box(-109.6, 41.4, -109.4, 41.6)]
    return gpd.GeoDataFrame(
        {
            "class": ["low", "medium", "high"],
            "n_animals": [1, 3, 5],
            "tag_frequency": ["150.310", "150.320", "150.330"],
        },
        geometry=[shapes[0].reverse(), *shapes[1:]],
        crs="EPSG:4326",
    )


def route_frame() -> gpd.GeoDataFrame:
    """Lines with times, lists and missing values."""
    rng = np.random.default_rng(7)
    lines = [LineString(np.cumsum(rng.normal(0, 0.02, (20, 2)), axis=0) + np.array([-109.5, 41.5])) for _ in range(25)]
    return gpd.GeoDataFrame(
        {
            "season": ["spring" if n % 2 else "autumn" for n in range(25)],
            "start_utc": pd.date_range("2009-04-01", periods=25, freq="D", tz="UTC").as_unit("ns"),
            "length_km": [np.nan if n == 3 else n * 1.5 for n in range(25)],
            "years": [[2009, 2010]] * 25,
        },
        geometry=lines,
        crs="EPSG:4326",
    )


def write_raster(file: Path) -> None:
    """Use on a metric grid of 600 by 500 cells; only the middle holds data."""
    values = np.full((500, 600), np.nan, dtype="float32")
    values[100:400, 200:500] = np.random.default_rng(1).random((300, 300), dtype="float32")
    grid = rasterio.Affine(500, 0, 600_000, 0, -500, 4_700_000)
    with rasterio.open(
        file, "w", driver="GTiff", width=600, height=500, count=1, dtype="float32", crs="EPSG:32612", transform=grid
    ) as raster:
        raster.write(values, 1)
        raster.update_tags(origin="workspace path")


def make_atlas(folder: Path, *modules: ModuleDefinition, **changes: Any) -> Atlas:
    """An atlas folder with one module and no products."""
    given = {
        "id": "demo",
        "title": {"en": "Sagebrush Atlas", "fr": "Atlas des armoises"},
        "summary": {"en": "Where deer go."},
        "publisher": "Wildways",
        "languages": ("en", "fr"),
    }
    return Atlas(folder, AtlasHeader(**{**given, **changes}), modules or (make_module(),))


def add_product(atlas: Atlas, product: Product, data: pd.DataFrame | Callable[[Path], None]) -> Product:
    """Leave a product in the workspace, as an analysis would: its record beside its data file."""
    folder = atlas.products_folder / product.id
    folder.mkdir(parents=True)
    product.write(folder)
    if callable(data):
        data(folder / product.file)
    else:
        data.to_parquet(folder / product.file)
    return product


def add_corridors(atlas: Atlas, **changes: Any) -> Product:
    """Corridor polygons."""
    return add_product(atlas, make_product("corridors", **changes), corridor_frame())


def add_routes(atlas: Atlas) -> Product:
    """Route lines."""
    units = {"season": "", "start_utc": "", "length_km": "km", "years": ""}
    properties = tuple(Property(name=name, label={"en": name}, unit=unit) for name, unit in units.items())
    product = make_product("routes", properties=properties, derivation=Derivation.TRACKING_LINE)
    return add_product(atlas, product, route_frame())


def add_raster(atlas: Atlas) -> Product:
    """Intensity of use."""
    share = Property(name="share", label={"en": "Share of time"}, unit="%")
    product = make_product("use", kind=ProductKind.RASTER, file="raster.tif", properties=(share,))
    return add_product(atlas, product, write_raster)


def add_table(atlas: Atlas) -> Product:
    """A table with text that a spreadsheet would run and a column that was never declared."""
    table = pd.DataFrame({"n_animals": [1, 2], "note": ["=HYPERLINK(1)", "-12.5"], "private": ["a", "b"]})
    columns = (Property(name="n_animals", label={"en": "Animals"}), Property(name="note", label={"en": "Note"}))
    product = make_product("windows", kind=ProductKind.TABLE, file="table.parquet", properties=columns)
    return add_product(atlas, product, table)


def make_full_atlas(folder: Path, **changes: Any) -> Atlas:
    """An atlas with corridors, routes, a raster and a table."""
    atlas = make_atlas(folder, **changes)
    for add in (add_corridors, add_routes, add_raster, add_table):
        add(atlas)
    return atlas
