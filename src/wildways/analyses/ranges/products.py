"""From the distributions of stays to ranges: raster, core and range polygons of each season, and their account."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wildways.analyses.contract import Draft, PopulationEvidence
from wildways.analyses.population import (
    DraftMaker,
    DrawnUse,
    SettledSequences,
    TrackRecord,
    bridging_caveats,
    bridging_record,
    feature_property,
    legend_class,
    measure_strength,
    number,
    read_use,
    sample_of,
    sequence_table,
    ud_statement,
    wide_caveats,
)
from wildways.analyses.quality.rules import cleaning_record
from wildways.analyses.ranges.parameters import RangeParameters
from wildways.analyses.texts import joined, text
from wildways.model import Legend, Property, Text
from wildways.movement import Grid, UtilisationDistribution, footprint_of, mask_to_polygons, mean_distribution
from wildways.movement import Sequence as TrackSequence

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

COLOURS = {
    "winter": ("#2c6e9c", "#9cc5de"),
    "summer": ("#3f7d3a", "#b3d49a"),
    "annual": ("#6b5b8a", "#c6bcd9"),
}
"""Of the core and of the range."""
SMOOTHING = 2
SQUARE_METRES_PER_KM2 = 1e6
REFERENCES = (
    "Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1",
    "Kauffman et al. (2020), USGS Scientific Investigations Report 2020-5101, doi:10.3133/sir20205101",
)
KERNEL_REFERENCES = ("Worton (1989), Ecology 70:164, doi:10.2307/1938423",)

Done = list[tuple[TrackSequence, Path]]


def range_drafts(
    evidence: PopulationEvidence,
    parameters: RangeParameters,
    tracks: TrackRecord,
    settled: SettledSequences,
    dates: dict[str, tuple[str, str]],
    results: Sequence[Path | None],
    grid: Grid,
) -> list[Draft]:
    """Polygons and raster of each range that any animal has, and the account of all stays."""
    done = [(stay, path) for stay, path in zip(settled.sequences, results, strict=True) if path is not None]
    if not done:
        return []
    said = {name: "–".join(span) for name, span in dates.items()}
    drafts: list[Draft] = []
    for name in parameters.ranges:
        own = [pair for pair in done if pair[0].season == name]
        if own:
            drafts += _Range(evidence, parameters, tracks, settled, said, name, own, grid).drafts()
    common = _common(parameters, tracks, settled, said, grid)
    everything = DraftMaker(
        evidence, "ranges", common, _references(parameters), sample_of(tuple(stay for stay, _ in done))
    )
    statement = text("ranges", "stays_statement")
    frame = sequence_table(_status(settled, done))
    return [*drafts, everything.table("stays", frame, tuple(_STAY_PROPERTIES), statement)]


class _Range:
    """The products of one season."""

    def __init__(
        self,
        evidence: PopulationEvidence,
        parameters: RangeParameters,
        tracks: TrackRecord,
        settled: SettledSequences,
        dates: dict[str, str],
        name: str,
        done: Done,
        grid: Grid,
    ) -> None:
        self.parameters, self.name, self.grid = parameters, name, grid
        self.drawn = DrawnUse(grid, len({stay.animal_id for stay, _ in done}))
        self.use = mean_distribution(self._animals(done))
        strength = measure_strength(self.drawn)
        sequences = tuple(stay for stay, _ in done)
        method = "kernel" if parameters.range_method == "kernel" else parameters.ud_method
        self.method = ud_statement(parameters, method, sequences, grid)
        self.dates = dates.get(name, "")
        how = dict(zip((stay.sequence_id for stay in settled.sequences), settled.bridging, strict=True))
        record = {**_common(parameters, tracks, settled, dates, grid), "representativeness": strength.record()}
        self.maker = DraftMaker(
            evidence,
            "ranges",
            record,
            _references(parameters),
            sample_of(sequences),
            caveats=(
                text("population", "tagged_only"),
                *bridging_caveats([how[stay.sequence_id] for stay in sequences], settled.pooled, parameters),
                *wide_caveats(grid),
                *strength.caveats(),
            ),
        )

    def drafts(self) -> list[Draft]:
        """Polygons, and the raster that they are drawn from."""
        core, wide = COLOURS[self.name]
        entries = tuple(
            legend_class(part, text("ranges", f"class_{part}"), self._rule(level), colour)
            for part, level, colour in (
                ("core", self.parameters.core_level, core),
                ("range", self.parameters.range_level, wide),
            )
        )
        legend = Legend(geometry="polygon", classes=entries, opacity=0.6, visible=False, order=0)
        properties = (_property("use_percent", unit="%"), _property("n_animals"), _property("area_km2", unit="km²"))
        statement = joined(self._statement(), self.method)
        return [
            self.maker.features(f"{self.name}-range", self._polygons(), legend, properties, statement),
            self.maker.raster(f"{self.name}-use", self.use.mass.astype(np.float32), self.use.grid, statement),
        ]

    def _animals(self, done: Done) -> Iterator[UtilisationDistribution]:
        for place, (_, own) in enumerate(groupby(done, key=lambda pair: pair[0].animal_id)):
            mean = mean_distribution([read_use(path, self.grid) for _, path in own])
            self.drawn.add(place, mean)
            yield mean

    def _polygons(self) -> "GeoDataFrame":
        from geopandas import GeoDataFrame

        rows = []
        for part, level in (("range", self.parameters.range_level), ("core", self.parameters.core_level)):
            footprint = footprint_of(self.use, level)
            min_m2 = self.parameters.min_patch_m2
            outline = mask_to_polygons(
                footprint.mask, footprint.grid, min_part_m2=min_m2, min_hole_m2=min_m2, smoothing=SMOOTHING
            )
            rows.append(
                {
                    "class": part,
                    "use_percent": 100 * level,
                    "n_animals": self.drawn.n_animals,
                    "area_km2": footprint.area_m2 / SQUARE_METRES_PER_KM2,
                    "geometry": outline,
                }
            )
        return GeoDataFrame([row for row in rows if not row["geometry"].is_empty], crs=self.grid.crs)

    def _statement(self) -> Text:
        if self.name == "annual":
            return text("ranges", "annual_statement", start=self.parameters.bio_year_start)
        return text("ranges", "season_statement", dates=self.dates)

    def _rule(self, level: float) -> Text:
        return text("ranges", "class_rule", percent=number(100 * level), n_animals=self.drawn.n_animals)


def _common(
    parameters: RangeParameters,
    tracks: TrackRecord,
    settled: SettledSequences,
    dates: dict[str, str],
    grid: Grid,
) -> dict[str, Any]:
    return {
        **parameters.model_dump(mode="json"),
        "cell_m": grid.cell_m,
        "crs": grid.crs.to_string(),
        "season_dates": dates,
        "isopleth_basis": "volume",
        "speed_limit_mps": tracks.group.rules.vmax_mps,
        "cleaning": cleaning_record(tracks.group),
        "smoothed_animals": tracks.n_smoothed,
        **bridging_record(settled.bridging, settled.pooled),
    }


def _references(parameters: RangeParameters) -> tuple[str, ...]:
    return KERNEL_REFERENCES if parameters.range_method == "kernel" else REFERENCES


def _status(settled: SettledSequences, done: Done) -> pd.DataFrame:
    names = {stay.sequence_id for stay, _ in done}
    is_lost = settled.status["is_used"] & ~settled.status["sequence_id"].isin(names)
    return settled.status.assign(
        reason=settled.status["reason"].where(~is_lost, "It could not be computed; the build says why.")
    )


def _property(name: str, *, unit: str = "") -> Property:
    return feature_property("ranges", name, unit=unit)


_STAY_PROPERTIES = [
    *(_property(name) for name in ("animal", "season", "year", "start_date", "end_date", "n_fixes")),
    _property("left_out_because"),
]
