"""What a simulated herd is made of: ranges, a corridor, dates, motion, tags. Read from TOML or written in Python."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LonLat = tuple[float, float]


@dataclass(frozen=True)
class RangeSpec:
    """A seasonal range: homes are scattered around its centre, and the way there leaves the trunk by `via`."""

    centre: LonLat
    spread_m: float
    """Standard deviation of homes around the centre along each axis."""
    share: float = 1.0
    """How many of the animals, relative to the other ranges."""
    via: tuple[LonLat, ...] = ()
    """Points between the trunk and the range, in order from the trunk."""


@dataclass(frozen=True)
class TrunkPoint:
    """A point that every migrant passes, and how wide the corridor is there."""

    position: LonLat
    width_m: float
    """Standard deviation of the animals across the corridor."""


@dataclass(frozen=True)
class StopoverSpec:
    """A place on the way where animals pause."""

    at: float
    """Share of the way from the origin, 0…1."""
    days: float
    """Mean length of the pause; that of an animal is exponential around it."""


@dataclass(frozen=True)
class MigrationSpec:
    """When and how fast animals leave."""

    departure: tuple[int, int]
    """Month and day, on average."""
    departure_sd_days: float
    km_per_day: float


@dataclass(frozen=True)
class HerdSpec:
    """A herd: animals are at an origin when the biological year begins (1 February) and migrate to a goal and back."""

    name: str
    taxon: str
    study: str
    n_animals: int
    origins: tuple[RangeSpec, ...]
    goals: tuple[RangeSpec, ...]
    trunk: tuple[TrunkPoint, ...]
    outward: MigrationSpec
    back: MigrationSpec
    stopovers: tuple[StopoverSpec, ...] = ()
    first_year: int = 2020
    n_start_years: int = 2
    """Animals are collared in this many years."""
    tracking_days: tuple[float, float] = (365, 500)
    """Shortest and longest life of a tag."""
    resident_share: float = 0.0
    meander_m: float = 0.0
    """How far the trunk winds about the straight lines between its points."""
    home_sd_m: float = 3_000
    """Standard deviation of an animal's positions around its home."""
    motion_variance_m2_per_s: float = 20.0
    """Variance of Brownian motion along each axis, a second."""
    location_error_m: float = 15.0
    """Standard deviation of the position error along each axis."""
    fix_interval_h: float = 6.0
    missing_share: float = 0.02
    gap_share: float = 0.3
    """Probability that an animal's track has a gap of several days."""
    death_share: float = 0.1
    """Probability that an animal dies and its tag goes on where it lies."""
    marked_outlier_share: float = 0.0005
    unmarked_outlier_share: float = 0.0005


def read_herds(path: Path) -> list[HerdSpec]:
    """The herds of a TOML file: ``[[herds]]`` tables with the fields of :class:`HerdSpec`."""
    return [_herd(table) for table in tomllib.loads(path.read_text(encoding="utf-8"))["herds"]]


def _herd(table: dict[str, Any]) -> HerdSpec:
    nested = {
        "origins": tuple(_range(entry) for entry in table["origins"]),
        "goals": tuple(_range(entry) for entry in table["goals"]),
        "trunk": tuple(TrunkPoint((lon, lat), width_m) for lon, lat, width_m in table["trunk"]),
        "stopovers": tuple(StopoverSpec(at, days) for at, days in table.get("stopovers", ())),
        "outward": _migration(table["outward"]),
        "back": _migration(table["back"]),
        "tracking_days": tuple(table.get("tracking_days", HerdSpec.tracking_days)),
    }
    return HerdSpec(**{**table, **nested})


def _range(table: dict[str, Any]) -> RangeSpec:
    via = tuple((lon, lat) for lon, lat in table.get("via", ()))
    return RangeSpec(tuple(table["centre"]), table["spread_m"], table.get("share", 1.0), via)


def _migration(table: dict[str, Any]) -> MigrationSpec:
    return MigrationSpec(tuple(table["departure"]), table["departure_sd_days"], table["km_per_day"])
