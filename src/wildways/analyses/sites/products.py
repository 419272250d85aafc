"""From what was found to products: candidate sites, the use of cores, the account of representativeness."""

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from wildways.analyses.cache import code_version
from wildways.analyses.contract import Draft, PopulationEvidence
from wildways.analyses.quality.rules import cleaning_record
from wildways.analyses.rasters import grid_bbox, write_raster
from wildways.analyses.sites.parameters import SiteParameters
from wildways.analyses.sites.statements import number, site_caveats, site_statement
from wildways.analyses.sites.units import SitesFound
from wildways.analyses.texts import text
from wildways.areas import CandidateSite, Population, Scales, outline_sites, screen
from wildways.model import (
    Derivation,
    Legend,
    LegendClass,
    MethodRecord,
    Product,
    ProductKind,
    Property,
    Sample,
)
from wildways.movement import TaxonGroup

COLOUR = "#0b6e99"
REFERENCES = (
    "Lascelles et al. (2016), Diversity and Distributions 22:422, doi:10.1111/ddi.12411",
    "Beal et al. (2021), Methods in Ecology and Evolution 12:2372, doi:10.1111/2041-210X.13713",
)
_UNITS = {"population_percent": "%", "area_km2": "km²", "inclusion_percent": "%", "deviation_percent": "%"}
_SITE_PROPERTIES = ("n_tracked", "n_animals", "population_percent", "individuals", "area_km2", "screens_met")


def site_drafts(
    evidence: PopulationEvidence,
    parameters: SiteParameters,
    group: TaxonGroup,
    trips: pd.DataFrame,
    summary: pd.DataFrame,
    scales: Scales,
    scale_m: float,
    found: SitesFound,
) -> list[Draft]:
    """The population's products: candidate sites, the raster of core use, and representativeness."""
    settled = {
        "scale_m": scale_m,
        "candidate_scales": vars(scales),
        "cell_m": found.sites.grid.cell_m,
        "crs": found.sites.grid.crs.to_string(),
        "threshold": found.sites.threshold,
        "representativeness": found.sites.representativeness,
        "asymptote": found.asymptote,
        "trips": len(summary),
        "trips_returned": int(summary["returned"].sum()),
        "cleaning": cleaning_record(group),
    }
    base = Product(
        id=f"{evidence.module.id}.{evidence.population.id}.sites",
        module=evidence.module.id,
        population=evidence.population.id,
        role="sites",
        kind=ProductKind.FEATURES,
        derivation=Derivation.TRACKING_UD,
        title=text("sites", "sites"),
        taxon=evidence.population.taxon,
        file="features.parquet",
        bbox=None,
        method=MethodRecord(
            name="important-sites",
            statement=site_statement(parameters, found, scale_m),
            parameters={**parameters.model_dump(mode="json"), **settled},
            references=REFERENCES,
            code_version=code_version(),
        ),
        inputs=evidence.inputs,
        sample=_sample(trips, found),
        caveats=site_caveats(found, parameters),
        simulated=evidence.simulated,
        created_utc=datetime.now(UTC).replace(microsecond=0),
    )
    return [_sites(base, parameters, found), _core_use(base, found), _representativeness(base, found)]


def _sites(base: Product, parameters: SiteParameters, found: SitesFound) -> Draft:
    outlined = outline_sites(found.sites, smoothing=2)
    rows = [_row(site, found, _screens(site, parameters)) for site in outlined]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["class", *_SITE_PROPERTIES]),
        geometry=[site.geometry for site in outlined],
        crs=found.sites.grid.crs,
    ).to_crs("EPSG:4326")
    rule = text("sites", "site_rule", percent=number(100 * (found.sites.threshold or 1.0)))
    entry = LegendClass(value="candidate", label=text("sites", "candidate"), rule=rule, colour=COLOUR)
    bounds = [float(value) for value in frame.total_bounds]
    product = base.model_copy(
        update={
            "bbox": None if frame.empty else tuple(bounds),
            "legend": Legend(geometry="polygon", classes=(entry,), opacity=0.7, order=2),
            "properties": _properties(*_SITE_PROPERTIES),
        }
    )
    return Draft(product, lambda folder: frame.to_parquet(folder / "features.parquet", index=False))


def _core_use(base: Product, found: SitesFound) -> Draft:
    grid = found.sites.grid
    product = _variant(base, "core-use", ProductKind.RASTER, "raster.tif").model_copy(update={"bbox": grid_bbox(grid)})
    percent = (100 * found.sites.shares).astype(np.float32)
    return Draft(product, lambda folder: write_raster(folder / "raster.tif", percent, grid))


def _representativeness(base: Product, found: SitesFound) -> Draft:
    sizes = found.curve[:, 0].astype(np.int32)
    table = pd.DataFrame(
        {
            "n_animals": sizes,
            "inclusion_percent": (100 * found.curve[:, 1]).round(2),
            "deviation_percent": (100 * found.curve[:, 2]).round(2),
        }
    )
    if found.half is not None:
        table["share_percent"] = (100 * sizes / (found.half + sizes)).round(2)
    product = _variant(base, "representativeness", ProductKind.TABLE, "table.parquet")
    product = product.model_copy(update={"properties": _properties(*table.columns)})

    def write(folder: Path) -> None:
        table.to_parquet(folder / "table.parquet", index=False)

    return Draft(product, write)


def _variant(base: Product, role: str, kind: ProductKind, file: str) -> Product:
    identifier = f"{base.module}.{base.population}.{role}"
    return base.model_copy(
        update={"id": identifier, "role": role, "kind": kind, "file": file, "title": text("sites", role)}
    )


def _row(site: CandidateSite, found: SitesFound, screens: str) -> tuple[object, ...]:
    individuals = None if site.individuals is None else round(site.individuals, 1)
    percent = round(100 * site.population_share, 1)
    numbers = (site.n_tracked, found.sites.n_animals, percent, individuals, round(site.area_m2 / 1e6, 2))
    return ("candidate", *numbers, screens)


def _screens(site: CandidateSite, parameters: SiteParameters) -> str:
    """The criteria whose quantitative screen the individuals at a site meet."""
    if site.individuals is None:
        return ""
    known = Population(
        parameters.global_individuals,
        parameters.biogeographic_individuals,
        parameters.red_list,
        parameters.individuals_per_unit,
    )
    answers = screen(site.individuals, known)
    return "; ".join(answer.criterion.id for answer in answers if answer.meets_quantitative_screen)


def _properties(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name=name, label=text("sites", name), unit=_UNITS.get(name, "")) for name in names)


def _sample(trips: pd.DataFrame, found: SitesFound) -> Sample:
    first, last = trips["time_utc"].min(), trips["time_utc"].max()
    return Sample(
        n_animals=found.sites.n_animals,
        n_sequences=trips["trip_id"].nunique(),
        n_fixes=len(trips),
        years=tuple(sorted({int(year) for year in trips["time_utc"].dt.year.unique()})),
        first_utc=first.to_pydatetime(),
        last_utc=last.to_pydatetime(),
    )
