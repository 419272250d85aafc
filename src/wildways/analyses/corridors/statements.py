"""What the corridors analysis says about itself: methods in words, rules of classes, caveats."""

from dataclasses import dataclass

from wildways.analyses.corridors.parameters import CorridorParameters
from wildways.analyses.corridors.population import PopulationUse
from wildways.analyses.population import number, ud_statement, wide_caveats, with_text
from wildways.analyses.texts import joined, text
from wildways.model import Text
from wildways.movement import UseClass, UseClasses, UseScheme

FEW_ANIMALS = 20
USUAL_LAG_H = 12.0
NAMED = ("low", "medium", "high")


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

    @property
    def scheme(self) -> UseScheme:
        """The scheme of the classes."""
        return self.classes.scheme

    def corridors(self) -> Text:
        """How the classes of use were found."""
        kind = {"mean": "footprint_statement_mean"}.get(self.scheme.footprint_of, "footprint_statement")
        if self.parameters.ud_method == "line-buffer":
            kind = "footprint_statement_line"
        level = number(100 * self.parameters.footprint_level)
        rule = text("corridors", kind, level=level, scheme=self.scheme.name)
        return joined(rule, self._bridge(), self._seasons())

    def footprint(self) -> Text:
        """What the raster of animals holds."""
        return joined(text("corridors", "count_statement"), self.corridors())

    def stopovers(self) -> Text:
        """How stopovers were found."""
        kind = "stopover_statement" if self.scheme.stopover_basis == "volume" else "stopover_statement_area"
        level = number(100 * self.parameters.stopover_level)
        return joined(text("corridors", kind, level=level), self._bridge(), self._seasons())

    def stopover_rule(self) -> Text:
        """What makes a place a stopover."""
        kind = "stopover_rule" if self.scheme.stopover_basis == "volume" else "stopover_rule_area"
        return text("corridors", kind, percent=number(100 * self.parameters.stopover_level))

    def routes(self) -> Text:
        """How routes were drawn."""
        cell_km, gap_h = number(self.route_cell_m / 1000), number(self.route_gap_h)
        return joined(text("corridors", "route_statement", cell_km=cell_km, max_gap_h=gap_h), self._seasons())

    def use(self) -> Text:
        """What the raster of use holds."""
        kind = "use_statement" if self.scheme.equal_weight == "animals" else "use_statement_years"
        return joined(text("corridors", kind), self._bridge(), self._seasons())

    def sequences(self) -> Text:
        """What the account of the migrations holds."""
        return joined(text("corridors", "sequence_statement"), self._seasons())

    def class_label(self, use: UseClass) -> Text:
        """What a class is called: its own name where it is custom."""
        if use.name in NAMED:
            return text("corridors", use.name)
        if self.parameters.classes:
            words = use.name.replace("-", " ").replace("_", " ").capitalize()
            return dict.fromkeys(text("corridors", "low"), words)
        if use.min_share:
            return text("corridors", "class_share", percent=number(100 * use.min_share))
        return text("corridors", "class_animals", min_animals=use.min_animals)

    def class_labels(self) -> dict[str, Text]:
        """Of all classes of the scheme, by name."""
        return {use.name: self.class_label(use) for use in self.scheme.classes}

    def class_rule(self, min_animals: int) -> Text:
        """What a class of use asks for, in animals and percent."""
        n_animals = self.population.n_animals
        percent = f"{100 * min_animals / n_animals:.0f}"
        return text("corridors", "class_rule", min_animals=min_animals, n_animals=n_animals, percent=percent)

    def caveats(self) -> tuple[Text, ...]:
        """What a reader of any of the maps must know."""
        caveats = [text("population", "tagged_only")]
        if self.population.n_failed:
            caveats.append(text("corridors", "failed", n=self.population.n_failed))
        if self.parameters.min_animals > 1:
            caveats.append(text("corridors", "withheld", min_animals=self.parameters.min_animals))
        if (self.parameters.max_lag_h or 0.0) > USUAL_LAG_H:
            caveats.append(text("population", "sparse", max_lag_h=number(self.parameters.max_lag_h or 0.0)))
        if self.n_smoothed:
            steps_h = ", ".join(number(step) for step in self.smoothed_steps_h)
            caveats.append(text("population", "smoothed", n=self.n_smoothed, steps_h=steps_h))
        return (*caveats, *wide_caveats(self.population.grid))

    def class_caveats(self) -> tuple[Text, ...]:
        """What a reader of the classes must know besides."""
        n_animals = self.population.n_animals
        caveats = [text("corridors", "few_animals", n_animals=n_animals)] if n_animals < FEW_ANIMALS else []
        labels = self.class_labels()
        names = [labels[collapsed.name] for collapsed in self.classes.collapsed]
        if names:
            listed = {language: ", ".join(name[language].lower() for name in names) for language in names[0]}
            caveats.append(with_text("corridors", "collapsed", "classes", listed, n_animals=n_animals))
        return tuple(caveats)

    def _bridge(self) -> Text:
        return ud_statement(self.parameters, self.parameters.ud_method, self.population.sequences, self.population.grid)

    def _seasons(self) -> Text:
        return text("corridors", "seasons_statement", n_decided=self.n_decided, n_windows=self.n_windows)
