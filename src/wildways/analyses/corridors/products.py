"""From a population's counts, use and sequences to products with their legends, properties and method records."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from wildways.analyses.contract import Draft, PopulationEvidence
from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import PopulationUse
from wildways.analyses.corridors.statements import FEW_ANIMALS, Statements
from wildways.analyses.population import (
    DraftMaker,
    SettledSequences,
    TrackRecord,
    bridging_caveats,
    bridging_record,
    feature_property,
    legend_class,
    measure_strength,
    number,
    ramp,
    sample_of,
    sequence_table,
)
from wildways.analyses.quality.rules import cleaning_record
from wildways.analyses.texts import text
from wildways.model import Derivation, Legend, Property
from wildways.movement import (
    UseClasses,
    UtilisationDistribution,
    classify_use,
    corridor_polygons,
    find_stopovers,
    migrations,
    route_lines,
)

COLOURS = ("#f6c65b", "#e8792b", "#a3195b")
"""Of the widest class, one between, the narrowest."""
STOPOVER_COLOUR = "#3b3486"
ROUTE_COLOURS = {"spring": "#2a9d8f", "autumn": "#7a5c3e"}
LEAST_ROUTE_CELL_M = 1_000.0
LEAST_ROUTE_GAP_H = 48.0
REFERENCES = (
    "Sawyer et al. (2009), Ecological Applications 19:2016, doi:10.1890/08-2034.1",
    "Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976",
)
BRIDGE_REFERENCES = {
    "bridge": "Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1",
    "fixed-variance": "Horne et al. (2007), Ecology 88:2354, doi:10.1890/06-0957.1",
    "dynamic-bridge": "Kranstauber et al. (2012), Journal of Animal Ecology 81:738, "
    "doi:10.1111/j.1365-2656.2012.01955.x",
}
SMOOTHER_REFERENCES = (
    "Johnson et al. (2008), Ecology 89:1208, doi:10.1890/07-1032.1",
    "Freitas et al. (2008), Marine Mammal Science 24:315, doi:10.1111/j.1748-7692.2007.00180.x",
)


def corridor_drafts(
    evidence: PopulationEvidence,
    parameters: CorridorParameters,
    tracks: TrackRecord,
    settled: SettledSequences,
    population: PopulationUse,
) -> list[Draft]:
    """The population's products: corridors, stopovers, routes, footprint, use and the account of its sequences."""
    if not population.n_animals:
        return []
    maker = _Maker(evidence, parameters, tracks, settled, population)
    use = population.use
    drafts = [maker.corridors()]
    drafts += [maker.stopovers(use)] if use else []
    drafts += [maker.routes()] if parameters.min_animals == 1 else []
    drafts += [maker.footprint()]
    drafts += [maker.use(use)] if use else []
    return [*drafts, maker.sequences()]


class _Maker:
    """Makes the products of one population."""

    def __init__(
        self,
        evidence: PopulationEvidence,
        parameters: CorridorParameters,
        tracks: TrackRecord,
        settled: SettledSequences,
        population: PopulationUse,
    ) -> None:
        self.parameters, self.settled, self.population = parameters, settled, population
        self.classes = classify_use(population.counts, population.n_animals, parameters.use_scheme())
        self.strength = measure_strength(
            population.drawn,
            footprints=population.footprints,
            classes={found.name: found.min_animals for found in self.classes.found},
        )
        self.says = _statements(parameters, tracks, population, self.classes)
        is_line = parameters.ud_method == "line-buffer"
        self.drafts = DraftMaker(
            evidence,
            "corridors",
            parameters={**parameters.model_dump(mode="json"), **self._settled(tracks)},
            references=self._references(),
            sample=sample_of(population.sequences),
            derivation=Derivation.TRACKING_LINE if is_line else Derivation.TRACKING_UD,
            caveats=(
                *self.says.caveats(),
                *bridging_caveats(settled.bridging, settled.pooled, parameters),
                *self.strength.caveats(),
            ),
        )

    def corridors(self) -> Draft:
        frame = corridor_polygons(self.classes, self.population.grid, min_part_m2=self.parameters.min_patch_m2)
        labels, colours = self.says.class_labels(), ramp(COLOURS, len(self.classes.scheme.classes))
        entries = [
            legend_class(
                found.name, labels[found.name], self.says.class_rule(found.min_animals), colours[found.rank - 1]
            )
            for found in reversed(self.classes.found)
        ]
        legend = Legend(geometry="polygon", classes=tuple(entries), opacity=0.75, order=1)
        properties = (
            _property("min_animals", "n_animals_at_least"),
            _property("n_animals"),
            _property("area_km2", unit="km²"),
        )
        caveats = (*self.says.class_caveats(), *self.strength.stability_caveats(labels))
        return self.drafts.features("corridors", frame, legend, properties, self.says.corridors(), caveats=caveats)

    def stopovers(self, use: UtilisationDistribution) -> Draft:
        frame = find_stopovers(
            use,
            level=self.parameters.stopover_level,
            basis=self.classes.scheme.stopover_basis,
            min_area_m2=self.parameters.min_patch_m2,
        )
        frame = frame.assign(**{"class": "stopover"}, use_percent=100 * frame["share_of_use"])
        label, rule = text("corridors", "stopover_class"), self.says.stopover_rule()
        entry = legend_class("stopover", label, rule, STOPOVER_COLOUR)
        legend = Legend(geometry="polygon", classes=(entry,), opacity=0.8, order=2)
        properties = (_property("use_percent", unit="%"), _property("area_km2", unit="km²"))
        return self.drafts.features("stopovers", frame, legend, properties, self.says.stopovers())

    def routes(self) -> Draft:
        frame = route_lines(
            list(self.population.sequences),
            crs=self.population.grid.crs,
            generalise_m=self.says.route_cell_m,
            max_gap_h=self.says.route_gap_h,
        ).rename(columns={"start_utc": "start_date", "end_utc": "end_date"})
        frame = frame.assign(**{"class": frame["season"]})
        rule = text("corridors", "route_rule", cell_km=number(self.says.route_cell_m / 1000))
        entries = [
            legend_class(season, text("corridors", f"route_class_{season}"), rule, ROUTE_COLOURS[season])
            for season in self.parameters.seasons
        ]
        legend = Legend(geometry="line", classes=tuple(entries), visible=False, order=3)
        properties = (
            *(_property(name) for name in ("season", "year", "start_date", "end_date")),
            _property("duration_d", unit="d"),
            _property("length_km", unit="km"),
            _property("displacement_km", unit="km"),
        )
        return self.drafts.features(
            "routes", frame, legend, properties, self.says.routes(), derivation=Derivation.TRACKING_LINE
        )

    def footprint(self) -> Draft:
        counts = np.where(self.population.counts >= self.parameters.min_animals, self.population.counts, 0)
        return self.drafts.raster("footprint", counts.astype(np.uint16), self.population.grid, self.says.footprint())

    def use(self, use: UtilisationDistribution) -> Draft:
        return self.drafts.raster("use", use.mass.astype(np.float32), use.grid, self.says.use())

    def sequences(self) -> Draft:
        status = self._status()
        names = status["sequence_id"]
        how = {s.sequence_id: b for s, b in zip(self.settled.sequences, self.settled.bridging, strict=True)}
        variances = self.population.motion_variances_m2_per_s
        frame = sequence_table(
            status,
            motion_variance_m2_per_s=_column([variances.get(name) for name in names], status),
            motion_variance_from=pd.Series(
                [how[name].variance_from if name in variances else "" for name in names], status.index, dtype=str
            ),
            leave_one_out=_column([self._stability().get(animal) for animal in status["animal_id"]], status),
        )
        return self.drafts.table("sequences", frame, tuple(_SEQUENCE_PROPERTIES), self.says.sequences())

    def _status(self) -> pd.DataFrame:
        """The account with those left out that could not be computed."""
        status = self.settled.status
        done = {sequence.sequence_id for sequence in self.population.sequences}
        is_lost = status["is_used"] & ~status["sequence_id"].isin(done)
        reason = "It could not be computed; the build says why."
        return status.assign(reason=status["reason"].where(~is_lost, reason), is_used=status["is_used"] & ~is_lost)

    def _stability(self) -> dict[str, float]:
        animals = sorted({sequence.animal_id for sequence in self.population.sequences})
        narrowest = list((self.strength.stability or {}).values())[-1:]
        return dict(zip(animals, narrowest[0].tolist(), strict=True)) if narrowest else {}

    def _settled(self, tracks: TrackRecord) -> dict[str, Any]:
        scheme = self.classes.scheme
        return {
            "cell_m": self.population.grid.cell_m,
            "crs": self.population.grid.crs.to_string(),
            "speed_limit_mps": tracks.group.rules.vmax_mps,
            "cleaning": cleaning_record(tracks.group),
            "smoothed_animals": self.says.n_smoothed,
            "smoothed_steps_h": list(self.says.smoothed_steps_h),
            "route_cell_m": self.says.route_cell_m,
            "scheme_rule": asdict(scheme),
            "classes_min_animals": {found.name: found.min_animals for found in self.classes.found},
            "advised_min_animals": FEW_ANIMALS,
            "windows_decided_by_people": self.says.n_decided,
            "representativeness": self.strength.record(),
            **bridging_record(self.settled.bridging, self.settled.pooled),
        }

    def _references(self) -> tuple[str, ...]:
        method = BRIDGE_REFERENCES.get(self.parameters.ud_method)
        smoother = SMOOTHER_REFERENCES if self.says.n_smoothed else ()
        return (*((method,) if method else ()), *REFERENCES, *smoother, self.classes.scheme.reference)


def _statements(
    parameters: CorridorParameters, tracks: TrackRecord, population: PopulationUse, classes: UseClasses
) -> Statements:
    windows = migrations(tracks.windows)
    return Statements(
        parameters,
        population,
        classes,
        route_cell_m=parameters.route_cell_m or max(LEAST_ROUTE_CELL_M, population.grid.cell_m),
        route_gap_h=max(LEAST_ROUTE_GAP_H, parameters.max_lag_h or 0.0),
        n_windows=len(windows),
        n_decided=int((windows["decided_by"] != "automatic").sum()),
        smoothed_steps_h=tracks.smoothed_steps_h,
        n_smoothed=tracks.n_smoothed,
    )


def _column(values: list[float | None], status: pd.DataFrame) -> "pd.Series[float]":
    return pd.Series(values, status.index, dtype="float64")


def _property(name: str, label: str | None = None, *, unit: str = "") -> Property:
    return feature_property("corridors", name, label, unit=unit)


_SEQUENCE_PROPERTIES = [
    *(_property(name) for name in ("animal", "season", "year", "start_date", "end_date", "n_fixes")),
    _property("motion_variance_m2_per_s", "motion_variance", unit="m²/s"),
    _property("motion_variance_from"),
    _property("leave_one_out"),
    _property("left_out_because"),
]
