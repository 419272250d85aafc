"""Parameters of the ranges analysis, with the defaults of the field."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from wildways.analyses.population import DistributionParameters, MonthDay

RangeName = Literal["winter", "summer", "annual"]
RangeMethod = Literal["bridge", "kernel"]


class RangeParameters(DistributionParameters):
    """What can be set under ``parameters`` of an analysis with ``method = "ranges"``."""

    ranges: tuple[RangeName, ...] = Field(
        ("winter", "summer", "annual"), min_length=1, description="Ranges that are made."
    )
    range_method: RangeMethod = Field(
        "bridge",
        description="`bridge`: use between fixes by `ud_method`; `kernel`: density of one position a day, reference "
        "bandwidth, for fixes too sparse to bridge.",
    )
    winter: tuple[MonthDay, MonthDay] | None = Field(
        None, description="First and last day of winter; without it 12-01 to 03-31, in the south 06-01 to 08-31."
    )
    summer: tuple[MonthDay, MonthDay] | None = Field(
        None, description="First and last day of summer; without it 06-01 to 08-31, in the south 12-01 to 03-31."
    )
    min_days: int = Field(30, ge=2, description="Days with fixes that a season of an animal needs to be used.")
    min_annual_days: int = Field(270, ge=2, description="Days with fixes that a year of an animal needs to be used.")
    core_level: float = Field(0.50, gt=0, lt=1, description="Volume isopleth of the core, as a share.")
    range_level: float = Field(0.95, gt=0, lt=1, description="Volume isopleth of the range, as a share.")

    @model_validator(mode="after")
    def _settings_make_sense(self) -> Self:
        if self.core_level >= self.range_level:
            raise ValueError("core_level must be below range_level")
        for day in (*(self.winter or ()), *(self.summer or ())):
            date.fromisoformat(f"2001-{day}")
        if self.ud_method == "line-buffer":
            raise ValueError("a line buffer says nothing of time, so it makes no range; take kernel")
        return self
