"""A small world for tests: two countries and a sea east of them; near the border one may be in either."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

BORDER, COAST = -110.0, -100.0
METRES_PER_DEGREE = 100_000.0


@dataclass(frozen=True)
class Here:
    """Where positions lie."""

    country: pa.Array
    countries: pa.Array
    sea_area: pa.Array


class SmallWorld:
    """AAA west of 110°W, BBB up to 100°W, then the Test Sea."""

    def __init__(self, version: str = "1") -> None:
        self.version = version

    def locate(
        self,
        longitude: NDArray[np.float64],
        latitude: NDArray[np.float64],
        uncertainty_m: NDArray[np.float64] | None = None,
    ) -> Here:
        """Where points lie."""
        assert np.isfinite(longitude).all()
        assert np.isfinite(latitude).all()
        unsure = np.zeros(len(longitude)) if uncertainty_m is None else np.nan_to_num(uncertainty_m)
        near = unsure / METRES_PER_DEGREE > np.abs(longitude - BORDER)
        country = [("AAA" if x < BORDER else "BBB") if x < COAST else None for x in longitude]
        sea = ["Test Sea" if x >= COAST else None for x in longitude]
        return Here(*map(_texts, (country, ["AAA BBB" if is_near else None for is_near in near], sea)))

    def locate_shapes(self, wkb: list[bytes | None]) -> Here:
        """Where shapes lie: in the country of their middle, and in all that they touch."""
        bounds = shapely.bounds(shapely.from_wkb(wkb)).reshape(-1, 4)
        west, east = bounds[:, 0], bounds[:, 2]
        middle = self.locate((west + east) / 2, np.zeros(len(bounds)))
        both = ["AAA BBB" if a < BORDER < b else None for a, b in zip(west, east, strict=True)]
        return Here(middle.country, _texts(both), middle.sea_area)


def _texts(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode()
