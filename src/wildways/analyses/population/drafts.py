"""Products in the making: what all products of one analysis of one population share, said once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.analyses.cache import code_version
from wildways.analyses.contract import Draft, PopulationEvidence
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
from wildways.movement import Grid, Sequence

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True)
class DraftMaker:
    """Makes the products of one population; all share sample, inputs, caveats and most of the method record.

    Parameters
    ----------
    evidence : whose population, module and inputs they carry
    messages : message file of the analysis, which is called the same
    parameters, references : of the method record
    sample, derivation, caveats : of every product
    """

    evidence: PopulationEvidence
    messages: str
    parameters: dict[str, Any]
    references: tuple[str, ...]
    sample: Sample
    derivation: Derivation = Derivation.TRACKING_UD
    caveats: tuple[Text, ...] = ()
    created_utc: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def features(
        self,
        role: str,
        frame: "GeoDataFrame",
        legend: Legend,
        properties: tuple[Property, ...],
        statement: Text,
        **about: Any,
    ) -> Draft:
        """Polygons or lines with a column ``class``; `about` changes fields of the product."""
        frame = frame.to_crs("EPSG:4326")
        west, south, east, north = (float(value) for value in frame.total_bounds)
        bbox = None if frame.empty else (west, south, east, north)
        about = {"legend": legend, "properties": properties, **about}
        product = self._product(role, ProductKind.FEATURES, "features.parquet", bbox, statement, **about)
        columns = frame[["class", *(entry.name for entry in properties), "geometry"]]
        return Draft(product, lambda folder: columns.to_parquet(folder / product.file, index=False))

    def raster(self, role: str, values: NDArray[Any], grid: Grid, statement: Text, **about: Any) -> Draft:
        """One band; zero means no data."""
        product = self._product(role, ProductKind.RASTER, "raster.tif", grid_bbox(grid), statement, **about)
        return Draft(product, lambda folder: write_raster(folder / product.file, values, grid))

    def table(
        self, role: str, frame: pd.DataFrame, properties: tuple[Property, ...], statement: Text, **about: Any
    ) -> Draft:
        """Rows and columns."""
        about = {"properties": properties, **about}
        product = self._product(role, ProductKind.TABLE, "table.parquet", None, statement, **about)
        return Draft(product, lambda folder: frame.to_parquet(folder / product.file, index=False))

    def _product(
        self,
        role: str,
        kind: ProductKind,
        file: str,
        bbox: Bbox | None,
        statement: Text,
        *,
        caveats: tuple[Text, ...] = (),
        parameters: dict[str, Any] | None = None,
        **about: Any,
    ) -> Product:
        module, population = self.evidence.module, self.evidence.population
        common: dict[str, Any] = {
            "derivation": self.derivation,
            "title": text(self.messages, role),
            "sample": self.sample,
            "inputs": self.evidence.inputs,
            "simulated": self.evidence.simulated,
            "created_utc": self.created_utc,
        }
        return Product(
            id=f"{module.id}.{population.id}.{role}",
            module=module.id,
            population=population.id,
            role=role,
            kind=kind,
            taxon=population.taxon,
            file=file,
            bbox=bbox,
            method=MethodRecord(
                name=self.messages,
                statement=statement,
                parameters={**self.parameters, **(parameters or {})},
                references=self.references,
                code_version=code_version(),
            ),
            caveats=(*self.caveats, *caveats),
            **{**common, **about},
        )


def sample_of(sequences: tuple[Sequence, ...]) -> Sample:
    """How much evidence the sequences are; they have fixes."""
    instants = [datetime.fromtimestamp(sequence.time_s[end], UTC) for sequence in sequences for end in (0, -1)]
    return Sample(
        n_animals=len({sequence.animal_id for sequence in sequences}),
        n_sequences=len(sequences),
        n_fixes=sum(len(sequence) for sequence in sequences),
        years=tuple(sorted({instant.year for instant in instants})),
        first_utc=min(instants),
        last_utc=max(instants),
    )


def sequence_table(status: pd.DataFrame, **columns: "pd.Series[Any]") -> pd.DataFrame:
    """One row a sequence, used or left out, with `columns` beside; animals are numbered, not named."""
    return pd.DataFrame(
        {
            "animal": status["animal_id"].map(animal_numbers(status)).astype("int32"),
            "season": status["season"].astype(str),
            "year": status["bio_year"].astype("int32"),
            "start_date": status["first_utc"].dt.strftime("%Y-%m-%d"),
            "end_date": status["last_utc"].dt.strftime("%Y-%m-%d"),
            "n_fixes": status["n_fixes"].astype("int32"),
            **columns,
            "left_out_because": status["reason"].astype(str),
        }
    )


def animal_numbers(status: pd.DataFrame) -> dict[str, int]:
    """The number of each animal, which stands for its name."""
    return {animal: n for n, animal in enumerate(sorted(set(status["animal_id"])), start=1)}


def legend_class(value: str, label: Text, rule: Text, colour: str) -> LegendClass:
    """One entry of a legend."""
    return LegendClass(value=value, label=label, rule=rule, colour=colour)


def feature_property(messages: str, name: str, label: str | None = None, *, unit: str = "") -> Property:
    """A property whose label stands in a message file."""
    return Property(name=name, label=text(messages, label or name), unit=unit)


def ramp(colours: tuple[str, ...], n: int) -> list[str]:
    """`n` colours evenly along those given; these very ones where they are as many."""
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours], dtype=float)
    at = np.linspace(0, len(colours) - 1, n) if n > 1 else np.array([0.0])
    mixed = np.column_stack([np.interp(at, np.arange(len(colours)), anchors[:, band]) for band in range(3)])
    return [f"#{round(r):02x}{round(g):02x}{round(b):02x}" for r, g, b in mixed]


def number(value: float) -> str:
    """A number for people: three digits where there are no more before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def with_text(messages: str, message: str, name: str, part: Text, **values: object) -> Text:
    """A message one of whose placeholders is a text itself."""
    return {language: text(messages, message, **{name: word}, **values)[language] for language, word in part.items()}
