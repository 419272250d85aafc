"""Parameters of the corridors analysis, with the defaults of the field."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from wildways.model import Season

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class CorridorParameters(BaseModel):
    """What can be set under ``parameters`` of an analysis with ``method = "corridors"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seasons: tuple[Season, ...] = Field(
        (Season.SPRING, Season.AUTUMN), min_length=1, description="Migrations that are used."
    )
    cell_m: float | None = Field(
        None, gt=0, description="Edge of a grid cell in metres; without it the finest that keeps the grid small."
    )
    margin_share: float = Field(
        0.2, ge=0, le=2, description="Margin around all migrations, as a share of their extent."
    )
    location_error_m: float = Field(
        20.0,
        ge=0,
        description="Standard deviation of a GPS position along each axis, metres; smoothed positions have their own.",
    )
    smoothing_step_h: float | None = Field(
        None,
        gt=0,
        description="Hours between the smoothed positions of Argos and geolocator tags; "
        "without it by the median time between fixes, from 1 to 24.",
    )
    max_lag_h: float | None = Field(
        None,
        gt=0,
        description="Longest time between fixes that is bridged, hours; without it 8, more for tags that seldom fix.",
    )
    time_step_min: float = Field(5.0, gt=0, description="Longest step of the integration over time, minutes.")
    footprint_level: float = Field(
        0.99, gt=0, lt=1, description="Volume isopleth that makes an animal's footprint, as a share."
    )
    trim_level: float = Field(
        0.9999, gt=0, le=1, description="Share of each distribution's volume that is kept; the rest is set to zero."
    )
    stopover_level: float = Field(
        0.10, gt=0, lt=1, description="Volume isopleth of the population's use that makes the stopovers, as a share."
    )
    scheme: Literal["usgs", "usgs-shared"] = Field(
        "usgs",
        description="Rule for low, medium and high use: `usgs` from 1 animal, 10 % and 20 %; "
        "`usgs-shared` from 2 animals, so that routes of single animals stay out.",
    )
    min_patch_m2: float = Field(20_000.0, ge=0, description="Smaller parts are dropped and smaller holes filled, m².")
    speed_limit_mps: float | None = Field(
        None, gt=0, description="Speed above which a fix is a spike, m/s; without it that of the taxon's group."
    )
    bio_year_start: MonthDay = Field("02-01", description="Month and day on which the biological year begins.")
    route_cell_m: float | None = Field(
        None,
        gt=0,
        description="Cell to which routes are generalised, metres; without it the larger of 1 km and a cell.",
    )
    compat: Literal["BBMM"] | None = Field(
        None, description="`BBMM` computes bridges as the R package BBMM 3.0 does, for comparison."
    )
