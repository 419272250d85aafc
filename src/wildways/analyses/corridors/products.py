"""From a population's counts, use and sequences to products with their legends, properties and method records."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wildways.analyses.cache import code_version
from wildways.analyses.contract import Draft, PopulationEvidence
from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import PopulationUse
from wildways.analyses.corridors.statements import Statements, number
from wildways.analyses.quality.rules import cleaning_record
from wildways.analyses.rasters import grid_bbox, write_raster
from wildways.analyses.texts import text
from wildways.model import (
    Derivation,
    Legend,
    LegendClass,
    MethodRecord,
    Product,
    ProductKind,
    Property,
    Sample,
    Text,
)
from wildways.movement import (
    USGS_CORRIDOR_TEAM,
    PreparedTracks,
    TaxonGroup,
    UtilisationDistribution,
    classify_use,
    corridor_polygons,
    find_stopovers,
    migrations,
    route_lines,
)
from wildways.movement import Sequence as TrackSequence

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

COLOURS = {"low": "#f6c65b", "medium": "#e8792b", "high": "#a3195b"}
STOPOVER_COLOUR = "#3b3486"
ROUTE_COLOURS = {"spring": "#2a9d8f", "autumn": "#7a5c3e"}
LEAST_ROUTE_CELL_M = 1_000.0
LEAST_ROUTE_GAP_H = 48.0
REFERENCES = (
    "Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1",
    "Sawyer et al. (2009), Ecological Applications 19:2016, doi:10.1890/08-2034.1",
    "Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976",
)
SMOOTHER_REFERENCES = (
    "Johnson et al. (2008), Ecology 89:1208, doi:10.1890/07-1032.1",
    "Freitas et al. (2008), Marine Mammal Science 24:315, doi:10.1111/j.1748-7692.2007.00180.x",
)


def corridor_drafts(
    evidence: PopulationEvidence,
    parameters: CorridorParameters,
    group: TaxonGroup,
    prepared: PreparedTracks,
    population: PopulationUse,
    windows: pd.DataFrame,
    status: pd.DataFrame,
) -> list[Draft]:
    """The population's products: corridors, stopovers, routes, use and the account of its sequences."""
    use = population.use
    if use is None:
        return []
    maker = _Maker(evidence, parameters, group, prepared, population, migrations(windows))
    return [maker.corridors(), maker.stopovers(use), maker.routes(), maker.use(use), maker.sequences(status)]


class _Maker:
    """Makes the products of one population; all share sample, inputs and most of the method record."""

    def __init__(
        self,
        evidence: PopulationEvidence,
        parameters: CorridorParameters,
        group: TaxonGroup,
        prepared: PreparedTracks,
        population: PopulationUse,
        windows: pd.DataFrame,
    ) -> None:
        self.evidence, self.parameters, self.group, self.population = evidence, parameters, group, population
        scheme = USGS_CORRIDOR_TEAM
        self.scheme = scheme if parameters.scheme == "usgs" else scheme.withholding_single_animals()
        self.classes = classify_use(population.counts, population.n_animals, self.scheme)
        self.says = Statements(
            parameters,
            population,
            self.classes,
            route_cell_m=parameters.route_cell_m or max(LEAST_ROUTE_CELL_M, population.grid.cell_m),
            route_gap_h=max(LEAST_ROUTE_GAP_H, parameters.max_lag_h or 0.0),
            n_windows=len(windows),
            n_decided=int((windows["decided_by"] != "automatic").sum()),
            smoothed_steps_h=tuple(sorted(set(prepared.account["step_h"].dropna()))),
            n_smoothed=prepared.n_smoothed,
        )
        self.created_utc = datetime.now(UTC).replace(microsecond=0)

    def corridors(self) -> Draft:
        frame = corridor_polygons(self.classes, self.population.grid, min_part_m2=self.parameters.min_patch_m2)
        entries = [
            _entry(found.name, text("corridors", found.name), self.says.class_rule(found.min_animals), COLOURS)
            for found in reversed(self.classes.found)
        ]
        legend = Legend(geometry="polygon", classes=tuple(entries), opacity=0.75, order=1)
        properties = (
            _property("min_animals", "n_animals_at_least"),
            _property("n_animals"),
            _property("area_km2", unit="km²"),
        )
        return self._features("corridors", frame, legend, properties, self.says.corridors(), self.says.class_caveats())

    def stopovers(self, use: UtilisationDistribution) -> Draft:
        level = self.parameters.stopover_level
        frame = find_stopovers(use, level=level, min_area_m2=self.parameters.min_patch_m2)
        frame = frame.assign(**{"class": "stopover"}, use_percent=100 * frame["share_of_use"])
        rule = text("corridors", "stopover_rule", percent=number(100 * level))
        entry = _entry("stopover", text("corridors", "stopover_class"), rule, {"stopover": STOPOVER_COLOUR})
        legend = Legend(geometry="polygon", classes=(entry,), opacity=0.8, order=2)
        properties = (_property("use_percent", unit="%"), _property("area_km2", unit="km²"))
        return self._features("stopovers", frame, legend, properties, self.says.stopovers())

    def routes(self) -> Draft:
        frame = route_lines(
            list(self.population.sequences),
            crs=self.population.grid.crs,
            generalise_m=self.says.route_cell_m,
            max_gap_h=self.says.route_gap_h,
        ).rename(columns={"start_utc": "start_date", "end_utc": "end_date"})
        rule = text("corridors", "route_rule", cell_km=number(self.says.route_cell_m / 1000))
        entries = [
            _entry(season, text("corridors", f"route_class_{season}"), rule, ROUTE_COLOURS)
            for season in ("spring", "autumn")
            if season in set(frame["season"])
        ]
        legend = Legend(geometry="line", classes=tuple(entries), opacity=0.9, visible=False, order=3)
        properties = (
            _property("year"),
            _property("start_date"),
            _property("end_date"),
            _property("duration_d", unit="d"),
            _property("length_km", unit="km"),
            _property("displacement_km", unit="km"),
        )
        draft = self._features(
            "routes", frame.assign(**{"class": frame["season"]}), legend, properties, self.says.routes()
        )
        return Draft(draft.product.model_copy(update={"derivation": Derivation.TRACKING_LINE}), draft.write)

    def use(self, use: UtilisationDistribution) -> Draft:
        product = self._product("use", ProductKind.RASTER, "raster.tif", grid_bbox(use.grid), self.says.use())
        return Draft(product, lambda folder: write_raster(folder / "raster.tif", use.mass.astype(np.float32), use.grid))

    def sequences(self, status: pd.DataFrame) -> Draft:
        frame = _sequence_table(status, self.population.motion_variances_m2_per_s)
        product = self._product("sequences", ProductKind.TABLE, "table.parquet", None, self.says.sequences())
        product = product.model_copy(update={"properties": tuple(_SEQUENCE_PROPERTIES)})
        return Draft(product, lambda folder: frame.to_parquet(folder / "table.parquet", index=False))

    def _features(
        self,
        role: str,
        frame: "GeoDataFrame",
        legend: Legend,
        properties: tuple[Property, ...],
        statement: Text,
        caveats: tuple[Text, ...] = (),
    ) -> Draft:
        frame = frame.to_crs("EPSG:4326")
        west, south, east, north = (float(value) for value in frame.total_bounds)
        bbox = None if frame.empty else (west, south, east, north)
        product = self._product(role, ProductKind.FEATURES, "features.parquet", bbox, statement, caveats)
        columns = ["class", *(entry.name for entry in properties), "geometry"]
        return Draft(
            product.model_copy(update={"legend": legend, "properties": properties}), _parquet_writer(frame[columns])
        )

    def _product(
        self,
        role: str,
        kind: ProductKind,
        file: str,
        bbox: tuple[float, float, float, float] | None,
        statement: Text,
        caveats: tuple[Text, ...] = (),
    ) -> Product:
        module, population = self.evidence.module, self.evidence.population
        return Product(
            id=f"{module.id}.{population.id}.{role}",
            module=module.id,
            population=population.id,
            role=role,
            kind=kind,
            derivation=Derivation.TRACKING_UD,
            title=text("corridors", role),
            taxon=population.taxon,
            file=file,
            bbox=bbox,
            method=self._method(statement),
            inputs=self.evidence.inputs,
            sample=_sample(self.population.sequences, self.population.n_animals),
            caveats=(*self.says.caveats(), *caveats),
            simulated=self.evidence.simulated,
            created_utc=self.created_utc,
        )

    def _method(self, statement: Text) -> MethodRecord:
        settled = {
            "cell_m": self.population.grid.cell_m,
            "crs": self.population.grid.crs.to_string(),
            "speed_limit_mps": self.group.rules.vmax_mps,
            "cleaning": cleaning_record(self.group),
            "smoothed_animals": self.says.n_smoothed,
            "smoothed_steps_h": list(self.says.smoothed_steps_h),
            "route_cell_m": self.says.route_cell_m,
            "classes_min_animals": {found.name: found.min_animals for found in self.classes.found},
            "windows_decided_by_people": self.says.n_decided,
        }
        return MethodRecord(
            name="corridors",
            statement=statement,
            parameters={**self.parameters.model_dump(mode="json"), **settled},
            references=(*REFERENCES, *(SMOOTHER_REFERENCES if self.says.n_smoothed else ()), self.scheme.reference),
            code_version=code_version(),
        )


def _sample(sequences: tuple[TrackSequence, ...], n_animals: int) -> Sample:
    instants = [datetime.fromtimestamp(sequence.time_s[end], UTC) for sequence in sequences for end in (0, -1)]
    return Sample(
        n_animals=n_animals,
        n_sequences=len(sequences),
        n_fixes=sum(len(sequence) for sequence in sequences),
        years=tuple(sorted({instant.year for instant in instants})),
        first_utc=min(instants),
        last_utc=max(instants),
    )


def _sequence_table(status: pd.DataFrame, variances: dict[str, float | None]) -> pd.DataFrame:
    """One row a migration, used or left out; animals are numbered, not named."""
    numbers = {animal: n for n, animal in enumerate(sorted(set(status["animal_id"])), start=1)}
    variance = [variances.get(name) for name in status["sequence_id"]]
    return pd.DataFrame(
        {
            "animal": status["animal_id"].map(numbers).astype("int32"),
            "season": status["season"].astype(str),
            "year": status["bio_year"].astype("int32"),
            "start_date": status["first_utc"].dt.strftime("%Y-%m-%d"),
            "end_date": status["last_utc"].dt.strftime("%Y-%m-%d"),
            "n_fixes": status["n_fixes"].astype("int32"),
            "motion_variance_m2_per_s": pd.Series(variance, status.index, dtype="float64"),
            "left_out_because": status["reason"].astype(str),
        }
    )


def _entry(value: str, label: Text, rule: Text, colours: dict[str, str]) -> LegendClass:
    return LegendClass(value=value, label=label, rule=rule, colour=colours[value])


def _property(name: str, label: str | None = None, *, unit: str = "") -> Property:
    return Property(name=name, label=text("corridors", label or name), unit=unit)


_SEQUENCE_PROPERTIES = [
    *(_property(name) for name in ("animal", "season", "year", "start_date", "end_date", "n_fixes")),
    _property("motion_variance_m2_per_s", "motion_variance", unit="m²/s"),
    _property("left_out_because"),
]


def _parquet_writer(frame: "GeoDataFrame") -> Callable[[Path], None]:
    return lambda folder: frame.to_parquet(folder / "features.parquet", index=False)
