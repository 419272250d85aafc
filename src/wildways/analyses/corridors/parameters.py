"""Parameters of the corridors analysis, with the defaults of the field."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wildways.analyses.population import DistributionParameters
from wildways.model import BadInput, Season
from wildways.movement import UseClass, UseScheme, get_scheme

CUSTOM = "custom"


class ClassRule(BaseModel):
    """A class of a custom scheme: what a place needs to be of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=40)]
    min_animals: int = Field(1, ge=1)
    min_share: float = Field(0.0, ge=0, le=1)


class CorridorParameters(DistributionParameters):
    """What can be set under ``parameters`` of an analysis with ``method = "corridors"``."""

    seasons: tuple[Season, ...] = Field(
        (Season.SPRING, Season.AUTUMN), min_length=1, description="Migrations that are used."
    )
    footprint_level: float = Field(
        0.99, gt=0, lt=1, description="Volume isopleth that makes an animal's footprint, as a share."
    )
    stopover_level: float = Field(
        0.10, gt=0, lt=1, description="Isopleth of the population's use that makes the stopovers, as a share."
    )
    scheme: Literal["usgs-cmt", "mapp2", "mapp3", "utah", "custom"] = Field(
        "usgs-cmt",
        description="Rule for classes of use: `usgs-cmt` (low from 1 animal, medium 10 %, high 20 %), `mapp2` and "
        "`mapp3` (Migration Mapper 2 and 3), `utah` (medium 25 %, high 75 %), or `custom` with `classes`.",
    )
    classes: tuple[ClassRule, ...] = Field(
        (), description="Classes of a custom scheme, widest first: `name`, `min_animals`, `min_share` (0 to 1)."
    )
    min_animals: int = Field(
        1,
        ge=1,
        description="Places used by fewer animals are left out of every map, and above 1 the routes too: 2 keeps the "
        "ways of single animals out.",
    )
    route_cell_m: float | None = Field(
        None,
        gt=0,
        description="Cell to which routes are generalised, metres; without it the larger of 1 km and a cell.",
    )

    @model_validator(mode="after")
    def _classes_make_a_scheme(self) -> Self:
        if (self.scheme == CUSTOM) != bool(self.classes):
            raise ValueError("classes belong to the scheme custom, and it needs them")
        try:
            self.use_scheme()
        except BadInput as error:
            raise ValueError(error.message) from error
        return self

    def use_scheme(self) -> UseScheme:
        """The scheme as the science takes it."""
        if self.scheme != CUSTOM:
            return get_scheme(self.scheme).from_animals(self.min_animals)
        classes = tuple(UseClass(rule.name, rule.min_animals, rule.min_share) for rule in self.classes)
        return UseScheme(CUSTOM, classes, "Set in the module.").from_animals(self.min_animals)
