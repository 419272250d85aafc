"""What the corridors analysis says about itself: methods in words, rules of classes, caveats."""

from dataclasses import dataclass

import numpy as np

from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import PopulationUse
from wildways.analyses.corridors.units import location_errors
from wildways.analyses.texts import joined, text
from wildways.model import Text
from wildways.movement import UseClasses

FEW_ANIMALS = 20
WIDE_M = 2_000_000.0
USUAL_LAG_H = 12.0
_EARTH_RADIUS_M = 6_371_000.0


@dataclass(frozen=True)
class Statements:
    """The statements about one population, filled with the numbers that were used."""

    parameters: CorridorParameters
    population: PopulationUse
    classes: UseClasses
    route_cell_m: float
    route_gap_h: float
    n_windows: int
    n_decided: int
    n_smoothed: int = 0
    smoothed_steps_h: tuple[float, ...] = ()

    def corridors(self) -> Text:
        """How the classes of use were found."""
        level = number(100 * self.parameters.footprint_level)
        rule = text("corridors", "footprint_statement", level=level, scheme=self.classes.scheme.name)
        return joined(rule, self._bridge(), self._seasons())

    def stopovers(self) -> Text:
        """How stopovers were found."""
        level = number(100 * self.parameters.stopover_level)
        return joined(text("corridors", "stopover_statement", level=level), self._bridge(), self._seasons())

    def routes(self) -> Text:
        """How routes were drawn."""
        cell_km, gap_h = number(self.route_cell_m / 1000), number(self.route_gap_h)
        return joined(text("corridors", "route_statement", cell_km=cell_km, max_gap_h=gap_h), self._seasons())

    def use(self) -> Text:
        """What the raster of use holds."""
        return joined(text("corridors", "use_statement"), self._bridge(), self._seasons())

    def sequences(self) -> Text:
        """What the account of the migrations holds."""
        return joined(text("corridors", "sequence_statement"), self._seasons())

    def class_rule(self, min_animals: int) -> Text:
        """What a class of use asks for, in animals and percent."""
        n_animals = self.population.n_animals
        percent = f"{100 * min_animals / n_animals:.0f}"
        return text("corridors", "class_rule", min_animals=min_animals, n_animals=n_animals, percent=percent)

    def caveats(self) -> tuple[Text, ...]:
        """What a reader of any of the maps must know."""
        caveats = [text("corridors", "tagged_only")]
        if self.population.n_failed:
            caveats.append(text("corridors", "failed", n=self.population.n_failed))
        if (self.parameters.max_lag_h or 0.0) > USUAL_LAG_H:
            caveats.append(text("corridors", "sparse", max_lag_h=number(self.parameters.max_lag_h or 0.0)))
        if self.n_smoothed:
            steps_h = ", ".join(number(step) for step in self.smoothed_steps_h)
            caveats.append(text("corridors", "smoothed", n=self.n_smoothed, steps_h=steps_h))
        return (*caveats, *self._wide())

    def class_caveats(self) -> tuple[Text, ...]:
        """What a reader of the classes must know besides."""
        n_animals = self.population.n_animals
        caveats = [text("corridors", "few_animals", n_animals=n_animals)] if n_animals < FEW_ANIMALS else []
        names = [text("corridors", collapsed.name) for collapsed in self.classes.collapsed]
        if names:
            listed = {language: ", ".join(name[language].lower() for name in names) for language in names[0]}
            caveats.append(_with_text("collapsed", "classes", listed, n_animals=n_animals))
        return tuple(caveats)

    def _bridge(self) -> Text:
        return _with_text(
            "bridge",
            "integration",
            text("corridors", f"integration_{self.parameters.compat or 'exact'}"),
            error_m=self._error(),
            max_lag_h=number(self.parameters.max_lag_h or 0.0),
            cell_m=number(self.population.grid.cell_m),
        )

    def _error(self) -> str:
        """The errors of the positions, metres: one, or the span that holds nine in ten."""
        given = self.parameters.location_error_m
        errors = np.concatenate([location_errors(sequence, given) for sequence in self.population.sequences])
        low, high = (number(float(value)) for value in np.quantile(errors, (0.05, 0.95)))
        return low if low == high else f"{low}–{high}"

    def _seasons(self) -> Text:
        return text("corridors", "seasons_statement", n_decided=self.n_decided, n_windows=self.n_windows)

    def _wide(self) -> tuple[Text, ...]:
        west, south, east, north = self.population.grid.bounds
        span_m = float(np.hypot(east - west, north - south))
        if span_m < WIDE_M:
            return ()
        at_edge = 1 / np.cos(span_m / 2 / _EARTH_RADIUS_M / 2) - 1
        return (text("corridors", "wide", span_km=f"{span_m / 1000:.0f}", percent=number(100 * at_edge)),)


def number(value: float) -> str:
    """A number for people: three digits where there are no more before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _with_text(message: str, name: str, part: Text, **values: object) -> Text:
    """A message one of whose placeholders is a text itself."""
    return {language: text("corridors", message, **{name: word}, **values)[language] for language, word in part.items()}
