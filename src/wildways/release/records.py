"""Raw records as a layer: the positions of a population whose owners publish them."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways import __version__
from wildways.model import (
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
)
from wildways.release.features import Features, order_features
from wildways.release.texts import message

ROLE = "fixes"
MAX_TILED = 50_000
"""Layers of more positions than this are published as a file and not as tiles."""

_UNITS = {"longitude": "°", "latitude": "°", "uncertainty_m": "m"}
_MARKS = ("manually_marked_outlier", "algorithm_marked_outlier", "import_marked_outlier")
_COLUMNS = (
    "time_utc",
    "study_id",
    "organism_id",
    "longitude",
    "latitude",
    "uncertainty_m",
    "sensor_type",
    "visible",
    *_MARKS,
    "manually_marked_valid",
)


def records_product(
    module: ModuleDefinition,
    population: Population,
    source_ids: tuple[str, ...],
    fixes: pa.Table,
    snapshot: int,
    now: datetime,
) -> Product:
    """The record of the layer of raw positions; hidden until a reader asks for it."""
    times = pc.min_max(fixes["time_utc"]).as_py()
    animals = fixes.group_by(["study_id", "organism_id"]).aggregate([])
    years = sorted(pc.unique(pc.year(fixes["time_utc"])).to_pylist())
    return Product(
        id=f"{module.id}.{population.id}.{ROLE}",
        module=module.id,
        population=population.id,
        role=ROLE,
        kind=ProductKind.FEATURES,
        derivation=Derivation.RECORDS,
        title=message(ROLE),
        taxon=population.taxon,
        file="features.parquet",
        bbox=None,
        legend=Legend(geometry="point", classes=_classes(), visible=False, order=-1),
        properties=tuple(Property(name=n, label=message(n), unit=_UNITS.get(n, "")) for n in _COLUMNS),
        method=MethodRecord(
            name="records", statement=message("fixes_statement"), parameters={}, references=(), code_version=__version__
        ),
        inputs=Inputs(
            snapshot=snapshot,
            sources=source_ids,
            source_files=tuple(sorted(pc.unique(fixes["source_file_id"]).to_pylist())),
        ),
        sample=Sample(
            n_animals=len(animals),
            n_sequences=0,
            n_fixes=len(fixes),
            years=tuple(years),
            first_utc=times["min"],
            last_utc=times["max"],
        ),
        created_utc=now,
    )


def records_features(fixes: pa.Table) -> Features:
    """The positions as points with their times, animals and outlier marks; other columns of the store stay behind."""
    import shapely

    known = fixes.sort_by([(name, "ascending") for name in ("study_id", "organism_id", "time_utc")])
    marked = pc.or_kleene(pc.invert(_filled(known["visible"], default=True)), _filled(known[_MARKS[0]], default=False))
    for name in _MARKS[1:]:
        marked = pc.or_(marked, _filled(known[name], default=False))
    marked = pc.and_(marked, pc.invert(_filled(known["manually_marked_valid"], default=False)))
    table = known.select(list(_COLUMNS)).append_column("class", pc.if_else(marked, "marked", "position"))
    points = shapely.points(known["longitude"].to_numpy(), known["latitude"].to_numpy())
    return order_features(table, np.atleast_1d(points))


def _filled(column: pa.ChunkedArray, *, default: bool) -> pa.ChunkedArray:
    return pc.fill_null(column, default)


def _classes() -> tuple[LegendClass, ...]:
    return (
        LegendClass(
            value="position", label=message("fix_position"), rule=message("fix_position_rule"), colour="#4a5568"
        ),
        LegendClass(value="marked", label=message("fix_marked"), rule=message("fix_marked_rule"), colour="#c05621"),
    )
