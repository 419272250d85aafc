"""Parameters that every analysis of utilisation distributions has, with the defaults of the field."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
UdMethod = Literal["bridge", "dynamic-bridge", "fixed-variance", "line-buffer"]


class DistributionParameters(BaseModel):
    """How distributions are computed from tracks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ud_method: UdMethod = Field(
        "bridge",
        description="How use between fixes is found: `bridge` (Brownian, one motion variance a migration), "
        "`dynamic-bridge` (the variance changes on the way), `fixed-variance` (given, for sparse fixes), "
        "`line-buffer` (the ground beside the straight way; footprints only).",
    )
    motion_variance_m2_per_s: float | None = Field(
        None,
        ge=0,
        description="Brownian motion variance, m²/s: of all with `fixed-variance`; else of those with too few fixes to "
        "tell their own, where without it the median of the others is taken.",
    )
    dynamic_window: int = Field(31, ge=5, description="Fixes in a window of the dynamic bridge; odd.")
    dynamic_margin: int = Field(11, ge=3, description="Fixes at each end of a window without a break; odd.")
    buffer_m: float = Field(200.0, gt=0, description="Width of the line buffer to each side, metres.")
    cell_m: float | None = Field(
        None, gt=0, description="Edge of a grid cell in metres; without it the finest that keeps the grid small."
    )
    margin_share: float = Field(0.2, ge=0, le=2, description="Margin around all tracks used, as a share of the extent.")
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
    trim_level: float = Field(
        0.9999, gt=0, le=1, description="Share of each distribution's volume that is kept; the rest is set to zero."
    )
    min_patch_m2: float = Field(20_000.0, ge=0, description="Smaller parts are dropped and smaller holes filled, m².")
    speed_limit_mps: float | None = Field(
        None, gt=0, description="Speed above which a fix is a spike, m/s; without it that of the taxon's group."
    )
    bio_year_start: MonthDay = Field("02-01", description="Month and day on which the biological year begins.")
    compat: Literal["BBMM"] | None = Field(
        None, description="`BBMM` computes bridges as the R package BBMM 3.0 does, for comparison."
    )

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        if self.ud_method == "fixed-variance" and self.motion_variance_m2_per_s is None:
            raise ValueError("fixed-variance needs motion_variance_m2_per_s")
        if self.compat and self.ud_method not in ("bridge", "fixed-variance"):
            raise ValueError(f"compat is for bridges, not for {self.ud_method}")
        if self.dynamic_window % 2 == 0 or self.dynamic_margin % 2 == 0:
            raise ValueError("dynamic_window and dynamic_margin must be odd")
        if self.dynamic_window < 2 * self.dynamic_margin + 1:
            raise ValueError("dynamic_window must hold more than two margins")
        return self

    @property
    def n_around(self) -> int:
        """Fixes beyond a sequence that its method asks for."""
        return self.dynamic_window if self.ud_method == "dynamic-bridge" else 0

    @property
    def bio_year_date(self) -> tuple[int, int]:
        """Month and day on which the biological year begins."""
        month, day = (int(part) for part in self.bio_year_start.split("-"))
        return month, day
