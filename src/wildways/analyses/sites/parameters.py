"""Parameters of the important-sites analysis, with the defaults of the field."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class SiteParameters(BaseModel):
    """What can be set under ``parameters`` of an analysis with ``method = "important-sites"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colonies: tuple[tuple[Longitude, Latitude], ...] = Field(
        min_length=1, description="Longitude and latitude of each colony; an animal belongs to the one it stays near."
    )
    inner_km: float = Field(15.0, gt=0, description="An animal farther than this from its colony is on a trip.")
    return_km: float = Field(
        45.0, gt=0, description="A trip whose last fix is nearer than this has returned; others are not used."
    )
    min_duration_h: float = Field(12.0, ge=0, description="Shorter absences are no trips, hours.")
    max_gap_d: float = Field(365.0, gt=0, description="A longer time without a fix ends a trip, days.")
    scale: Literal["magnitude", "reference", "search"] = Field(
        "magnitude",
        description="What the kernel's width is taken from: `magnitude` of the range (its logarithm), `reference` "
        "bandwidth, or the scale of area-restricted `search`.",
    )
    scale_km: float | None = Field(None, gt=0, description="Width of the kernel in kilometres, instead.")
    level: float = Field(0.5, gt=0, lt=1, description="Volume isopleth that makes an animal's core, as a share.")
    cell_km: float | None = Field(None, gt=0, description="Edge of a grid cell; without it a quarter of the scale.")
    n_orders: int = Field(100, ge=10, le=10_000, description="Random orders of animals for representativeness.")
    seed: int = Field(1, ge=0, description="Of the random orders.")
    threshold: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of the population that must use a site; without it by representativeness, 0.1 to 0.5.",
    )
    population_size: int | None = Field(None, ge=1, description="Individuals of the colonies together.")
    global_individuals: int | None = Field(None, ge=1, description="Individuals of the species.")
    biogeographic_individuals: int | None = Field(
        None, ge=1, description="Individuals of the biogeographic population."
    )
    individuals_per_unit: float = Field(2.0, gt=0, description="Individuals of a reproductive unit, 2 for a pair.")
    red_list: Literal["CR", "EN", "VU", "NT", "LC", "DD", "NE"] | None = Field(
        None, description="Category of the IUCN Red List."
    )
    speed_limit_mps: float | None = Field(
        None, gt=0, description="Speed above which a fix is a spike, m/s; without it that of the taxon's group."
    )
    smoothing_step_h: float | None = Field(
        None, gt=0, description="Hours between the smoothed positions of Argos and geolocator tags."
    )
    compat: Literal["track2KBA"] | None = Field(
        None, description="`track2KBA` computes as the R package of that name does, for comparison."
    )
